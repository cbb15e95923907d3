import type { DeliverySpec } from '../domain/delivery.ts'
import { fillPlaceholders } from '../gates/placeholders.ts'
import type { Environment } from './checked-config.ts'

/** The delivery objects that must be healthy for one application of an environment. */
export const deliveryOf = (environment: Environment, application: string): readonly DeliverySpec[] =>
  environment.delivery.map((spec) =>
    spec.type === 'none'
      ? spec
      : {
          ...spec,
          namespace: fillPlaceholders(spec.namespace, { application }),
          name: fillPlaceholders(spec.name, { application }),
        },
  )
