import type { Attempt, Halt, ObjectRef, Sighting } from '../../../domain/health.ts'
import type { Sha } from '../../../domain/ids.ts'
import { conditionOf } from '../kube-object.ts'
import { cut, unknown } from '../rules.ts'
import { behind, infrastructureBehind, isLeftToPeople, told } from '../workloads/diagnose.ts'
import { objectsIn } from '../workloads/message-causes.ts'
import type { KustomizationFacts as Facts } from './kustomization-facts.ts'
import { lasting, outcomeBefore, succeeded } from './outcome.ts'

/** What is applied goes on being judged while nothing newer can come; but whoever waits for a newer one waits in vain. */
export function halted(sighting: Sighting, facts: Facts): Sighting {
  if (sighting.is === 'unknown' || sighting.is === 'waiting') return sighting
  if (isSourceSuspended(facts)) return { ...sighting, halted: suspended }
  if (isUnfetched(facts)) return { ...sighting, halted: { reason: unfetched, detail: cut(sourceText(facts)) } }
  if (facts.holdUp === 'DependencyNotReady')
    return { ...sighting, halted: { reason: dependency, detail: cut(readyText(facts)) } }
  return sighting
}

export const conditions = ({ object }: Facts) => object.status.conditions
export const ready = (facts: Facts) => conditionOf(conditions(facts), 'Ready')
export const readyText = (facts: Facts): string => ready(facts)?.message ?? ''

export const waiting =
  (detail: string) =>
  (facts: Facts, reason: string): Sighting => ({ is: 'waiting', ...revisionOf(facts.applied), reason, detail })

export const progressing =
  (detail: (facts: Facts) => string) =>
  (facts: Facts, reason: string): Extract<Sighting, { is: 'progressing' }> => ({
    is: 'progressing',
    ...revisionOf(facts.applied),
    reason,
    detail: cut(detail(facts)),
    ...attemptOf(facts),
    ...behind(facts.diagnosis),
    ...heldUp(facts),
  })

/** Beyond what is applied, Flux is at another revision: how the one before that ended tells what of it is new. */
function attemptOf(facts: Facts): { readonly attempt?: Attempt } {
  const { attempted, applied, object } = facts
  if (attempted === undefined || attempted === applied) return {}
  const before = outcomeBefore(object)
  if (before?.word === succeeded) return { attempt: { revision: attempted, after: { is: 'success' } } }
  if (before?.word !== lasting) return { attempt: { revision: attempted } }
  return { attempt: { revision: attempted, after: failure(facts, before.revision, 'flux.health-check-failed') } }
}

type Failure = Extract<Sighting, { is: 'failed' }>

function failure(facts: Facts, revision: Sha, reason: string): Failure {
  const objects = failingObjects(facts)
  const infrastructure = infrastructureBehind(facts.diagnosis, readyText(facts), objects)
  return {
    is: 'failed',
    revision,
    reason,
    detail: told(readyText(facts), facts.diagnosis),
    // "Stalled resources" are mostly Deployments over their progress deadline, which may heal.
    final: facts.diagnosis.final,
    objects,
    ...(infrastructure === undefined ? {} : { infrastructure }),
    ...heldUp(facts),
  }
}

/** Of the attempted revision; an attempt at what cannot be read as a commit proves nothing. */
export function failed(facts: Facts, reason: string): Sighting {
  const revision = facts.attempted ?? facts.applied
  if (revision === undefined)
    return unknown(() => 'it failed at a revision that is no commit')(facts, 'flux.revision-unreadable')
  return failure(facts, revision, reason)
}

/** Nobody looks again at what fails while that lasts, or nothing else can come, so no release is to blame for it (T65). */
function heldUp(facts: Facts): { readonly infrastructure?: string } {
  const { holdUp } = facts
  // It goes on trying what it has fetched, but neither a fix nor a revert would come.
  if (isSourceSuspended(facts)) return { infrastructure: suspended.detail }
  if (holdUp === 'ArtifactFailed') return { infrastructure: 'Flux cannot fetch the repository' }
  if (holdUp === 'DependencyNotReady') return { infrastructure: 'a Kustomization that it depends on is not ready' }
  return {}
}

const isSourceSuspended = ({ source }: Facts): boolean => source?.spec.suspend === true

const suspended: Halt = {
  reason: 'flux.source-suspended',
  detail: 'its GitRepository is suspended; somebody has to resume it',
  isForPeople: true,
}

export const unfetched = 'flux.source-not-fetched'
export const dependency = 'flux.dependency-not-ready'

/** The pods' owners tell best; without the right to read them, what Flux names in its message. */
const failingObjects = (facts: Facts): readonly ObjectRef[] =>
  facts.diagnosis.failing.length > 0
    ? facts.diagnosis.failing.map(({ object }) => object)
    : objectsIn(readyText(facts)).filter((object) => !isLeftToPeople(facts.diagnosis, object))

const isUnfetched = (facts: Facts): boolean =>
  conditionOf(facts.source?.status.conditions, 'Ready')?.status === 'False' || facts.holdUp === 'ArtifactFailed'

export function sourceText(facts: Facts): string {
  const words = conditionOf(facts.source?.status.conditions, 'Ready')
  return words?.status === 'False' ? words.message : readyText(facts)
}

const revisionOf = (revision: Sha | undefined) => (revision === undefined ? {} : { revision })
