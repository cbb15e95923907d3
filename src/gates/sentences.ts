import type { Verdict } from '../domain/verdict.ts'
import { fillSentence } from './fill-sentence.ts'
import { sharedReasons } from './say.ts'
import { type GateType, gates } from './table.ts'

export interface Reason {
  readonly code: string
  readonly sentence: string
  /** The gates that give it; empty for what any gate may give. */
  readonly gates: readonly GateType[]
}

/**
 * What a verdict says, in words. Values hold text of strangers (names, reasons, paths): the sentence is plain text, and
 * whoever puts it into Markdown or HTML escapes it.
 */
export function sentenceOf(verdict: Pick<Verdict, 'reason' | 'values'>): string {
  const sentence = sentences.get(verdict.reason) ?? verdict.reason
  return [fillSentence(sentence, verdict.values), verdict.values.also ?? ''].filter((text) => text !== '').join(' ')
}

/** Every code that a gate can give, sorted, with the gates that give it. */
export function allReasons(): readonly Reason[] {
  const types = Object.keys(gates).filter(isGateType)
  return [...sentences]
    .map(([code, sentence]) => ({ code, sentence, gates: givers(code, types) }))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
}

const sentences: ReadonlyMap<string, string> = new Map([
  ...Object.entries(sharedReasons),
  ...Object.values(gates).flatMap(({ reasons }) => Object.entries(reasons)),
])

const isGateType = (word: string): word is GateType => Object.hasOwn(gates, word)

const givers = (code: string, types: readonly GateType[]): readonly GateType[] =>
  types.filter((type) => Object.hasOwn(gates[type].reasons, code))
