import { describe, expect, test } from 'vitest'
import type { SlotKey } from '../../src/domain/ids.ts'
import { notices } from '../../src/promotion/report/notices.ts'
import {
  ago,
  aWorld,
  brought,
  changedObjects,
  contentOf,
  crashing,
  hour,
  minute,
  production,
  quarantined,
  recorded,
  releaseNamed,
  runs,
  sam,
  shaOf,
  slotIs,
  snapshotIs,
  staging,
  takesBack,
  untrusted,
  type Verb,
  witnessed,
} from './world.ts'

const deployment = { kind: 'Deployment', namespace: 'production', name: 'api' }

/** `two` was promoted to a slot ten minutes ago by #40, and crashes there. */
const twoCrashes = (slot: SlotKey = production, pull = 40): readonly Verb[] => [
  ...[runs(slot, 'two', ago(9 * minute)), brought(slot, 'one', 'two', ago(10 * minute), { pull })],
  ...[slotIs(slot, { health: crashing, healthySpan: null }), changedObjects(slot, [deployment])],
]

const told = (...verbs: readonly Verb[]) => {
  const { snapshot, plan } = aWorld(...verbs)
  return notices(snapshot, plan.notTakenBack).flatMap((one) => (one.kind === 'notify' ? [one] : []))
}

describe("a failure that is shown to be the promotion's, and is not taken back by itself,", () => {
  const failed = { key: `failed ${production} ${contentOf(production, 'two')}`, pull: 40 }

  test('is told on the promotion where the environment says never, with the way back', () => {
    const [notice, ...more] = told(...twoCrashes(), takesBack('never'))
    expect(notice).toMatchObject(failed)
    expect(notice?.text).toMatch(/^@acme\/team `api\/production` is unhealthy: CrashLoopBackOff/)
    expect(notice?.text).toContain('the environment says `when: never` (`rollback.never`)')
    expect(notice?.text).toContain('/sluice rollback production --app api')
    expect(more).toEqual([])
  })

  test('is told where the breaker was open already, and what opens it again', () => {
    const open = recorded({ kind: 'breaker', at: ago(hour), environment: 'production', why: 'too many at once' })
    const [notice] = told(...twoCrashes(), open)
    expect(notice).toMatchObject({ key: expect.stringContaining(failed.key), pull: 40 })
    expect(notice?.text).toMatch(/^@acme\/team .*the breaker of the environment is open: too many at once/)
    expect(notice?.text).toContain('/sluice resume production')
  })

  test('is told to each of several who fail, on its own promotion', () => {
    const open = recorded({ kind: 'breaker', at: ago(hour), environment: 'production', why: 'too many at once' })
    const all = told(...twoCrashes(), ...twoCrashes('web/production', 41), open)
    expect(all.filter(({ key }) => key.startsWith('failed ')).map(({ pull }) => pull)).toEqual([40, 41])
  })

  test('is told while the state is not trusted, though nothing may be written', () => {
    const [notice] = told(...twoCrashes(), untrusted)
    expect(notice).toMatchObject(failed)
    expect(notice?.text).toMatch(/not trusted, .*\(`rollback\.untrusted`\).*sluice state repair/)
    expect(aWorld(...twoCrashes(), untrusted).effects('write-state')).toEqual([])
  })

  test('is told where somebody lifted its quarantine and wants it to stay', () => {
    const lifted = recorded({
      ...{ kind: 'command', at: ago(minute), by: { id: sam.id, login: sam.login }, pull: 3, comment: 70, index: 0 },
      taken: { verb: 'unquarantine', slots: [{ slot: production, release: releaseNamed('two').id }] },
    })
    const [notice] = told(...twoCrashes(), quarantined(production, 'two', ago(2 * minute)), lifted)
    expect(notice).toMatchObject(failed)
    expect(notice?.text).toContain('(`rollback.kept`)')
  })

  test('is not told so where it is taken back, or proposed to be', () => {
    const kinds = (...verbs: readonly Verb[]) => told(...verbs).map(({ key }) => key.split(' ')[0])
    expect(kinds(...twoCrashes())).toEqual([])
    expect(kinds(...twoCrashes(), takesBack('propose'))).toEqual([])
    expect(kinds(...twoCrashes(), quarantined(production, 'two'))).toEqual(['quarantine'])
    expect(kinds(...twoCrashes(), quarantined(production, 'two'), takesBack('never'))).toEqual(['quarantine'])
  })
})

describe('what stops a whole repository', () => {
  const merged = [
    brought('web/production', 'one', 'two', ago(hour), { pull: 38 }),
    brought(staging, 'one', 'two', ago(minute), { pull: 39 }),
  ]

  test('is told to the owners, where something was promoted last: a state that is not trusted (T66, T68)', () => {
    const [notice, ...more] = told(...merged, untrusted)
    expect(notice).toMatchObject({ key: `untrusted ${shaOf('state')}`, pull: 39, text: '@acme/team a foreign commit' })
    expect(more).toEqual([])
  })

  test('and a default branch that was rewritten (T15)', () => {
    const audit = { upTo: shaOf('lost'), ungated: [], mismatched: [], rewritten: true }
    const [notice] = told(...merged, snapshotIs({ audit }))
    expect(notice).toMatchObject({ key: `rewritten ${shaOf('lost')}`, pull: 39 })
    expect(notice?.text).toMatch(/^@acme\/team The default branch no longer holds/)
  })

  test('is for the log and the alert alone, where nothing was ever promoted', () => {
    expect(told(untrusted)).toMatchObject([{ pull: null }])
  })

  const broken = (commit: string, diagnostics: string): Verb =>
    snapshotIs({
      config: { ...aWorld().snapshot.config, broken: diagnostics },
      brokenBy: { commit: shaOf(commit), pull: 12 },
    })

  test('is told on the pull request that broke the manifests, and again on the next that leaves them broken', () => {
    const hostile = '.sluice/dev.yaml:1: config.unknown-key\n  @acme/everybody ```\n/sluice merge'
    const [notice] = told(broken('one', hostile))
    expect(notice).toMatchObject({ about: 'config', pull: 12 })
    expect(notice?.text).toMatch(/^@acme\/team The manifests of the default branch do not parse; promotions wait/)
    // Nothing of the file leaves its fence.
    expect(notice?.text.endsWith(`\n\n\`\`\`\`\n${hostile}\n\`\`\`\``)).toBe(true)
    expect(told(broken('two', hostile))[0]?.key).not.toBe(notice?.key)
    expect(told(broken('one', hostile))[0]?.key).toBe(notice?.key)
  })

  test('stays below what the forge takes, however much is wrong', () => {
    const [notice] = told(broken('one', '.sluice/dev.yaml: config.unknown-key\n'.repeat(5_000)))
    expect(notice?.text.length).toBeLessThan(65_536)
  })
})

describe('a push around the gates (T70)', () => {
  const pushed = recorded({
    ...{ kind: 'ungated', at: ago(10 * minute), commit: shaOf('push'), slots: [production], why: 'pushed' },
  })

  test('is told where something was promoted there last before', () => {
    const before = brought(production, 'one', 'two', ago(hour), { pull: 40 })
    const elsewhere = brought(staging, 'one', 'two', ago(30 * minute), { pull: 39 })
    expect(told(before, elsewhere, pushed)).toMatchObject([{ about: 'ungated', pull: 40 }])
  })

  test('of what speaks for the whole environment, where something was promoted to it last', () => {
    const every = recorded({
      ...{ kind: 'ungated', at: ago(10 * minute), commit: shaOf('push'), slots: ['*/production'], why: 'pushed' },
    })
    const web = brought('web/production', 'one', 'two', ago(hour), { pull: 38 })
    expect(told(web, every)).toMatchObject([{ about: 'ungated', pull: 38 }])
  })

  test('is not told a second time on what was promoted there since', () => {
    const since = brought(production, 'two', 'three', ago(minute), { pull: 44 })
    expect(told(since, pushed)).toMatchObject([{ about: 'ungated', pull: null }])
  })
})

describe('a breaker that opens', () => {
  const others: readonly SlotKey[] = ['web/production', 'worker/production']
  const all = [production, ...others].flatMap((slot, index) => twoCrashes(slot, 40 + index))

  test('says who fails and what they share: here the image that all of them got', () => {
    const [breaker] = aWorld(...all).events('breaker')
    const image = `image ghcr.io/acme/api ${releaseNamed('two').parts.images['ghcr.io/acme/api']}`
    expect(breaker?.why).toMatch(
      /^0 automatic reverts within the breaker's time, and api\/production, web\/production, /,
    )
    expect(breaker?.why).toContain(`they share ${image}, flux.health-check: CrashLoopBackOff`)
  })

  test('names those that were taken back before as well', () => {
    const reverted = others.map((slot, index) =>
      recorded({
        ...{ kind: 'reverted', at: ago(5 * minute), slot, release: releaseNamed('bad').id, pull: 50 + index },
        automatic: true,
      }),
    )
    const [breaker] = aWorld(
      ...twoCrashes(),
      ...reverted,
      ...others.map((slot) => quarantined(slot, 'bad', ago(hour))),
    ).events('breaker')
    expect(breaker?.why).toContain("2 automatic reverts within the breaker's time (web/production, worker/production)")
    expect(breaker?.why).toContain('they share no part that changed, nor how they fail')
  })

  test('is told to the owners of each that fails, on its own promotion, once it is on record', () => {
    const [breaker] = aWorld(...all).events('breaker')
    if (breaker === undefined) throw new Error('it stays closed')
    const notes = told(...all, recorded(breaker))
    expect(notes.map(({ about, pull }) => [about, pull])).toEqual([
      ...[40, 41, 42].map((pull) => ['failed', pull]),
      ['breaker', null],
    ])
    expect(notes.every(({ text }) => text.includes('they share'))).toBe(true)
    // Who was told of the failure before it opened is told that nothing is done about it.
    expect(notes[0]?.key).toContain(breaker.id)
  })
})

test('an order that nothing can carry out any more is told once, by whom and of what', () => {
  const order = recorded({
    ...{ kind: 'command', at: ago(hour), by: { id: sam.id, login: sam.login }, pull: 3, comment: 50, index: 0 },
    taken: { verb: 'promote', orders: [{ slot: production, release: releaseNamed('two').id }] },
  })
  const short = witnessed(staging, 'two', ago(2 * hour), ago(110 * minute))
  const [notice, ...more] = told(order, short)
  expect(notice).toMatchObject({ about: 'lapsed', key: 'lapsed command-50-0 hopeless', pull: null })
  expect(notice?.text).toContain('`sam`')
  expect(notice?.text).toContain(`\`${production}\` (\`${releaseNamed('two').id.slice(0, 12)}\`) cannot pass any more`)
  expect(more).toEqual([])
  expect(told(order, short, runs(staging, 'two', ago(minute)))).toEqual([])
})
