import type { Health, HealthSettings, ObjectRef } from '../../domain/health.ts'
import type { Digest, Instant } from '../../domain/ids.ts'

/** What one look at all delivery objects of a slot showed of its present content. */
export type Seen =
  | { readonly is: 'healthy' }
  | { readonly is: 'progressing'; readonly reason: string; readonly detail: string }
  /** The controller acts on another content; the health clock has not begun. */
  | { readonly is: 'behind'; readonly reason: string; readonly detail: string }
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
  readonly appliedAt: Instant | null
  readonly healthy: { readonly from: Instant; readonly until: Instant } | null
  readonly progressingSince: Instant | null
  readonly failing: { readonly since: Instant; readonly reads: number } | null
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
  const before = previous?.inputs === inputs ? previous : untouched(inputs)
  switch (seen.is) {
    case 'healthy':
      return whenHealthy(before, settings, now)
    case 'failed':
      return whenFailed(before, seen, settings, now)
    case 'progressing':
      return whenProgressing(before, seen, settings, now)
    case 'behind':
      return {
        ...untouched(inputs),
        health: { is: 'progressing', since: now, reason: seen.reason, detail: seen.detail },
      }
    case 'waiting':
      return { ...before, progressingSince: null, health: { is: 'waiting', reason: seen.reason, detail: seen.detail } }
    case 'unknown':
      return { ...before, healthy: null, health: { is: 'unknown', reason: seen.reason, detail: seen.detail } }
  }
}

const untouched = (inputs: Digest): HealthTrack => ({
  inputs,
  appliedAt: null,
  healthy: null,
  progressingSince: null,
  failing: null,
  health: { is: 'unknown', reason: 'health.not-looked', detail: 'not looked at yet' },
})

function whenHealthy(before: HealthTrack, settings: HealthSettings, now: Instant): HealthTrack {
  const from = before.healthy?.from ?? now
  const settled = now - from >= settings.settle
  return {
    ...before,
    appliedAt: before.appliedAt ?? now,
    healthy: { from, until: now },
    progressingSince: null,
    failing: null,
    health: settled
      ? { is: 'healthy', since: from }
      : {
          is: 'progressing',
          since: from,
          reason: 'health.settling',
          detail: `healthy, not yet for ${settings.settle} ms`,
        },
  }
}

type Failed = Extract<Seen, { is: 'failed' }>

function whenFailed(before: HealthTrack, seen: Failed, settings: HealthSettings, now: Instant): HealthTrack {
  const failing = { since: before.failing?.since ?? now, reads: (before.failing?.reads ?? 0) + 1 }
  const confirmed = seen.final || (failing.reads >= 2 && now - failing.since >= settings.confirm)
  const next = {
    ...before,
    appliedAt: before.appliedAt ?? now,
    failing,
    progressingSince: before.progressingSince ?? now,
  }
  if (!confirmed) {
    return {
      ...next,
      health: { is: 'progressing', since: failing.since, reason: 'health.failing', detail: seen.detail },
    }
  }
  return { ...next, healthy: null, health: failedHealth(seen, failing.since) }
}

const failedHealth = (seen: Failed, since: Instant): Health => ({
  is: 'failed',
  since,
  reason: seen.reason,
  detail: seen.detail,
  objects: seen.objects,
  ...(seen.infrastructure === undefined ? {} : { infrastructure: seen.infrastructure }),
})

function whenProgressing(
  before: HealthTrack,
  seen: Extract<Seen, { is: 'progressing' }>,
  settings: HealthSettings,
  now: Instant,
): HealthTrack {
  const progressingSince = before.progressingSince ?? now
  const next = { ...before, appliedAt: before.appliedAt ?? now, progressingSince }
  if (now - progressingSince >= settings.deadline) {
    const detail = `${seen.detail}; not healthy within ${Math.round(settings.deadline / 1000)} s`
    return {
      ...next,
      healthy: null,
      health: { is: 'failed', since: progressingSince, reason: 'health.deadline', detail, objects: [] },
    }
  }
  // Controllers pass through "progressing" at every interval: for as long as a failure would take to be confirmed, what
  // was healthy stays so, else ten quiet reconciliations would cost ten soaks.
  const wasHealthy = before.healthy !== null && before.health.is === 'healthy' && before.failing === null
  if (wasHealthy && now - progressingSince < settings.confirm) return next
  return {
    ...next,
    healthy: wasHealthy ? null : before.healthy,
    health: { is: 'progressing', since: progressingSince, reason: seen.reason, detail: seen.detail },
  }
}

const gravity = ['healthy', 'progressing', 'behind', 'waiting', 'unknown', 'failed'] as const

/** All must be healthy: the gravest of several speaks for the slot. */
export const gravest = (all: readonly [Seen, ...Seen[]]): Seen =>
  all.reduce((worst, next) => (gravity.indexOf(next.is) > gravity.indexOf(worst.is) ? next : worst))
