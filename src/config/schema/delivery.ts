import { z } from 'zod'
import type { DeliverySpec } from '../../domain/delivery.ts'
import { strictObject } from '../../gates/strict-object.ts'
import { name, objectName } from './fields.ts'

const written = () =>
  z.discriminatedUnion('type', [
    strictObject({ type: z.literal('flux'), kustomization: objectName(), cluster: name() }),
    strictObject({ type: z.literal('argo-cd'), application: objectName(), cluster: name() }),
    strictObject({ type: z.literal('none') }),
  ])

type Written = z.output<ReturnType<typeof written>>

/** What must be healthy. */
export const delivery = () => written().transform(checkedDelivery)

function checkedDelivery(spec: Written): DeliverySpec {
  if (spec.type === 'none') return { type: 'none' }
  const [namespace = '', objectName = ''] = (spec.type === 'flux' ? spec.kustomization : spec.application).split('/')
  return { type: spec.type, cluster: spec.cluster, namespace, name: objectName }
}
