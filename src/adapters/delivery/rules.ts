import type { z } from 'zod'
import type { Sighting } from '../../domain/health.ts'

/**
 * One line of a judge: the reason code that it gives, when it holds, and what it says then. Judges are lists of these,
 * read from the top; the first that holds answers.
 */
export interface Rule<Facts> {
  readonly reason: string
  readonly when: (facts: Facts) => boolean
  readonly gives: (facts: Facts, reason: string) => Sighting
}

/** The answer of the first rule that holds, or `otherwise`. */
export function firstAnswer<Facts>(rules: readonly Rule<Facts>[], facts: Facts, otherwise: Rule<Facts>): Sighting {
  const rule = rules.find(({ when }) => when(facts)) ?? otherwise
  return rule.gives(facts, rule.reason)
}

type Words<Facts> = (facts: Facts) => string

/** Controllers' messages can be of any length, and go into reports. */
export const cut = (text: string, longest = 300): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

export const unknown =
  <Facts>(detail: Words<Facts>) =>
  (facts: Facts, reason: string): Sighting => ({ is: 'unknown', reason, detail: cut(detail(facts)) })

/** What is wrong with an object that does not look like one of its kind. */
export const issuesText = (error: z.ZodError): string =>
  cut(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
