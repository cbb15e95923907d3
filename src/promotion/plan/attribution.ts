import type { Environment } from '../../config/checked-config.ts'
import type { Health, ObjectRef } from '../../domain/health.ts'
import type { PromotionRecord, Slot } from '../snapshot.ts'

/** Everything that says whether a promotion is the cause of a failure. */
export interface Failure {
  readonly slot: Slot
  readonly health: Extract<Health, { is: 'failed' }>
  readonly environment: Environment
  /** The newest promotion or rollback of the slot. */
  readonly record: PromotionRecord | undefined
  /** The objects that the promotion changed; null where that could not be rendered. */
  readonly changed: readonly ObjectRef[] | null
}

export type Attribution =
  | { readonly is: 'attributed'; readonly evidence: readonly string[] }
  | { readonly is: 'unattributed'; readonly reason: keyof typeof attributionReasons; readonly detail: string }

/** What stands against it that the promotion is the cause. */
export const attributionReasons = {
  'attribution.no-promotion': 'no promotion of Sluice brought what runs there',
  'attribution.is-rollback': 'what failed is itself a rollback; a revert is never reverted',
  'attribution.other-release': 'something else was merged there after the last promotion',
  'attribution.not-healthy-before': 'it was not seen healthy when the promotion was merged over it',
  'attribution.other-changes': 'between the last healthy content and this one lies more than the promotion',
  'attribution.no-object': 'the controller does not name the objects that fail',
  'attribution.other-object': 'what fails was not changed by the promotion: {detail}',
  'attribution.unrendered': 'the difference that the promotion made could not be rendered',
  'attribution.after-watch': 'it failed later than `watch` after it was applied',
  'attribution.infrastructure': 'the cause is infrastructure: {detail}',
} as const

/** The first rule that stands against it answers; a promotion is the cause only where none does. */
export function attribute(failure: Failure): Attribution {
  for (const rule of rules) {
    const objection = rule(failure)
    if (objection !== undefined) return objection
  }
  const { health, record, slot } = failure
  return {
    is: 'attributed',
    evidence: [
      `${health.reason}: ${health.detail}`.slice(0, 500),
      `failing since ${new Date(health.since).toISOString()}`,
      `brought by #${record?.pull} (${record?.merge}), healthy before with ${record?.replaces.id}`,
      `content ${slot.inputs}`,
    ],
  }
}

const because = (reason: keyof typeof attributionReasons, detail = ''): Attribution => ({
  is: 'unattributed',
  reason,
  detail,
})

const rules: readonly ((failure: Failure) => Attribution | undefined)[] = [
  ({ record }) => (record === undefined ? because('attribution.no-promotion') : undefined),
  ({ record }) => (record?.kind === 'rollback' ? because('attribution.is-rollback') : undefined),
  ({ record, slot }) =>
    slot.release.is === 'pinned' && record?.release.id === slot.release.release.id
      ? undefined
      : because('attribution.other-release'),
  // Named before what follows from it, since a registry outage makes everything fail that starts a pod (T65).
  ({ health }) =>
    health.infrastructure === undefined ? undefined : because('attribution.infrastructure', health.infrastructure),
  // What was failing already, or out of sight, may fail on for the old cause (T71).
  ({ record }) => (record?.overHealthy === true ? undefined : because('attribution.not-healthy-before')),
  ({ record, slot }) => (record?.inputsAfter === slot.inputs ? undefined : because('attribution.other-changes')),
  insideWatch,
  ({ changed }) => (changed === null ? because('attribution.unrendered') : undefined),
  ({ health }) => (health.objects.length === 0 ? because('attribution.no-object') : undefined),
  ({ health, changed }) => {
    const other = health.objects.find((object) => !(changed ?? []).some((one) => sameObject(one, object)))
    const all = health.objects.every((object) => !(changed ?? []).some((one) => sameObject(one, object)))
    return all && other !== undefined ? because('attribution.other-object', nameOf(other)) : undefined
  },
]

function insideWatch({ health, slot, record, environment }: Failure): Attribution | undefined {
  const applied = slot.appliedAt ?? record?.mergedAt ?? health.since
  return health.since - applied > environment.health.watch ? because('attribution.after-watch') : undefined
}

const sameObject = (a: ObjectRef, b: ObjectRef): boolean =>
  a.kind === b.kind &&
  a.name === b.name &&
  (a.namespace === undefined || b.namespace === undefined || a.namespace === b.namespace)

const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
