import { describe, expect, test } from 'vitest'
import { type Instant, toInstant } from '../../src/domain/ids.ts'
import { gravest, type HealthTrack, type Seen, trackHealth } from '../../src/promotion/observe/track-health.ts'
import { contentOf, production } from './world.ts'

const settings = { settle: 30_000, confirm: 120_000, deadline: 900_000, watch: 1_800_000 }
const content = contentOf(production, 'one')
const other = contentOf(production, 'two')
const well: Seen = { is: 'healthy' }
const busy: Seen = { is: 'progressing', reason: 'flux.rollout', detail: '1 of 2 ready' }
const ill: Seen = {
  is: 'failed',
  reason: 'flux.health-check',
  detail: 'crashed',
  final: false,
  objects: [{ kind: 'Deployment', name: 'api' }],
}
const dark: Seen = { is: 'unknown', reason: 'cluster.unreachable', detail: 'no answer' }
const paused: Seen = { is: 'waiting', reason: 'flux.suspended', detail: 'suspended' }
const behind: Seen = { is: 'behind', reason: 'delivery.behind', detail: 'another content' }
const cutOff: Seen = { is: 'behind', reason: 'flux.source-not-fetched', detail: 'no answer', isHalted: true }
const seconds = (number: number): Instant => toInstant(number * 1000)

/** Looks at these seconds, one after the other. */
function looks(...seen: readonly (readonly [second: number, seen: Seen])[]): HealthTrack {
  let track: HealthTrack | undefined = trackHealth(undefined, other, well, settings, seconds(-10))
  for (const [second, one] of seen) track = trackHealth(track, content, one, settings, seconds(second))
  return track as HealthTrack
}
const is = (...seen: readonly (readonly [number, Seen])[]) => looks(...seen).health.is

describe('health', () => {
  test('counts once it held for `settle`, from its first look', () => {
    expect(is([0, well], [29, well])).toBe('progressing')
    expect(looks([0, well], [30, well]).health).toEqual({ is: 'healthy', since: seconds(0) })
    expect(looks([0, well], [30, well], [90, well]).healthy).toEqual({ from: seconds(0), until: seconds(90) })
  })

  test('that flaps between crashes neither settles nor soaks (T45)', () => {
    const flapping = [0, 10, 20, 30, 40, 50, 60, 70].map((at, index) => [at, index % 2 === 0 ? well : ill] as const)
    expect(is(...flapping, [80, well])).toBe('progressing')
    expect(looks(...flapping).healthy).toBeNull()
    expect(is([0, well], [10, busy], [31, well])).toBe('progressing')
  })

  test('ends where its pods are seen to crash, however short (T45)', () => {
    const crashing: Seen = { ...busy, isCrashing: true }
    const before = [
      [0, well],
      [30, well],
    ] as const
    expect(looks(...before, [60, crashing])).toMatchObject({ health: { is: 'progressing' }, healthy: null })
    const unseen: Seen = { ...busy, isUnseen: true }
    expect(looks(...before, [60, unseen])).toMatchObject({ health: { is: 'progressing' }, healthy: null })
    expect(is(...before, [60, crashing], [62, well], [91, well])).toBe('progressing')
    expect(looks(...before, [60, crashing], [62, well], [92, well]).health).toEqual({
      is: 'healthy',
      since: seconds(62),
    })
  })

  test('begins anew after a crash that no look met (T45)', () => {
    const back: Seen = { is: 'healthy', restartedAt: seconds(50) }
    const before = [
      [0, well],
      [30, well],
    ] as const
    expect(looks(...before, [60, back])).toMatchObject({
      health: { is: 'progressing', reason: 'health.settling' },
      healthy: { from: seconds(50), until: seconds(60) },
    })
    expect(looks(...before, [60, back], [80, back]).health).toEqual({ is: 'healthy', since: seconds(50) })
    const early: Seen = { is: 'healthy', restartedAt: seconds(-5) }
    expect(looks([0, early], [30, early]).health).toEqual({ is: 'healthy', since: seconds(0) })
    const ahead: Seen = { is: 'healthy', restartedAt: seconds(1_000) }
    expect(looks([0, ahead], [30, ahead]).healthy).toEqual({ from: seconds(30), until: seconds(30) })
  })

  test('is not lost by a short "progressing", as controllers show it at each interval', () => {
    const before = [
      [0, well],
      [30, well],
    ] as const
    expect(looks(...before, [60, busy], [70, well])).toMatchObject({
      health: { is: 'healthy' },
      healthy: { from: seconds(0), until: seconds(70) },
    })
    expect(is(...before, [60, busy], [179, busy])).toBe('healthy')
    expect(looks(...before, [60, busy], [180, busy])).toMatchObject({ health: { is: 'progressing' }, healthy: null })
  })

  test('is unknown while the controller cannot get at the content, however long that takes, and begins when it has', () => {
    const waiting = [
      [0, behind],
      [10, cutOff],
      [2_000, cutOff],
    ] as const
    expect(looks(...waiting).health).toEqual({
      is: 'unknown',
      reason: 'flux.source-not-fetched',
      detail: 'no answer',
    })
    expect(looks(...waiting, [2_010, well], [2_040, well])).toMatchObject({
      health: { is: 'healthy', since: seconds(2_010) },
      appliedAt: seconds(2_010),
    })
  })

  test('of another content begins anew', () => {
    const before = looks([0, well], [30, well])
    expect(trackHealth(before, other, well, settings, seconds(40)).health.is).toBe('progressing')
  })
})

describe('a failure', () => {
  test('counts when two looks over `confirm` saw it, none healthy between', () => {
    expect(is([0, ill])).toBe('progressing')
    expect(is([0, ill], [60, ill])).toBe('progressing')
    expect(looks([0, ill], [120, ill]).health).toMatchObject({
      is: 'failed',
      since: seconds(0),
      objects: [{ name: 'api' }],
    })
    expect(is([0, ill], [60, well], [120, ill])).toBe('progressing')
    expect(is([0, ill], [60, busy], [120, ill])).toBe('failed')
  })

  test('that does not heal by itself counts at once', () => {
    expect(is([0, { ...ill, final: true }])).toBe('failed')
  })

  test('is progress that takes longer than `deadline`, and names what it waited for and whose fault it is', () => {
    const stuck: Seen = { ...busy, objects: [{ kind: 'Deployment', name: 'api' }], infrastructure: 'no node has room' }
    expect(is([0, busy], [899, busy])).toBe('progressing')
    expect(looks([0, stuck], [900, stuck]).health).toMatchObject({
      ...{ is: 'failed', reason: 'health.deadline', since: seconds(0) },
      ...{ objects: [{ kind: 'Deployment', name: 'api' }], infrastructure: 'no node has room' },
    })
  })
})

describe('T65 an outage that is over', () => {
  const away = { infrastructure: 'image pull: the registry does not serve the image' }
  const waits: Seen = { ...busy, ...away }
  const fails: Seen = { ...ill, ...away }

  test('leaves no failure behind: pods that start again are as new as any', () => {
    expect(looks([0, fails], [300, fails]).health).toMatchObject({ is: 'failed', ...away })
    expect(is([0, fails], [300, fails], [305, ill], [420, ill])).toBe('progressing')
    expect(is([0, fails], [300, fails], [305, ill], [425, ill])).toBe('failed')
    expect(is([0, waits], [900, waits], [905, busy], [1_800, busy])).toBe('progressing')
    expect(is([0, waits], [900, waits], [905, busy], [1_805, busy])).toBe('failed')
  })

  test('does not excuse what fails on, nor what failed before it', () => {
    expect(is([0, ill], [60, ill], [120, ill])).toBe('failed')
    expect(is([0, fails], [5, ill], [65, ill], [125, ill])).toBe('failed')
  })
})

describe('a check that the controller repeats', () => {
  const again: Seen = { ...busy, isRepeated: true }

  test('fails nothing, however far apart it is met: what lies between nobody looked at', () => {
    expect(is([0, well], [30, well], [60, again], [5000, again])).toBe('progressing')
  })

  test('delays no settling, however often it is met', () => {
    expect(looks([0, well], [5, again], [8, well], [15, again], [18, well], [25, again], [30, well]).health).toEqual({
      is: 'healthy',
      since: seconds(0),
    })
    expect(is([0, well], [29, again])).toBe('progressing')
    expect(looks([0, well], [20, again], [40, again]).health).toMatchObject({
      ...{ is: 'progressing', reason: 'health.settling' },
    })
  })

  test('ends the settling that it is too long for, and that of what crashes or failed meanwhile (T45)', () => {
    expect(looks([0, well], [10, again], [130, again]).healthy).toBeNull()
    expect(is([0, well], [10, again], [130, again], [135, well], [164, well])).toBe('progressing')
    expect(looks([0, well], [10, { ...again, isCrashing: true }]).healthy).toBeNull()
    expect(looks([0, well], [10, { ...again, isUnseen: true }]).healthy, 'nobody saw that it did not').toBeNull()
    expect(looks([0, well], [10, ill], [12, again]).healthy).toBeNull()
    const unready: Seen = { ...again, objects: [{ kind: 'Deployment', name: 'api' }] }
    expect(looks([0, well], [10, unready], [40, unready], [99, unready], [100, well]).healthy?.from).toBe(seconds(100))
    const back: Seen = { is: 'healthy', restartedAt: seconds(12) }
    expect(looks([0, well], [10, again], [31, back]).health).toMatchObject({ is: 'progressing', since: seconds(12) })
  })

  test('hides neither a failure nor progress that takes too long', () => {
    expect(is([0, busy], [899, again], [900, busy])).toBe('failed')
    expect(is([0, again], [60, ill], [180, ill])).toBe('failed')
  })
})

describe('loss of sight', () => {
  test('is neither illness nor health, and no time of it counts (T43, I6)', () => {
    expect(looks([0, well], [30, well], [60, dark])).toMatchObject({ health: { is: 'unknown' }, healthy: null })
    expect(is([0, well], [30, well], [60, dark], [90, well])).toBe('progressing')
    expect(is([0, busy], [60, dark], [5000, dark], [5001, busy])).toBe('progressing')
    expect(is([0, dark], [9000, dark])).toBe('unknown')
  })
})

describe('waiting for a person', () => {
  test('stops every clock', () => {
    expect(is([0, busy], [60, paused], [5000, paused], [5001, busy])).toBe('progressing')
    expect(looks([0, well], [30, well], [60, paused], [5000, well]).healthy).toEqual({
      from: seconds(5000),
      until: seconds(5000),
    })
  })
})

describe('since when a content is applied', () => {
  test('is when it was first seen so, after something else', () => {
    expect(looks([0, behind], [60, busy], [90, well]).appliedAt).toEqual(seconds(60))
  })

  test('is not known to a process that never saw it otherwise, so a restart does not make a promotion young', () => {
    const first = trackHealth(undefined, content, well, settings, seconds(0))
    expect(trackHealth(first, content, ill, settings, seconds(60)).appliedAt).toBeNull()
    const seenBefore = trackHealth(undefined, content, behind, settings, seconds(0))
    expect(trackHealth(seenBefore, content, well, settings, seconds(60)).appliedAt).toEqual(seconds(60))
  })
})

test('the gravest of several delivery objects speaks for the slot', () => {
  expect(gravest([well, busy, well]).is).toBe('progressing')
  expect(gravest([busy, behind, well]).is).toBe('behind')
  expect(gravest([dark, paused]).is).toBe('unknown')
  expect(gravest([dark, ill, well]).is).toBe('failed')
})

describe('of several delivery objects that are as grave', () => {
  const again: Seen = { ...busy, isRepeated: true }
  const crashing: Seen = { ...busy, reason: 'flux.workload-crashing', isCrashing: true }
  const api = { kind: 'Deployment', name: 'api' }
  const web = { kind: 'Deployment', name: 'web' }

  test('a crash is not hidden, neither one that is seen nor one that no look met (T45)', () => {
    expect(gravest([again, crashing])).toMatchObject({ reason: 'flux.workload-crashing', isCrashing: true })
    expect(gravest([again, crashing])).not.toHaveProperty('isRepeated')
    expect(gravest([again, busy, { ...again, isUnseen: true }])).toMatchObject({ isUnseen: true })
    expect(gravest([well, { is: 'healthy', restartedAt: seconds(50) }])).toEqual({
      ...{ is: 'healthy', restartedAt: seconds(50) },
    })
    const restarts = [seconds(40), seconds(60), seconds(50)].map(
      (restartedAt): Seen => ({ is: 'healthy', restartedAt }),
    )
    expect(gravest([well, ...restarts])).toEqual({ is: 'healthy', restartedAt: seconds(60) })
  })

  test('it is only a repeated check where all of them are', () => {
    expect(gravest([again, again])).toMatchObject({ isRepeated: true })
    expect(gravest([again, busy])).not.toHaveProperty('isRepeated')
  })

  test('all that is behind or fails is named, what is final is so, and infrastructure takes nothing back', () => {
    const slow: Seen = { ...busy, objects: [web] }
    expect(gravest([{ ...busy, objects: [api] }, slow])).toMatchObject({ objects: [api, web] })
    const stuck: Seen = { ...ill, final: true, objects: [web], reason: 'flux.workload-failed' }
    expect(gravest([ill, stuck])).toMatchObject({ final: true, reason: 'flux.workload-failed', objects: [api, web] })
    expect(gravest([ill, { ...ill, infrastructure: 'no node has room' }])).toMatchObject({
      infrastructure: 'no node has room',
    })
  })
})
