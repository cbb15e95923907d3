import type { Attempt, Halt, ObjectRef, Sighting } from '../../../domain/health.ts'
import { type Instant, type Sha, toInstant } from '../../../domain/ids.ts'
import { timeOf } from '../kube-object.ts'
import { cut, unknown } from '../rules.ts'
import { behind, infrastructureBehind, told } from '../workloads/diagnose.ts'
import { type Application, refOf } from './application.ts'
import type { ApplicationFacts as Facts } from './application-facts.ts'
import { type failedHooks, isFailed, isOfCompared, lateHook } from './last-sync.ts'
import { isApplied } from './left-out-of-sync.ts'

const running = (facts: Facts): Sha | undefined => (isApplied(facts) ? facts.compared : facts.deployed)

export const waiting =
  (detail: (facts: Facts) => string) =>
  (facts: Facts, reason: string): Sighting => ({
    is: 'waiting',
    ...revisionOf(running(facts)),
    reason,
    detail: cut(detail(facts)),
  })

export const progressing =
  (detail: (facts: Facts) => string) =>
  (facts: Facts, reason: string): Progressing => ({
    is: 'progressing',
    ...revisionOf(running(facts)),
    reason,
    detail: told(detail(facts), facts.diagnosis),
    ...behind(facts.diagnosis),
  })

/** With what it waits for by name, where that is no workload. */
export const progressingFor =
  (detail: (facts: Facts) => string, objectsOf: (facts: Facts) => readonly ObjectRef[]) =>
  (facts: Facts, reason: string): Progressing => {
    const sighting = progressing(detail)(facts, reason)
    const objects = objectsOf(facts)
    if (objects.length === 0) return sighting
    const infrastructure = infrastructureBehind(facts.diagnosis, detail(facts), objects)
    return { ...sighting, objects, ...(infrastructure === undefined ? {} : { infrastructure }) }
  }

type Progressing = Extract<Sighting, { is: 'progressing' }>

/** What a sync is about to bring: how the one before it ended, Argo CD does not tell any more. */
export function attemptOf(facts: Facts): { readonly attempt?: Attempt } {
  const { synced } = facts
  return synced === undefined || synced === running(facts) ? {} : { attempt: { revision: synced } }
}

interface FailureWords {
  readonly words: (facts: Facts) => string
  readonly objects: (facts: Facts) => readonly ObjectRef[]
  /** Where it is one of the last operation: why what was compared since cannot come, if that is another commit. */
  readonly ofLastSync?: (facts: Facts) => Halt
}

export const failed =
  (is: FailureWords) =>
  (facts: Facts, reason: string): Sighting => {
    const revision = is.ofLastSync === undefined ? facts.compared : facts.synced
    if (revision === undefined)
      return unknown(() => 'it failed at a revision that is no commit')(facts, 'argo.revision-unreadable')
    const words = is.words(facts)
    const objects = is.objects(facts)
    const late = is.ofLastSync === undefined ? undefined : lateHook(facts)
    const infrastructure = infrastructureBehind(facts.diagnosis, words, objects) ?? late
    return {
      is: 'failed',
      revision,
      reason,
      detail: told(words, facts.diagnosis),
      final: facts.diagnosis.final,
      objects,
      ...(infrastructure === undefined ? {} : { infrastructure }),
      ...(is.ofLastSync === undefined || isOfCompared(facts) ? {} : { halted: is.ofLastSync(facts) }),
    }
  }

/** Hooks and resources that the sync itself names. */
export function failedResources({ object }: Facts): readonly ObjectRef[] {
  const resources = object.status.operationState?.syncResult?.resources ?? []
  return resources.filter((resource) => resource.status === 'SyncFailed' || isFailed(resource)).map(refOf)
}

export const hookText = (hook: ReturnType<typeof failedHooks>[number]): string =>
  `${hook.hookType} hook ${hook.kind} ${hook.namespace ?? ''}/${hook.name}: ${hook.message}`

export function since({ status }: Application): { readonly since?: Instant } {
  const time = timeOf(status.health.lastTransitionTime)
  return time === undefined ? {} : { since: toInstant(time) }
}

const revisionOf = (revision: Sha | undefined) => (revision === undefined ? {} : { revision })
