import type { Change } from '../domain/change.ts'
import { type Instant, type ReleaseId, toInstant } from '../domain/ids.ts'
import {
  changedParts,
  holdsParts,
  includes,
  partsOf,
  pinnedIn,
  type Release,
  type ReleasePart,
} from '../domain/release.ts'
import { duration, formatDuration } from './durations.ts'
import type { UpstreamRelease, UpstreamWitness } from './evidence.ts'
import type { Gate, GateBase, Judged } from './gate.ts'
import { newImages, renderedParts } from './rendered-parts.ts'
import { type Basis, basisOf, listed, say, whenKnown } from './say.ts'

export interface UpstreamSettings {
  /** How long, in milliseconds, it must have been healthy upstream in total. */
  readonly soak: number
}

type Spec = GateBase<'upstream'> & UpstreamSettings

export const defaultSoak = 600_000

/** Passes when every change that promotion could have brought was healthy for `soak` in every upstream environment (I2). */
export const upstream: Gate<UpstreamSettings, Spec> = {
  settings: () => ({ soak: duration().prefault(formatDuration(defaultSoak)) }),
  // A revert never waits for a soak (I13).
  mayBindRollback: false,

  needs: (_spec, change, context) => [{ kind: 'upstream', key: { slot: change.slot, environments: context.upstream } }],

  judge: (spec, change, evidence, context) => {
    const own = judgeWithoutUpstream(change, context.now)
    if (own !== undefined) return own
    const key = { slot: change.slot, environments: context.upstream }
    return whenKnown('upstream', evidence.find('upstream', key), context.now, (witnesses, basis) =>
      judgeWitnesses(spec, change, { witnesses, wanted: context.upstream, basis, now: context.now }),
    )
  },

  reasons: {
    'upstream.soaked': 'It was healthy in {environment} for {healthy}; {soak} are asked for.',
    'upstream.own':
      'Nothing here comes from upstream: no environment there names what it changes, and the other gates judge it.',
    'upstream.shared':
      'It changes what other environments share ({paths}), so it cannot have run upstream first: bring it step by step (docs/layouts.md).',
    'upstream.no-release': 'The overlay names no release by digest, so nobody can say whether it ran upstream.',
    'upstream.never-ran': 'It never ran in {environment}: {parts}.',
    'upstream.new-here':
      'It is new here and never ran in {environment}: {parts}. An application comes environment by environment: to {environment} first, then here with what soaked there (docs/layouts.md).',
    'upstream.soaking': 'Healthy in {environment} for {healthy} of {soak}.',
    'upstream.unknown': 'The health of {environment} cannot be seen now ({cause}): {detail}.',
    'upstream.failed': 'It failed in {environment}: {detail}.',
  },
}

/** What needs no look upstream, or cannot be helped by one. */
function judgeWithoutUpstream(change: Change, now: Instant): Judged | undefined {
  const basis = basisOf([], now)
  const isRenderedSame = change.difference.is === 'rendered' && change.difference.changed.length === 0
  if (change.sharedPaths.length > 0 && !isRenderedSame)
    return say('wait', 'upstream.shared', basis, { values: { paths: listed(change.sharedPaths) } })
  if (change.release.is === 'absent') return say('pass', 'upstream.own', basis)
  if (change.release.is !== 'pinned') return say('wait', 'upstream.no-release', basis)
  const isOwn = broughtParts(change).length === 0 && newImages(change).length === 0
  return isOwn ? say('pass', 'upstream.own', basis) : undefined
}

function broughtParts(change: Change): readonly ReleasePart[] {
  if (change.release.is !== 'pinned') return []
  return changedParts(change.replaces.is === 'pinned' ? change.replaces.release : undefined, change.release.release)
}

interface Asked {
  readonly witnesses: readonly UpstreamWitness[]
  readonly wanted: readonly string[]
  readonly basis: Basis
  readonly now: Instant
}

// The gravest of all upstream environments decides; an environment that nobody witnessed never ran it.
const gravest = [
  ...['upstream.failed', 'upstream.unknown', 'upstream.new-here', 'upstream.never-ran'],
  ...['upstream.soaking', 'upstream.soaked'],
]

function judgeWitnesses(spec: Spec, change: Change, asked: Asked): Judged {
  const { parts, isOfRelease } = fromUpstream(change, asked)
  if (parts.length === 0) return say('pass', 'upstream.own', asked.basis)
  const judged = asked.wanted.map((environment) => {
    const witness = asked.witnesses.find((one) => one.environment === environment)
    return judgeWitness(spec, { change, parts, isOfRelease, environment, witness, basis: asked.basis, now: asked.now })
  })
  const worst = judged.toSorted((a, b) => gravest.indexOf(a.reason) - gravest.indexOf(b.reason))[0]
  return (
    worst ?? say('fail', 'gate.blind', asked.basis, { values: { detail: 'the environment promotes from nowhere' } })
  )
}

type Brought = Pick<Question, 'parts' | 'isOfRelease'>

/**
 * Of what the change sets, what promotion could have brought: all of a promotion of ours; of what people change, the parts that
 * an environment upstream names, or named, and the images that it renders of these. One of which nothing is known may have
 * named any.
 */
function fromUpstream(change: Change, { witnesses, wanted }: Asked): Brought {
  const brought = broughtParts(change)
  const named = wanted.map((environment) => namedIn(witnesses.find((one) => one.environment === environment)))
  if (change.kind === 'promotion' || named.length === 0) return { parts: brought, isOfRelease: true }
  const known = named.includes('any') ? 'any' : named.flatMap((parts) => (parts === 'any' ? [] : parts))
  const names = known === 'any' ? known : new Set(known.map(({ part }) => part))
  const parts = brought.filter(({ part }) => names === 'any' || names.has(part))
  const values = new Set(parts.map(({ value }) => value))
  const rendered = renderedParts(newImages(change), known).filter(({ value }) => !values.has(value))
  return { parts: [...parts, ...rendered], isOfRelease: rendered.length === 0 }
}

function namedIn(witness: UpstreamWitness | undefined): readonly ReleasePart[] | 'any' {
  if (witness === undefined || witness.runs === null) return 'any'
  const named = [...partsOf(witness.runs)]
  for (const { release, parts } of witness.witnessed) {
    if (parts === null) return 'any'
    named.push(...partsOf({ id: release, parts }))
  }
  return named
}

interface Question {
  readonly change: Change
  readonly parts: readonly ReleasePart[]
  /** Whether the release of the overlay says all of them, so that its id stands for them. */
  readonly isOfRelease: boolean
  readonly environment: string
  readonly witness: UpstreamWitness | undefined
  readonly basis: Basis
  readonly now: Instant
}

function judgeWitness(spec: Spec, question: Question): Judged {
  const { environment, witness, basis, parts } = question
  const holders = holdersOf(question)
  const runsIt = witness !== undefined && witness.runs !== null && isHolder(question, witness.runs)
  if (witness === undefined || (holders.length === 0 && !runsIt)) {
    const missing = listed(parts.map(({ part }) => part))
    const reason = question.change.replaces.is === 'absent' ? 'upstream.new-here' : 'upstream.never-ran'
    return say('wait', reason, basis, { values: { environment, parts: missing } })
  }
  const healthy = healthyTime(
    witness,
    holders.filter((holder) => !holder.failed),
    question.now,
  )
  const failure = failureOf(question, witness, { holders, runsIt, isSoaked: healthy >= spec.soak })
  if (failure !== undefined) return say('fail', 'upstream.failed', basis, { values: { environment, detail: failure } })
  if (runsIt && witness.health.is === 'unknown') {
    const { reason: cause, detail } = witness.health
    return say('wait', 'upstream.unknown', basis, { values: { environment, cause, detail } })
  }
  return soakVerdict(spec, question, { healthy, isCounting: runsIt && witness.health.is === 'healthy' })
}

function soakVerdict(
  spec: Spec,
  { environment, basis, now }: Question,
  { healthy, isCounting }: { readonly healthy: number; readonly isCounting: boolean },
): Judged {
  const values = { environment, healthy: wholeSeconds(healthy), soak: formatDuration(spec.soak) }
  if (healthy >= spec.soak) return say('pass', 'upstream.soaked', basis, { values })
  const nextLook = toInstant(now + spec.soak - healthy)
  return say('wait', 'upstream.soaking', basis, isCounting ? { values, nextLook } : { values })
}

const wholeSeconds = (milliseconds: number): string => formatDuration(Math.floor(milliseconds / 1000) * 1000)

/** Upstream's releases that hold everything that this change brings. */
const holdersOf = (question: Question): readonly UpstreamRelease[] =>
  (question.witness?.witnessed ?? []).filter((seen) => {
    if (isNamed(question, seen.release)) return true
    return seen.parts !== null && holdsParts({ id: seen.release, parts: seen.parts }, question.parts)
  })

const isHolder = (question: Question, release: Release): boolean =>
  isNamed(question, release.id) || holdsParts(release, question.parts)

const isNamed = ({ change, isOfRelease }: Question, release: ReleaseId): boolean =>
  isOfRelease && change.release.is === 'pinned' && change.release.release.id === release

/**
 * A failure of exactly this release stands until it is seen healthy there again. One of another release that holds the same
 * parts may have had another cause, so it stands only until those parts have soaked in a release that did not fail.
 */
function failureOf(
  { change }: Question,
  witness: UpstreamWitness,
  seen: { readonly holders: readonly UpstreamRelease[]; readonly runsIt: boolean; readonly isSoaked: boolean },
): string | undefined {
  if (seen.runsIt && witness.health.is === 'failed') return `${witness.health.reason}: ${witness.health.detail}`
  const failed = seen.holders.filter((holder) => holder.failed)
  const next = pinnedIn(change.release)
  // Its overlay may hold more than upstream's: it is this release where all of that would be here.
  const isThis = failed.some(
    ({ release, parts }) =>
      next !== undefined && (next.id === release || (parts !== null && includes(next, { id: release, parts }))),
  )
  return isThis || (failed.length > 0 && !seen.isSoaked) ? 'a confirmed failure is on record' : undefined
}

/** The time that the holders were seen healthy, overlaps counted once. What is open counts only while it is seen healthy now (I6). */
function healthyTime(witness: UpstreamWitness, holders: readonly UpstreamRelease[], now: Instant): number {
  const isSeenHealthy = (holder: UpstreamRelease) =>
    witness.runs?.id === holder.release && witness.health.is === 'healthy'
  const spans = holders.flatMap((holder) =>
    holder.healthy.map(({ from, until }) => ({ from, until: until ?? (isSeenHealthy(holder) ? now : from) })),
  )
  return unionLength(spans.map(({ from, until }) => ({ from, until: Math.min(until, now) })))
}

function unionLength(spans: readonly { readonly from: number; readonly until: number }[]): number {
  let total = 0
  let end = Number.NEGATIVE_INFINITY
  for (const { from, until } of spans.toSorted((a, b) => a.from - b.from)) {
    total += Math.max(0, until - Math.max(from, end))
    end = Math.max(end, until)
  }
  return total
}
