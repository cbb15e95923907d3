import { applicationSettings } from '../../config/application-settings.ts'
import { type Instant, partsOfSlot, type SlotKey } from '../../domain/ids.ts'
import type { Snapshot } from '../snapshot.ts'

/** The one place where Sluice mentions anybody on purpose: the owners of what is in trouble. */
export function withOwnersOf(snapshot: Snapshot, slots: readonly SlotKey[], text: string): string {
  const applications = new Set(slots.flatMap((slot) => applicationsIn(snapshot, slot)))
  const owners = [...applications].flatMap((name) => applicationSettings(snapshot.config.checked, name).owners)
  const called = [...new Set(owners)].slice(0, mostCalled)
  return called.length === 0 ? text : `${called.map((owner) => `@${owner}`).join(' ')} ${text}`
}

/** What changes a base or a guard path concerns hundreds; some of them know the others. */
const mostCalled = 10

/** `*` speaks of every application of its environment. */
function applicationsIn({ slots }: Snapshot, slot: SlotKey): readonly string[] {
  const { application, environment } = partsOfSlot(slot)
  if (application !== '*') return [application]
  return [...slots.values()].flatMap((one) => (one.environment === environment ? [one.application] : []))
}

/** Everybody whose releases wait. */
export const withAllOwners = (snapshot: Snapshot, text: string): string =>
  withOwnersOf(snapshot, [...snapshot.slots.keys()], text)

/** Where people looked last, for what came by no pull request: the newest promotion or rollback of all. */
export const newestPull = ({ records }: Snapshot): number | null => numberOf(records[0])

/**
 * The same of these slots, as it was then. What was promoted since hides it: told there as well, after a restart, it would be
 * told twice.
 */
export function pullBefore({ records }: Snapshot, slots: readonly SlotKey[], then: Instant): number | null {
  const isMeant = (slot: SlotKey) => slots.includes(slot) || slots.includes(`*/${partsOfSlot(slot).environment}`)
  const newest = records.find((record) => isMeant(record.slot))
  return newest === undefined || newest.mergedAt > then ? null : numberOf(newest)
}

/** Merges of before they named their pull request have none. */
const numberOf = (record: Snapshot['records'][number] | undefined): number | null => record?.pull || null
