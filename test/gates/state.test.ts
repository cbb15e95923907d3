import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { Directive } from '../../src/domain/directive.ts'
import { slotKey, toInstant } from '../../src/domain/ids.ts'
import { partsOf } from '../../src/domain/release.ts'
import type { StateFacts } from '../../src/gates/evidence.ts'
import { sentenceOf } from '../../src/gates/sentences.ts'
import { judgeGate } from '../../src/gates/table.ts'
import {
  ago,
  change,
  context,
  digest,
  evidence,
  known,
  newRelease,
  now,
  person,
  pinned,
  quiet,
  release,
  sha,
} from './facts.ts'

const gate = { type: 'state', name: 'state', binds: ['promotion', 'edit', 'rollback'] } as const
const given = { by: 3, byLogin: 'cleo', at: ago(1000), why: 'an incident', event: 'comment-1' }
const slot = slotKey('api', 'production')
const freeze: Directive = { ...given, kind: 'freeze', scope: { environment: 'production' }, saidOn: 3 }
const lock: Directive = { ...given, kind: 'lock', scope: { environment: 'production', application: 'api' } }
const hold: Directive = { ...given, kind: 'hold', pull: 7 }
const decline: Directive = { ...given, kind: 'decline', slot, release: newRelease.id, pull: 6 }
const quarantine: Directive = { ...given, kind: 'quarantine', slot, release: newRelease.id, parts: partsOf(newRelease) }
const ungated: Directive = { ...given, kind: 'ungated', slot, commit: sha('9'), pull: null }
const similar = pinned(release({ 'ghcr.io/acme/api': digest('b'), 'ghcr.io/acme/sidecar': digest('d') }))

const judge = (facts: Partial<StateFacts>, differs: Partial<Change> = {}) =>
  judgeGate(gate, change(differs), evidence({ state: () => known({ ...quiet, ...facts }) }), context)
const saying = (...args: Parameters<typeof judge>) => {
  const { is, reason } = judge(...args)
  return `${is} ${reason}`
}
const held = (...directives: readonly Directive[]): Partial<StateFacts> => ({ directives })
const byCleo: Partial<Change> = {
  origin: { in: 'pull-request', pull: 7, author: person(3, 'cleo'), initiators: { people: [], complete: true } },
}
const problem = { reason: 'render.helm', file: 'kustomization.yaml', line: 3, detail: 'helmCharts is not supported' }

describe('the gate state', () => {
  test.each<[Directive, string]>([
    [freeze, '/sluice thaw production'],
    [{ ...given, kind: 'freeze', scope: 'all', saidOn: 3 }, '/sluice thaw all'],
    [lock, '/sluice unlock production --app api'],
    [{ ...given, kind: 'lock', scope: { environment: 'production' } }, '/sluice unlock production'],
  ])('names the command that lifts just what holds', (directive, command) => {
    expect(judge(held(directive)).values).toMatchObject({ command })
  })

  test.each<[string, Partial<StateFacts>, Partial<Change>, string]>([
    ['passes when nothing holds it', {}, {}, 'pass state.clear'],
    [
      'T66 T67 T68 waits while the state branch is untrusted',
      { trusted: { untrusted: 'it was rewound' } },
      {},
      'wait state.untrusted',
    ],
    ['waits while the manifests are broken', { brokenConfig: '.sluice/a.yaml:3:1' }, {}, 'wait config.broken'],
    [
      'lets a change of the manifests mend them',
      { brokenConfig: '.sluice/a.yaml:3:1' },
      { guardPaths: ['.sluice/a.yaml'] },
      'pass state.clear',
    ],
    ['T10 waits when somebody pushed onto our branch', { foreignCommit: sha('8') }, {}, 'wait state.pushed-over'],
    ['waits during a freeze', held(freeze), {}, 'wait state.frozen'],
    ['waits during a freeze of everything', held({ ...freeze, scope: 'all' }), {}, 'wait state.frozen'],
    [
      'does not wait for a freeze elsewhere',
      held({ ...freeze, scope: { environment: 'staging' } }),
      {},
      'pass state.clear',
    ],
    ['does not wait for a freeze that is over', held({ ...freeze, until: now }), {}, 'pass state.clear'],
    ['waits for the lock of another', held(lock), {}, 'wait state.locked'],
    ['lets the one who locked go on with what they authored', held(lock), byCleo, 'pass state.clear'],
    ['lets the one who locked go on with what they ordered', { ...held(lock), orderedBy: 3 }, {}, 'pass state.clear'],
    ['waits while it is held', held(hold), {}, 'wait state.held'],
    ['does not wait for a hold of another pull request', held({ ...hold, pull: 8 }), {}, 'pass state.clear'],
    ['waits while it is a draft', { draft: true }, {}, 'wait state.draft'],
    ['waits for a declined release', held(decline), {}, 'wait state.declined'],
    ['I12 waits for a release in quarantine', held(quarantine), {}, 'wait state.quarantined'],
    [
      'I12 T49 waits for a release that holds all that a quarantined one changed',
      held(quarantine),
      { release: similar },
      'wait state.quarantine-similar',
    ],
    [
      'lets a fix beside a quarantined release that runs already pass',
      held(quarantine),
      { kind: 'edit', replaces: pinned(newRelease) },
      'pass state.clear',
    ],
    ['T70 waits after an ungated change', held(ungated), {}, 'wait state.ungated'],
    [
      'T70 waits after an ungated change of a guard path',
      held({ ...ungated, slot: slotKey('*', 'production') }),
      {},
      'wait state.ungated',
    ],
    ['waits over a foreign release', { foreign: [{ is: 'foreign', parts: ['image api'] }] }, {}, 'wait state.foreign'],
    [
      'waits over a divergence',
      { foreign: [{ is: 'divergence', parts: ['file flags.yaml'] }] },
      {},
      'wait state.divergence',
    ],
    [
      'lets an edit over a foreign release pass',
      { foreign: [{ is: 'foreign', parts: ['image api'] }] },
      { kind: 'edit' },
      'pass state.clear',
    ],
    [
      'waits for a tag',
      {},
      { release: { is: 'unpinned', images: [{ name: 'nginx', tag: '1.27', file: 'kustomization.yaml', line: 4 }] } },
      'wait image.unpinned',
    ],
    ['fails on what cannot be rendered', {}, { difference: { is: 'unsupported', problem } }, 'fail render.unsupported'],
    ['fails on what cannot be read', {}, { release: { is: 'unreadable', problem } }, 'fail release.unreadable'],
  ])('%s', (_name, facts, differs, expected) => {
    expect(saying(facts, differs)).toBe(expected)
  })

  test.each<[string, Partial<StateFacts>, string]>([
    ['I13 a freeze', held(freeze), 'pass state.clear'],
    ["I13 another's lock", held(lock), 'pass state.clear'],
    ['an ungated change', held(ungated), 'pass state.clear'],
    ['broken manifests', { brokenConfig: 'x' }, 'pass state.clear'],
    ['a hold', held(hold), 'wait state.held'],
    ['a decline', held(decline), 'wait state.declined'],
    ['an untrusted state branch', { trusted: { untrusted: 'x' } }, 'wait state.untrusted'],
    ['T10 a foreign commit', { foreignCommit: sha('8') }, 'wait state.pushed-over'],
  ])('judges a rollback under %s', (_name, facts, expected) => {
    expect(saying(facts, { kind: 'rollback' })).toBe(expected)
  })

  test.each([
    [{ id: 2, login: 'ben', kind: 'person' }, '@ben'],
    [{ id: 99, login: 'sluice[bot]', kind: 'bot' }, 'anybody with write'],
  ] as const)('asks of a draft by %j that %s makes it ready', (author, who) => {
    const { origin } = change()
    expect(judge({ draft: true }, { origin: { ...origin, author } }).who).toEqual([who])
  })

  test('says how a declined release is brought all the same', () => {
    expect(judge(held(decline)).values).toMatchObject({
      command: expect.stringMatching(/^\/sluice promote production --app api --release [0-9a-f]{12}$/),
    })
  })

  test('names what a promotion would overwrite, and the way over it', () => {
    const foreign = [
      { is: 'foreign', parts: ['image ghcr.io/acme/api@sha256:1'] },
      { is: 'divergence', parts: ['file flags.yaml', 'tree base'] },
    ] as const
    const verdict = judge({ foreign })
    expect(verdict).toMatchObject({ is: 'wait', reason: 'state.foreign', who: ['anybody with write'] })
    expect(sentenceOf(verdict)).toBe(
      'It would overwrite in production what did not come from upstream: image ghcr.io/acme/api@sha256:1. Bring that upstream first, or comment `/sluice promote production --app api`. It would overwrite in production what never existed upstream: file flags.yaml, tree base. Bring that upstream first, or comment `/sluice promote production --app api`.',
    )
  })

  test('tells everything that holds it, the gravest first', () => {
    const verdict = judge({ ...held(hold, freeze), draft: true })
    expect(verdict.reason).toBe('state.frozen')
    expect(sentenceOf(verdict)).toBe(
      'production is frozen by @cleo: an incident This pull request is held by @cleo: an incident This pull request is a draft.',
    )
  })

  test('is looked at again when the last of what ends by itself has ended', () => {
    const until = (seconds: number) => toInstant(now + seconds * 1000)
    expect(judge(held({ ...freeze, until: until(5) }, { ...lock, until: until(9) })).nextLook).toBe(until(9))
    expect(judge(held({ ...freeze, until: until(5) }, hold)).nextLook).toBeUndefined()
  })

  test('names the line to write for a tag', () => {
    const images = [{ name: 'ghcr.io/acme/api', tag: '1.4.2', file: 'kustomization.yaml', line: 4 }]
    expect(sentenceOf(judge({}, { release: { is: 'unpinned', images } }))).toContain(
      'in kustomization.yaml:4, under ghcr.io/acme/api, `digest: sha256:…`',
    )
  })

  test('never passes a promotion or an edit more easily for one more thing that holds it', () => {
    const directives = fc.subarray([freeze, lock, hold, decline, quarantine, ungated])
    const kinds = fc.constantFrom<Change['kind'][]>('promotion', 'edit', 'rollback')
    fc.assert(
      fc.property(directives, directives, kinds, fc.boolean(), (some, more, kind, draft) => {
        const passes = (all: readonly Directive[]) => judge({ directives: all, draft }, { kind }).is === 'pass'
        if (passes([...some, ...more])) expect(passes(some)).toBe(true)
      }),
    )
  })
})
