import { digestOfValue } from '../domain/hash.ts'
import type { StateEvent } from './events.ts'

/**
 * Each event once, by time: the one order that makes what they fold to independent of the order in which they are met. Of
 * two with the same id the earlier counts.
 */
export function inOrder(events: Iterable<StateEvent>): readonly StateEvent[] {
  const first = new Map<string, StateEvent>()
  for (const event of events) {
    const known = first.get(event.id)
    if (known === undefined || comesBefore(event, known)) first.set(event.id, event)
  }
  return [...first.values()].sort(byTime)
}

function comesBefore(event: StateEvent, known: StateEvent): boolean {
  if (event.at !== known.at) return event.at < known.at
  return event !== known && digestOfValue(event) < digestOfValue(known)
}

function byTime(a: StateEvent, b: StateEvent): number {
  if (a.at !== b.at) return a.at - b.at
  // The forge tells times in seconds: lines of one comment share theirs, and are meant in the order in which they stand.
  if (a.kind === 'command' && b.kind === 'command') return a.comment - b.comment || a.index - b.index
  return a.id < b.id ? -1 : 1
}
