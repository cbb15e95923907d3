import { z } from 'zod'
import type { CommandOf, Order } from '../domain/command.ts'
import type { Scope } from '../domain/directive.ts'
import { type Instant, type ReleaseId, type Sha, type SlotKey, toInstant } from '../domain/ids.ts'
import type { ReleasePart } from '../domain/release.ts'
import { count, instant, name, part, releaseId, scope, sha, slot, text } from './words.ts'

const until = instant.nullable()
const releases = z.array(z.strictObject({ slot, release: releaseId }))

/**
 * What a command meant when it was taken: whole ids instead of what somebody typed, so that it means the same for ever,
 * whatever has moved since.
 */
export const takenSchema = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('promote'), orders: releases }),
  z.strictObject({ verb: z.literal('merge'), pull: count, head: sha }),
  z.strictObject({
    verb: z.literal('rollback'),
    slots: z.array(
      z.strictObject({
        slot,
        release: releaseId,
        /** As in the event `quarantine`. */
        brings: releaseId.exactOptional(),
        parts: z.array(part),
        to: releaseId.nullable(),
      }),
    ),
    why: text,
  }),
  z.strictObject({ verb: z.literal('lock'), scope, until, why: text }),
  z.strictObject({ verb: z.literal('unlock'), scope }),
  z.strictObject({ verb: z.literal('freeze'), scope, until, why: text }),
  z.strictObject({ verb: z.literal('thaw'), scope }),
  z.strictObject({ verb: z.literal('hold'), pull: count, why: text }),
  z.strictObject({ verb: z.literal('unhold'), pull: count }),
  z.strictObject({ verb: z.literal('unquarantine'), slots: releases }),
  z.strictObject({ verb: z.literal('resume'), environment: name }),
  z.strictObject({ verb: z.literal('accept'), commit: sha }),
  z.strictObject({
    verb: z.literal('gate'),
    gate: name,
    head: sha,
    /** Absent in events that say nothing of it: such an answer counts nowhere. */
    slots: z.array(slot).exactOptional(),
    is: z.enum(['passed', 'refused']),
    why: text,
  }),
])
export type Taken = z.infer<typeof takenSchema>

interface SlotRelease {
  readonly slot: SlotKey
  readonly release: ReleaseId
}

interface RolledBack extends SlotRelease {
  readonly brings?: ReleaseId
  readonly parts: readonly ReleasePart[]
  readonly to: ReleaseId | null
}

/** What the taker found out for a verb, beside the command itself. */
export interface Resolutions {
  promote: { readonly orders: readonly SlotRelease[] }
  merge: { readonly head: Sha }
  /**
   * `release` is what runs there now and is quarantined, `brings` what a promotion was to bring by it, `parts` what that
   * changed; `to` null means the release before.
   */
  rollback: { readonly slots: readonly RolledBack[] }
  lock: Nothing
  unlock: Nothing
  freeze: Nothing
  thaw: Nothing
  hold: Nothing
  unhold: Nothing
  unquarantine: { readonly slots: readonly SlotRelease[] }
  resume: Nothing
  accept: { readonly commit: Sha }
  /** `slots`: those changes of the pull request that the gate binds. */
  gate: { readonly head: Sha; readonly slots: readonly SlotKey[] }
}

type Nothing = Readonly<Record<never, never>>
export type OrderVerb = Order['verb']

/** Where and when a command was written. */
export interface Written {
  readonly pull: number
  readonly at: Instant
}

type Takers = {
  readonly [V in OrderVerb]: (command: CommandOf<V>, resolved: Resolutions[V], written: Written) => Taken
}

const takers: Takers = {
  promote: (_, { orders }) => ({ verb: 'promote', orders: orders.map(({ slot, release }) => ({ slot, release })) }),
  merge: (_, { head }, { pull }) => ({ verb: 'merge', pull, head }),
  rollback: ({ reason }, { slots }) => ({
    verb: 'rollback',
    slots: slots.map(({ parts, ...slot }) => ({ ...slot, parts: [...parts] })),
    why: reason,
  }),
  lock: (command, _, { at }) => ({
    verb: 'lock',
    scope: scopeOf(command),
    until: endOf(at, command.forMs),
    why: command.reason ?? '',
  }),
  unlock: (command) => ({ verb: 'unlock', scope: scopeOf(command) }),
  freeze: ({ environment, forMs, reason }, _, { at }) => ({
    verb: 'freeze',
    scope: environmentScope(environment),
    until: endOf(at, forMs),
    why: reason ?? '',
  }),
  thaw: ({ environment }) => ({ verb: 'thaw', scope: environmentScope(environment) }),
  hold: ({ reason }, _, { pull }) => ({ verb: 'hold', pull, why: reason ?? '' }),
  unhold: (_command, _, { pull }) => ({ verb: 'unhold', pull }),
  unquarantine: (_, { slots }) => ({
    verb: 'unquarantine',
    slots: slots.map(({ slot, release }) => ({ slot, release })),
  }),
  resume: ({ environment }) => ({ verb: 'resume', environment }),
  accept: (_, { commit }) => ({ verb: 'accept', commit }),
  gate: ({ gate, refuse, reason }, { head, slots }) => ({
    verb: 'gate',
    gate,
    head,
    slots: [...slots],
    is: refuse ? 'refused' : 'passed',
    why: reason ?? '',
  }),
}

/** The one generic that the table needs. */
export const takenOf = <V extends OrderVerb>(
  verb: V,
  command: CommandOf<V>,
  resolved: Resolutions[V],
  written: Written,
): Taken => takers[verb](command, resolved, written)

const scopeOf = (named: { readonly environment: string; readonly application: string | null }): Scope =>
  named.application === null
    ? { environment: named.environment }
    : { environment: named.environment, application: named.application }

const environmentScope = (environment: string): Scope => (environment === 'all' ? 'all' : { environment })

const endOf = (at: Instant, forMs: number | null): Instant | null => (forMs === null ? null : toInstant(at + forMs))
