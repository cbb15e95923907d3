import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OperatorError } from '../../src/domain/failures.ts'
import { decodeEvent, decodeSnapshot, encodeEvent, eventPath, snapshotOf } from '../../src/state/event-files.ts'
import { api, aRelease, aSha, at, event, taken, witness } from './a-state.ts'
import { someEvents } from './some-events.ts'

describe('event files', () => {
  test('lie by the hour, named by what they say', () => {
    expect(eventPath(event({ kind: 'closed', at: at(61), pull: 12, because: '' }))).toBe(
      'events/2026/01/02/01/closed-12.json',
    )
    expect(eventPath(taken(0, { verb: 'unhold' }, {}, { comment: 4711, index: 2 }))).toBe(
      'events/2026/01/02/00/command-4711-2.json',
    )
  })

  test('are the same file when the same thing is recorded again (I7)', () => {
    const again = () =>
      event({ kind: 'decline', at: at(1), slot: api, release: aRelease('one'), pull: 3, by: { id: 7, login: 'ann' } })
    expect(eventPath(again())).toBe(eventPath(again()))
    expect(encodeEvent(again())).toBe(encodeEvent(again()))
    expect(eventPath(witness(1, 2, 'one', 'healthy'))).not.toBe(eventPath(witness(1, 2, 'one', 'failed')))
  })

  test('have names that no name of people’s making can shape', () => {
    const hostile = event({ kind: 'breaker', at: at(1), environment: '../../-rf\n', why: '' })
    expect(eventPath(hostile)).toMatch(/^events\/2026\/01\/02\/00\/breaker-[0-9a-f]{16}-\d+\.json$/)
  })

  test('come back as they were written, byte by byte (property)', () => {
    fc.assert(
      fc.property(someEvents, (events) => {
        for (const each of events) {
          const written = encodeEvent(each)
          const read = decodeEvent(written, eventPath(each))
          expect(read).toEqual(each)
          expect(encodeEvent(read)).toBe(written)
        }
      }),
      { numRuns: 100 },
    )
  })

  const closed = event({ kind: 'closed', at: at(1), pull: 12, because: 'superseded' })
  const path = eventPath(closed)
  const changed = (more: object): string => JSON.stringify({ ...closed, ...more })

  test.each([
    ['no JSON', '{', 'it is not JSON'],
    ['a newer version', changed({ v: 2 }), 'v: '],
    ['an unknown kind', changed({ kind: 'teleported' }), 'kind: '],
    ['an unknown key', changed({ really: true }), 'really'],
    ['a key of another type', changed({ pull: '12' }), 'pull: '],
    ['a time beyond all years', changed({ at: 9e15 }), 'at: expected milliseconds since 1970'],
    ['another name than what it says', changed({ pull: 13 }), 'it is named closed-12 and says closed-13'],
    ['another hour than its folder', changed({ at: at(600) }), 'it belongs at events/2026/01/02/10/closed-12.json'],
  ])('that hold %s are refused with what is wrong', (_, content, problem) => {
    expect(() => decodeEvent(content, path)).toThrow(OperatorError)
    expect(() => decodeEvent(content, path)).toThrow(problem)
    expect(() => decodeEvent(content, path)).toThrow(path)
  })
})

describe('snapshots', () => {
  test('hold every event once, in one order', () => {
    const events = [witness(2, 3, 'one'), event({ kind: 'audited', at: at(1), commit: aSha('a') })]
    const snapshot = snapshotOf([...events, ...events])
    expect(snapshot).toBe(snapshotOf(events.toReversed()))
    expect(decodeSnapshot(snapshot)).toEqual(events.toReversed())
  })

  test('of nothing hold nothing', () => {
    expect(decodeSnapshot(snapshotOf([]))).toEqual([])
  })

  test('name the line that cannot be read', () => {
    const snapshot = `${snapshotOf([witness(1, 2, 'one')])}{"v":1}\n`
    expect(() => decodeSnapshot(snapshot)).toThrow('snapshot.jsonl line 3')
    expect(() => decodeSnapshot('[]')).toThrow('its first line is not ours')
  })
})
