import type { ObjectRef } from '../../../domain/health.ts'
import { type Instant, toInstant } from '../../../domain/ids.ts'
import { cut } from '../rules.ts'
import { crashesOf } from './crashes.ts'
import { infrastructureOf } from './infrastructure.ts'
import { infrastructureIn } from './message-causes.ts'
import { podsOf } from './pods-of.ts'
import { refusalOf, shortly } from './refused-pods.ts'
import { type RolloutState, rolloutState } from './rollout-state.ts'
import { unreadOf } from './unread.ts'
import type { Workload, Workloads } from './workload.ts'

export interface Diagnosis {
  /** The workloads that are not rolled out, but for what is left to people; pods are represented by what owns them. */
  readonly failing: readonly { readonly object: ObjectRef; readonly state: RolloutState }[]
  /** Those that people hold back, or are to bring further: whoever waits for them, they have not failed. */
  readonly leftToPeople: readonly { readonly object: ObjectRef; readonly state: RolloutState }[]
  /** Whether one of them is said to have failed, or to be over its deadline: more than that it is on its way. */
  readonly hasFailed: boolean
  /** Whether one of them says that it does not heal by itself. */
  readonly final: boolean
  /** Whether pods of one of them crash, which is more than that they are not there yet. */
  readonly isCrashing: boolean
  /** When a container of what was applied ended last, of those that are to run for good. */
  readonly restartedAt?: Instant
  /** Where every failing one is held back by the machine park, not by what it runs; or nobody can tell by what. */
  readonly infrastructure?: string
  /** What of the applied objects could not be looked at, in words: whether their pods crash is then not known. */
  readonly unread?: string
}

const none: Diagnosis = { failing: [], leftToPeople: [], hasFailed: false, final: false, isCrashing: false }

/** Which of the applied objects are not well, and whose fault it is. Where nothing was asked for the diagnosis is empty. */
export function diagnose(applied: readonly ObjectRef[], read: Workloads | undefined): Diagnosis {
  if (read === undefined) return none
  const judged = read.workloads
    .filter((workload) => applied.some((object) => isSame(object, workload)))
    .map((workload) => ({ workload, object: refOf(workload), state: stateOf(workload, read) }))
  const isLeft = ({ state }: { readonly state: RolloutState }) => state.leftToPeople !== undefined
  const failing = judged.filter((one) => one.state.is !== 'current' && !isLeft(one))
  const causes = failing.map(({ workload, object }) => infrastructureOf(workload, read) ?? unreadOf([object], read))
  const infrastructure = causes.every((cause) => cause !== undefined) ? causes[0] : undefined
  const unread = unreadOf(applied, read)
  return {
    failing: failing.map(({ object, state }) => ({ object, state })),
    leftToPeople: judged.filter(isLeft).map(({ object, state }) => ({ object, state })),
    hasFailed: failing.some(({ state }) => state.is !== 'in-progress'),
    final: failing.some(({ state }) => state.is === 'failed'),
    isCrashing: failing.some(({ workload }) => crashesOf(workload, podsOf(workload, read)).now),
    ...restartedAt(judged.map(({ workload }) => crashesOf(workload, podsOf(workload, read)).last)),
    ...(infrastructure === undefined ? {} : { infrastructure }),
    ...(unread === undefined ? {} : { unread }),
  }
}

function stateOf(workload: Workload, read: Workloads): RolloutState {
  const state = rolloutState(workload)
  const refusal = state.is === 'current' ? undefined : refusalOf(workload, read)
  return refusal === undefined ? state : { ...state, why: `no pod can be made: ${shortly(refusal)}` }
}

function restartedAt(times: readonly (number | undefined)[]): Pick<Diagnosis, 'restartedAt'> {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? {} : { restartedAt: toInstant(Math.max(...known)) }
}

/**
 * The words for a report: what the controller says, then what we saw: `Deployment shop/api: 0 of 2 replicas are available`.
 * What we could not see comes first, since whoever reads it can mend that.
 */
export function told(words: string, { failing, unread = '' }: Diagnosis): string {
  const seen = failing.map(({ object, state }) => `${refText(object)}: ${state.why}`).join('; ')
  return cut([unread, words, seen].filter((text) => text !== '').join(' | '))
}

/** Whether something of it runs nowhere until somebody acts. */
export const isHeldByPeople = ({ leftToPeople }: Diagnosis): boolean =>
  leftToPeople.some(({ state }) => state.is !== 'current')

export const isLeftToPeople = ({ leftToPeople }: Diagnosis, object: ObjectRef): boolean =>
  leftToPeople.some((left) => refText(left.object) === refText(object))

/** What people have to do for it: `Deployment shop/api: it is paused; somebody has to resume it`. */
export const toldToPeople = ({ leftToPeople }: Diagnosis): string =>
  cut(leftToPeople.map(({ object, state }) => `${refText(object)}: ${state.leftToPeople}`).join('; '))

/**
 * Why no release is to blame for what fails, where that is known, or cannot be: of objects that only the controller names,
 * while their pods cannot be read, a registry that is away would look like a bad release (T65).
 */
export const infrastructureBehind = (
  diagnosis: Diagnosis,
  words: string,
  objects: readonly ObjectRef[],
): string | undefined =>
  diagnosis.infrastructure ??
  infrastructureIn(words) ??
  (diagnosis.failing.length === 0 && objects.length > 0 ? diagnosis.unread : undefined)

/** What a sighting of progress carries of a diagnosis: for when it takes longer than it may. */
export const behind = ({ failing, isCrashing, infrastructure }: Diagnosis) => ({
  ...(failing.length === 0 ? {} : { objects: failing.map(({ object }) => object) }),
  ...(isCrashing ? { isCrashing } : {}),
  ...(infrastructure === undefined ? {} : { infrastructure }),
})

export const refText = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`

const refOf = ({ kind, metadata: { name, namespace } }: Workload): ObjectRef => ({
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
})

export const isSame = (object: ObjectRef, { kind, metadata }: Workload): boolean =>
  object.kind === kind && object.name === metadata.name && object.namespace === metadata.namespace
