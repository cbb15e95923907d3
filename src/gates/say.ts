import type { Digest, Instant } from '../domain/ids.ts'
import { toInstant } from '../domain/ids.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { EvidenceKind, Found } from './evidence.ts'
import type { Judged } from './gate.ts'

/** What a verdict rests on: ids for the record, and the oldest read of anything that can change. */
export interface Basis {
  readonly evidence: readonly Digest[]
  readonly asOf: Instant
}

interface Saying {
  readonly values?: Readonly<Record<string, string>>
  readonly who?: readonly string[]
  readonly nextLook?: Instant
}

const lookAgainAfter = 60_000

/** Reasons that more than one gate gives. */
export const sharedReasons = {
  'evidence.pending': 'The evidence ({kind}) is being fetched; the gate is judged again when it is there.',
  'evidence.unavailable': 'The evidence ({kind}) could not be read: {detail} ({cause}).',
  'gate.blind': 'The gate found nothing to judge, which proves nothing: {detail}.',
  'render.unsupported': 'The overlay cannot be rendered as its consumer would: {place}: {detail} ({cause}).',
} as const

export const say = (is: Verdict['is'], reason: string, basis: Basis, more: Saying = {}): Judged => ({
  is,
  reason,
  values: more.values ?? {},
  evidence: basis.evidence,
  asOf: basis.asOf,
  who: more.who ?? [],
  ...(more.nextLook === undefined ? {} : { nextLook: more.nextLook }),
})

/** The basis of what was found; what is not known adds nothing, immutable evidence no age. */
export function basisOf(found: readonly Found<unknown>[], now: Instant): Basis {
  const known = found.filter((one) => one.is === 'known')
  const ages = known.filter((one) => one.mutable).map((one) => one.readAt)
  return { evidence: known.map((one) => one.id), asOf: toInstant(Math.min(now, ...ages)) }
}

/** Judges a value that is there; evidence that is not there waits (no evidence is not a pass). */
export function whenKnown<T>(
  kind: EvidenceKind,
  found: Found<T>,
  now: Instant,
  judge: (value: T, basis: Basis) => Judged,
): Judged {
  const basis = basisOf([found], now)
  if (found.is === 'known') return judge(found.value, basis)
  return found.is === 'pending' ? pending(kind, basis) : unavailable(kind, found, basis, now)
}

export const pending = (kind: EvidenceKind, basis: Basis): Judged =>
  say('wait', 'evidence.pending', basis, { values: { kind } })

export const unavailable = (
  kind: EvidenceKind,
  found: Extract<Found<unknown>, { is: 'unavailable' }>,
  basis: Basis,
  now: Instant,
): Judged =>
  say('wait', 'evidence.unavailable', basis, {
    values: { kind, cause: found.reason, detail: found.detail },
    nextLook: toInstant(now + lookAgainAfter),
  })

/** Names for a sentence: `a, b and 3 more`, bounded, so that a report stays readable. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}
