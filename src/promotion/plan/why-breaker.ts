import type { SlotKey } from '../../domain/ids.ts'
import type { ReleasePart } from '../../domain/release.ts'
import { listed } from '../../gates/say.ts'

/** A release that fails, or failed, in a slot: what it changed there, and how. */
export interface Failing {
  readonly slot: SlotKey
  /** Null where that is not on record any more. */
  readonly release: { readonly parts: readonly ReleasePart[]; readonly why: string } | null
}

/** Why a breaker opens: who was taken back, who would follow, and what they have in common, since that is what to look at. */
export function whyBreaker(before: readonly Failing[], next: readonly Failing[], most: number): string {
  const taken = before.length === 0 ? '' : ` (${names(before)})`
  const counted = `${before.length} automatic reverts within the breaker's time${taken}, and ${names(next)} would follow (at most ${most})`
  return `${counted}; ${shared([...before, ...next])}`.slice(0, 1000)
}

const names = (failing: readonly Failing[]): string => listed([...new Set(failing.map(({ slot }) => slot))], 10)

function shared(failing: readonly Failing[]): string {
  const known = failing.flatMap(({ release }) => (release === null ? [] : [release]))
  const [first, ...others] = known
  if (first === undefined || others.length === 0) return 'there are not two of them to compare'
  const parts = first.parts.filter((part) => others.every((one) => one.parts.some((other) => isSame(part, other))))
  const found = [
    ...parts.map(({ part, value }) => `${part} ${value}`),
    ...(others.every(({ why }) => why === first.why) ? [first.why] : []),
  ]
  return found.length === 0 ? 'they share no part that changed, nor how they fail' : `they share ${listed(found)}`
}

const isSame = (a: ReleasePart, b: ReleasePart): boolean => a.part === b.part && a.value === b.value
