import { timestampOf, type World } from './controller.ts'
import { type Condition, conditionsOf, type KubeObject, withCondition, withoutCondition } from './kube-object.ts'

type Status = Condition['status']

/** A condition of an object as it is now. */
export const condition = (live: KubeObject, type: string, status: Status, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  ...(live.metadata.generation === undefined ? {} : { observedGeneration: live.metadata.generation }),
})

/** All conditions of an object with Ready set, and some taken away. */
export function ready(
  world: World,
  live: KubeObject,
  status: Status,
  reason: string,
  message: string,
  without: readonly string[],
): Condition[] {
  const kept = without.reduce((conditions, type) => withoutCondition(conditions, type), [...conditionsOf(live)])
  return withCondition(kept, condition(live, 'Ready', status, reason, message), timestampOf(world))
}
