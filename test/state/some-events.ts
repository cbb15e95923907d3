import fc from 'fast-check'
import type { SlotKey } from '../../src/domain/ids.ts'
import { type StateEvent, stateEvent, takenCommand } from '../../src/state/events.ts'
import { aDigest, aRelease, aSha, at, partsNamed } from './a-state.ts'

const minute = fc.integer({ min: 0, max: 8 })
const slot = fc.constantFrom<SlotKey[]>('api/production', 'web/production', 'api/staging')
const release = fc.constantFrom('one', 'two')
const environment = fc.constantFrom('production', 'staging')
const scope = fc.constantFrom('production', 'staging', 'all')
const application = fc.constantFrom(null, 'api')
const forMs = fc.constantFrom(null, 60_000, 8 * 3_600_000)

/** Few names and few times, so that events meet, collide and share their seconds. */
const written = fc.record({
  at: minute.map(at),
  by: fc.constantFrom({ id: 7, login: 'ann' }, { id: 8, login: 'bob' }),
  pull: fc.constantFrom(1, 2),
  comment: fc.integer({ min: 8, max: 12 }),
  index: fc.integer({ min: 0, max: 2 }),
})
const slotRelease = fc.record({ slot, release: release.map(aRelease) })

const commandEvent: fc.Arbitrary<StateEvent> = fc.oneof(
  fc
    .tuple(written, environment, application, forMs)
    .map(([on, name, app, ms]) =>
      takenCommand({ verb: 'lock', environment: name, application: app, forMs: ms, reason: null }, on, {}),
    ),
  fc
    .tuple(written, environment, application)
    .map(([on, name, app]) => takenCommand({ verb: 'unlock', environment: name, application: app }, on, {})),
  fc
    .tuple(written, scope, forMs)
    .map(([on, name, ms]) => takenCommand({ verb: 'freeze', environment: name, forMs: ms, reason: null }, on, {})),
  fc.tuple(written, scope).map(([on, name]) => takenCommand({ verb: 'thaw', environment: name }, on, {})),
  written.map((on) => takenCommand({ verb: 'hold', reason: null }, on, {})),
  written.map((on) => takenCommand({ verb: 'unhold' }, on, {})),
  fc.tuple(written, release).map(([on, head]) => takenCommand({ verb: 'merge' }, on, { head: aSha(head) })),
  fc
    .tuple(written, slotRelease)
    .map(([on, order]) =>
      takenCommand({ verb: 'promote', environment: null, application: null, release: null }, on, { orders: [order] }),
    ),
  fc.tuple(written, slotRelease, fc.constantFrom(null, 'two')).map(([on, running, to]) =>
    takenCommand({ verb: 'rollback', environment: 'production', application: null, to, reason: 'x' }, on, {
      slots: [{ ...running, parts: [], to: to === null ? null : aRelease(to) }],
    }),
  ),
  fc.tuple(written, slotRelease).map(([on, one]) =>
    takenCommand({ verb: 'unquarantine', environment: 'production', application: null, release: 'x' }, on, {
      slots: [one],
    }),
  ),
  fc.tuple(written, environment).map(([on, name]) => takenCommand({ verb: 'resume', environment: name }, on, {})),
  fc
    .tuple(written, release)
    .map(([on, name]) => takenCommand({ verb: 'accept', sha: 'x' }, on, { commit: aSha(name) })),
  fc.tuple(written, fc.boolean(), release).map(([on, refuse, head]) =>
    takenCommand({ verb: 'gate', gate: 'signoff', refuse, reason: null }, on, {
      head: aSha(head),
      slots: ['api/production'],
    }),
  ),
)

const factEvent: fc.Arbitrary<StateEvent> = fc.oneof(
  fc
    .tuple(
      fc.tuple(minute, minute),
      slot,
      release,
      release,
      fc.constantFrom<('healthy' | 'failed')[]>('healthy', 'failed'),
    )
    .map(([minutes, key, name, inputs, is]) =>
      stateEvent({
        kind: 'witness',
        at: at(Math.max(...minutes)),
        from: at(Math.min(...minutes)),
        slot: key,
        release: aRelease(name),
        parts: partsNamed(name),
        inputs: aDigest(inputs),
        is,
        ...(minutes[0] > minutes[1] ? { alias: `api:${name}` } : {}),
      }),
    ),
  fc.tuple(minute, slotRelease, fc.boolean()).map(([minutes, one, isKnown]) =>
    stateEvent({
      ...{ kind: 'quarantine', at: at(minutes), ...one, why: '', evidence: [] },
      parts: isKnown ? [{ part: 'image ghcr.io/acme/api', value: aDigest('one') }] : [],
    }),
  ),
  fc
    .tuple(minute, slotRelease)
    .map(([minutes, one]) =>
      stateEvent({ kind: 'decline', at: at(minutes), ...one, pull: 3, by: { id: 7, login: 'ann' } }),
    ),
  fc
    .tuple(minute, release, slot)
    .map(([minutes, name, key]) =>
      stateEvent({ kind: 'ungated', at: at(minutes), commit: aSha(name), slots: [key], why: '' }),
    ),
  fc
    .tuple(minute, release)
    .map(([minutes, name]) => stateEvent({ kind: 'audited', at: at(minutes), commit: aSha(name) })),
  fc
    .tuple(minute, fc.constantFrom(1, 2))
    .map(([minutes, pull]) => stateEvent({ kind: 'closed', at: at(minutes), pull, because: '' })),
  fc
    .tuple(minute, slotRelease, fc.boolean())
    .map(([minutes, one, automatic]) => stateEvent({ kind: 'reverted', at: at(minutes), ...one, pull: 5, automatic })),
  fc
    .tuple(minute, environment)
    .map(([minutes, name]) => stateEvent({ kind: 'breaker', at: at(minutes), environment: name, why: '' })),
  fc
    .tuple(minute, release)
    .map(([minutes, name]) =>
      stateEvent({ kind: 'auto-merge', at: at(minutes), by: { id: 7, login: 'ann' }, pull: 3, head: aSha(name) }),
    ),
  minute.map((minutes) => stateEvent({ kind: 'notified', at: at(minutes), key: 'told' })),
  minute.map((minutes) =>
    stateEvent({ kind: 'repair', at: at(minutes), accepts: aSha('head'), inPlaceOf: null, why: '' }),
  ),
  fc
    .tuple(minute, release)
    .map(([minutes, name]) => stateEvent({ kind: 'genesis', at: at(minutes), base: aSha(name) })),
)

export const someEvents: fc.Arbitrary<StateEvent[]> = fc.array(fc.oneof(commandEvent, factEvent), { maxLength: 30 })
