import { deliveryName } from '../../domain/delivery.ts'
import type { ReconcileRequest, RequestAnswer } from '../../ports/reconcile-requests.ts'
import type { Appliers } from '../effects.ts'
import type { RepositoryPorts } from '../repository-ports.ts'

/** Where it is counted how the asking went. */
export interface RequestsTold {
  reconcileRequested(is: RequestAnswer['is']): void
}

/**
 * Asks once for each merge and object, and once more after a restart at most. What goes wrong is told in log and metric
 * and is no failure of the effect: the controller looks by itself when its interval is over.
 */
export function requestReconcileOnce(
  { requests, log }: Pick<RepositoryPorts, 'requests' | 'log'>,
  told: RequestsTold,
): Appliers['request-reconcile'] {
  const asked = new Set<string>()
  return async (effect) => {
    const fresh = effect.requests.filter((one) => !asked.has(keyOf(one)))
    if (fresh.length === 0) return { is: 'already-so' }
    for (const one of fresh) asked.add(keyOf(one))
    const answers = await requests.ask(fresh)
    for (const { request, is, detail } of answers) {
      told.reconcileRequested(is)
      const fields = { slot: request.slot, object: deliveryName(request.expected.spec), is, detail }
      if (is === 'refused') log.warn(fields, 'a controller could not be asked to look now')
      else log.info(fields, 'a controller was asked to look now')
    }
    return { is: 'done' }
  }
}

const keyOf = ({ merge, expected }: ReconcileRequest): string => `${merge.commit} ${deliveryName(expected.spec)}`
