import type { Health, HealthSettings, ObjectRef } from '../../domain/health.ts'
import type { Digest, Instant } from '../../domain/ids.ts'
import { formatDuration } from '../../gates/durations.ts'

/** What one look at all delivery objects of a slot showed of its present content. */
export type Seen =
  | { readonly is: 'healthy'; readonly restartedAt?: Instant }
  | {
      readonly is: 'progressing'
      readonly reason: string
      readonly detail: string
      readonly isRepeated?: true
      /** What it waits for, where that is known: what fails, should it take longer than it may. */
      readonly objects?: readonly ObjectRef[]
      readonly isCrashing?: true
      readonly isUnseen?: true
      readonly infrastructure?: string
    }
  /** The controller acts on another content; the health clock has not begun. Halted: it cannot get at this one. */
  | { readonly is: 'behind'; readonly reason: string; readonly detail: string; readonly isHalted?: true }
  | {
      readonly is: 'failed'
      readonly reason: string
      readonly detail: string
      readonly final: boolean
      readonly objects: readonly ObjectRef[]
      readonly infrastructure?: string
    }
  | { readonly is: 'waiting' | 'unknown'; readonly reason: string; readonly detail: string }

/** What earlier looks leave behind. It lives in memory only: after a restart the clocks begin anew, on the safe side. */
export interface HealthTrack {
  readonly inputs: Digest
  /**
   * When this content was first seen applied; null where it was so already at the first look of this process, which then
   * cannot tell for how long (a failure after a restart must not pass for one right after the promotion).
   */
  readonly appliedAt: Instant | null
  /** Whether this process knows this slot only with this content, and has not seen it before it was applied. */
  readonly isFirstContent: boolean
  readonly healthy: { readonly from: Instant; readonly until: Instant } | null
  readonly progressingSince: Instant | null
  readonly failing: { readonly since: Instant; readonly reads: number } | null
  /** Whether infrastructure was in the way when it was last seen not to be well: what was so until then is nobody's fault. */
  readonly isExcused: boolean
  readonly health: Health
}

/**
 * The next track of a slot. Healthy counts when it held for `settle`; a failure when it was seen in at least two looks
 * over `confirm` with none healthy between, at once where it does not heal by itself; progressing longer than
 * `deadline` is a failure. Loss of sight is none of these, and is not credited as healthy either.
 */
export function trackHealth(
  previous: HealthTrack | undefined,
  inputs: Digest,
  seen: Seen,
  settings: HealthSettings,
  now: Instant,
): HealthTrack {
  const before = previous?.inputs === inputs ? previous : untouched(inputs, previous === undefined)
  switch (seen.is) {
    case 'healthy':
      return whenHealthy(before, seen, settings, now)
    case 'failed':
      return whenFailed(before, seen, settings, now)
    case 'progressing':
      return whenProgressing(before, seen, settings, now)
    case 'behind': {
      const words = { reason: seen.reason, detail: seen.detail }
      const health: Health = seen.isHalted ? { is: 'unknown', ...words } : { is: 'progressing', since: now, ...words }
      return { ...untouched(inputs, false), health }
    }
    case 'waiting':
    case 'unknown':
      // The clock stands: nothing that nobody saw counts as health, nor as progress that takes too long.
      return {
        ...before,
        healthy: null,
        progressingSince: null,
        health: { is: seen.is, reason: seen.reason, detail: seen.detail },
      }
  }
}

const untouched = (inputs: Digest, isFirstContent: boolean): HealthTrack => ({
  inputs,
  appliedAt: null,
  isFirstContent,
  healthy: null,
  progressingSince: null,
  failing: null,
  isExcused: false,
  health: { is: 'unknown', reason: 'health.not-looked', detail: 'not looked at yet' },
})

const appliedBy = ({ appliedAt, isFirstContent }: HealthTrack, now: Instant): Instant | null =>
  appliedAt ?? (isFirstContent ? null : now)

type Well = Extract<Seen, { is: 'healthy' }>

function whenHealthy(before: HealthTrack, seen: Well, settings: HealthSettings, now: Instant): HealthTrack {
  const from = lastOf(before.healthy?.from ?? now, earlier(seen.restartedAt, now))
  const settled = now - from >= settings.settle
  return {
    ...before,
    appliedAt: appliedBy(before, now),
    healthy: { from, until: now },
    progressingSince: null,
    failing: null,
    isExcused: false,
    health: settled
      ? { is: 'healthy', since: from }
      : {
          is: 'progressing',
          since: from,
          reason: 'health.settling',
          detail: `healthy, not yet for ${formatDuration(settings.settle)}`,
        },
  }
}

/** A crash that no look met ends the stretch as well (T45); a clock that is ahead does not put its beginning after now. */
const lastOf = (from: Instant, restartedAt: Instant | undefined): Instant =>
  restartedAt !== undefined && restartedAt > from ? restartedAt : from
const earlier = (time: Instant | undefined, now: Instant): Instant | undefined =>
  time !== undefined && time > now ? now : time

type Failed = Extract<Seen, { is: 'failed' }>
type Failing = Pick<Failed, 'reason' | 'detail' | 'objects' | 'infrastructure'>

/**
 * Once infrastructure is no longer in the way the clocks begin anew: pods that start again after an outage are as new as
 * any, and a failure from before would make the first look at them take the release back (T65).
 */
function clocksOf(previous: HealthTrack, { infrastructure }: Failing | Progressing): HealthTrack {
  const before = { ...previous, isExcused: infrastructure !== undefined }
  const isOver = previous.isExcused && infrastructure === undefined
  return isOver ? { ...before, failing: null, progressingSince: null } : before
}

function whenFailed(previous: HealthTrack, seen: Failed, settings: HealthSettings, now: Instant): HealthTrack {
  const before = clocksOf(previous, seen)
  const failing = { since: before.failing?.since ?? now, reads: (before.failing?.reads ?? 0) + 1 }
  const confirmed = seen.final || (failing.reads >= 2 && now - failing.since >= settings.confirm)
  // Even one bad look ends the stretch: an app that flaps must not soak, nor settle, between its crashes (T45).
  const next = {
    ...before,
    appliedAt: appliedBy(before, now),
    healthy: null,
    failing,
    progressingSince: before.progressingSince ?? now,
  }
  if (!confirmed) {
    return {
      ...next,
      health: { is: 'progressing', since: failing.since, reason: 'health.failing', detail: seen.detail },
    }
  }
  return { ...next, health: failedHealth(seen, failing.since) }
}

const failedHealth = (seen: Failing, since: Instant): Health => ({
  is: 'failed',
  since,
  reason: seen.reason,
  detail: seen.detail,
  objects: seen.objects ?? [],
  ...(seen.infrastructure === undefined ? {} : { infrastructure: seen.infrastructure }),
})

type Progressing = Extract<Seen, { is: 'progressing' }>

function whenProgressing(
  previous: HealthTrack,
  seen: Progressing,
  settings: HealthSettings,
  now: Instant,
): HealthTrack {
  const before = clocksOf(previous, seen)
  const progressingSince = before.progressingSince ?? now
  const next = { ...before, appliedAt: appliedBy(before, now), progressingSince }
  // Two looks into two checks of what was well between them are no long one, and each ends in a word of the controller's own.
  if (now - progressingSince >= settings.deadline && seen.isRepeated !== true) {
    const detail = `${seen.detail}; not healthy within ${formatDuration(settings.deadline)}`
    const late = { ...seen, reason: 'health.deadline', detail, objects: seen.objects ?? [] }
    return { ...next, healthy: null, health: failedHealth(late, progressingSince) }
  }
  if (staysWell(before, seen) && now - progressingSince < settings.confirm) return next
  return {
    ...next,
    healthy: null,
    health: { is: 'progressing', since: progressingSince, reason: seen.reason, detail: seen.detail },
  }
}

/**
 * Controllers pass through "progressing" at every interval: for as long as a failure would take to be confirmed, what was
 * healthy stays so, else ten quiet reconciliations would cost ten soaks; and what settles goes on where the controller
 * only repeats its check and nothing is known to be behind, else nothing would settle whose interval is shorter than that
 * takes. A crash ends either (T45), and so does not seeing whether there is one.
 */
const staysWell = (before: HealthTrack, seen: Progressing): boolean =>
  before.healthy !== null &&
  before.failing === null &&
  seen.isCrashing !== true &&
  seen.isUnseen !== true &&
  (before.health.is === 'healthy' || (seen.isRepeated === true && seen.objects === undefined))

const gravity = ['healthy', 'progressing', 'behind', 'waiting', 'unknown', 'failed'] as const

/** All must be healthy: the gravest of several speaks for the slot, and what is known of others as grave is kept. */
export function gravest(all: readonly [Seen, ...Seen[]]): Seen {
  const worst = all.reduce((one, next) => (gravity.indexOf(next.is) > gravity.indexOf(one.is) ? next : one))
  switch (worst.is) {
    case 'healthy':
      return restartedLast(all.filter(isWell))
    case 'progressing':
      return busiest(all.filter(isProgressing))
    case 'failed':
      return mostFinal(all.filter(isFailed))
    default:
      return worst
  }
}

const isWell = (seen: Seen): seen is Well => seen.is === 'healthy'
const isProgressing = (seen: Seen): seen is Progressing => seen.is === 'progressing'
const isFailed = (seen: Seen): seen is Failed => seen.is === 'failed'

function restartedLast(all: readonly Well[]): Well {
  const restarts = all.flatMap(({ restartedAt }) => (restartedAt === undefined ? [] : [restartedAt]))
  const last = restarts.reduce<Instant | undefined>(
    (one, next) => (one === undefined || next > one ? next : one),
    undefined,
  )
  return { is: 'healthy', ...(last === undefined ? {} : { restartedAt: last }) }
}

/** What crashes, or may for all that is seen, speaks first, then what does more than look again: one of these is enough to end a stretch. */
function busiest(all: readonly Progressing[]): Progressing {
  const speaker =
    all.find(({ isCrashing }) => isCrashing === true) ??
    all.find(({ isUnseen }) => isUnseen === true) ??
    all.find(({ isRepeated }) => isRepeated !== true)
  return { ...(speaker ?? (all[0] as Progressing)), ...ofAll(all) }
}

function mostFinal(all: readonly Failed[]): Failed {
  return { ...(all.find(({ final }) => final) ?? (all[0] as Failed)), ...ofAll(all), objects: objectsOf(all) }
}

/** Infrastructure that any of them waits for speaks for all: nothing is taken back for what may be its fault. */
function ofAll(all: readonly Pick<Progressing, 'objects' | 'infrastructure'>[]) {
  const objects = objectsOf(all)
  const infrastructure = all.find((one) => one.infrastructure !== undefined)?.infrastructure
  return { ...(objects.length === 0 ? {} : { objects }), ...(infrastructure === undefined ? {} : { infrastructure }) }
}

const objectsOf = (all: readonly { readonly objects?: readonly ObjectRef[] }[]): readonly ObjectRef[] =>
  all.flatMap(({ objects }) => objects ?? [])
