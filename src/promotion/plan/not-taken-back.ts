import { fillSentence } from '../../gates/fill-sentence.ts'
import type { Slot } from '../snapshot.ts'
import { attributionReasons } from './attribution.ts'

/** A failure for which nothing is taken back by itself, and why. */
export interface NotTakenBack {
  readonly slot: Slot
  readonly reason: keyof typeof notTakenBackReasons
  readonly detail: string
}

/** Why Sluice does not take the last promotion back by itself: it may not be the cause, or something forbids it all the same. */
export const notTakenBackReasons = {
  ...attributionReasons,
  'rollback.never': 'the environment says `when: never`',
  'rollback.kept': 'somebody lifted the quarantine of what runs there after it came',
  'rollback.breaker': 'the breaker of the environment is open: {detail}',
  'rollback.untrusted': 'the state branch is not trusted, so nothing may be put on record',
} as const

/** The detail is text of others: `quote` it for where it is shown. */
export const whyNotTakenBack = (
  { reason, detail }: Pick<NotTakenBack, 'reason' | 'detail'>,
  quote: (text: string) => string = (text) => text,
): string => fillSentence(notTakenBackReasons[reason], { detail: quote(detail) })
