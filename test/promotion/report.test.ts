import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/domain/hash.ts'
import { releaseOf } from '../../src/domain/release.ts'
import type { RenderedObject } from '../../src/domain/rendered.ts'
import { sentenceOf } from '../../src/gates/sentences.ts'
import { notTakenBackReasons } from '../../src/promotion/plan/not-taken-back.ts'
import { nothingReasons } from '../../src/promotion/plan/wanted.ts'
import { fenced, inline, quotedText, visible } from '../../src/promotion/report/markdown.ts'
import { pullReport, reportFacts, reportVersion } from '../../src/promotion/report/pull-report.ts'
import { report } from '../../src/promotion/report/report.ts'
import {
  ago,
  aWorld,
  brought,
  changeOf,
  intentTo,
  judged,
  minute,
  opened,
  ours,
  production,
  quarantined,
  releaseNamed,
  runs,
  shaOf,
  type Verb,
  verdict,
} from './world.ts'

const hostile =
  '@acme/sre <img src=x onerror=alert(1)> `code` [link](http://evil) #1 /sluice merge \u202Egnp \u0007 | cell'

function reportOf(number: number, ...verbs: readonly Verb[]): string {
  const { considered, plan, snapshot } = aWorld(...verbs)
  const pull = snapshot.pulls.find((one) => one.pull.number === number)
  const standing = plan.standings.get(number)
  if (pull === undefined || standing === undefined) throw new Error(`#${number} does not stand anywhere`)
  return pullReport(reportFacts(considered, pull, standing))
}
const object = (name: string, body: object): RenderedObject => ({
  ...{
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'production',
    name,
    digest: digestOf(JSON.stringify(body)),
    images: [],
    unreadImages: [],
  },
  body: body as Record<string, unknown>,
})

describe('text of others', () => {
  test('mentions nobody, links nowhere, hides nothing and orders nothing (T26)', () => {
    const quoted = quotedText(hostile)
    expect(quoted).not.toMatch(/@acme|(?<!\\)[<`[|#]|\/sluice|\p{Cc}|\u202E/u)
    const code = inline(hostile)
    expect(code).toMatch(/^`[^`]*`$/)
    expect(code).not.toMatch(/\p{Cc}|\u202E/u)
    expect(visible('a\u200Bb\u0000c\u2028d')).toBe('a\uFFFDb\uFFFDc\uFFFDd')
    expect(inline('x'.repeat(5_000)).length).toBeLessThan(300)
  })

  test('cannot end the fence that it stands in', () => {
    expect(fenced('diff', 'a\n````\nb')).toMatch(/^`{5}diff\n[\s\S]*\n`{5}$/)
  })

  test('stays text wherever a report shows it: values, files, problems, titles (T26)', () => {
    const said = verdict({
      is: 'wait',
      reason: 'state.held',
      type: 'state',
      gate: hostile,
      values: { by: hostile, why: hostile },
      who: [hostile],
    })
    const problem = { reason: 'render.missing', file: hostile, detail: hostile }
    const body = reportOf(
      7,
      opened(7, [changeOf(production, 'two', { difference: { is: 'unsupported', problem } })], {}, { title: hostile }),
      judged(7, said),
    )
    // Inside inline code a mention does not fire; outside it must be broken.
    const outside = body.replace(/`[^`\n]*`/g, '')
    expect(outside).not.toMatch(/@acme|(?<!\\)<img|\]\(http|\u202E/)
  })
})

describe('a report', () => {
  const long = object('big', { data: { text: 'y'.repeat(70_000) } })
  const many = Array.from({ length: 300 }, (_, index) =>
    object(`c${index}`, { data: { [`k${index}`]: 'z'.repeat(400) } }),
  )

  test('stays below what the forge takes, however large the difference is (T26)', () => {
    const changed = [long, ...many].map((after) => ({ is: 'added', after }) as const)
    const change = changeOf(production, 'two', { difference: { is: 'rendered', after: [], changed } })
    const body = reportOf(7, opened(7, [change, { ...change, slot: 'web/production' }]))
    expect(body.length).toBeLessThan(65_536)
    expect(body).toContain('not shown here for want of room')
  })

  test('stays below it with hundreds of slots as well', () => {
    const slots = Array.from({ length: 400 }, (_, index) => changeOf(`app-${index}/production`, 'two'))
    expect(reportOf(7, opened(7, slots)).length).toBeLessThan(65_536)
  })

  test('shows no value of a Secret (T27, I8)', () => {
    const secret = {
      ...object('db', { data: { password: 'aHVudGVyMg==' }, stringData: { token: 'hunter2' } }),
      kind: 'Secret',
    }
    const change = changeOf(production, 'two', {
      difference: {
        is: 'rendered',
        after: [],
        changed: [{ is: 'added', after: { ...secret, body: { kind: 'Secret', ...secret.body } } }],
      },
    })
    expect(reportOf(7, opened(7, [change]))).not.toMatch(/aHVudGVyMg|hunter2/)
  })

  test('of a guard change says where the name of a folder is the reason', () => {
    const guarded = (path: string) =>
      reportOf(7, opened(7, [changeOf('*/dev', 'two', { guardPaths: [path], release: { is: 'absent' } })]))
    expect(guarded('apps/user_service/overlays/dev/kustomization.yaml')).toMatch(
      /guarded because of its name: user\\?_service is no name .*rename the folder/,
    )
    expect(guarded('.sluice/dev.yaml')).not.toContain('because of its name')
  })

  test('says where a tag moves beside a digest that stays, and of which image', () => {
    const release = (api: string, tags: string) => ({
      ...{ is: 'pinned' as const },
      release: releaseOf(
        { images: { 'acme/api': digestOf(api), 'acme/web': digestOf('w') }, trees: {}, files: {}, fields: {} },
        tags,
      ),
    })
    const report = (before: [string, string], after: [string, string]) =>
      reportOf(
        7,
        opened(7, [changeOf(production, 'two', { replaces: release(...before), release: release(...after) })]),
      )
    const moved = /The tag of `acme\/(\w+)` moves from `(\S+)` to `(\S+)`, its digest does not/g
    const seen = (...args: Parameters<typeof report>) =>
      [...report(...args).matchAll(moved)].map(([, ...words]) => words)
    expect(seen(['a', 'api:1.0.0, web:7'], ['a', 'api:1.1.0, web:7'])).toEqual([['api', '1.0.0', '1.1.0']])
    expect(seen(['a', 'api:1.0.0, web:7'], ['b', 'api:1.1.0, web:8'])).toEqual([['web', '7', '8']])
    expect(seen(['a', 'api:1.0.0, web:7'], ['b', 'api:1.1.0, web:7'])).toEqual([])
    expect(seen(['a', ''], ['a', 'api:1.1.0'])).toEqual([])
  })

  test('of a rollback says what it takes back, and why', () => {
    const intent = intentTo(production, 'one', {
      kind: 'rollback',
      replaces: releaseNamed('two'),
      takesBack: shaOf('merge of two'),
    })
    const { considered, plan } = aWorld(
      runs(production, 'two', ago(10 * minute)),
      brought(production, 'one', 'two', ago(10 * minute)),
      ours(5, production, 'one', { intent, takesBack: production }),
      quarantined(production, 'two'),
    )
    const bodies = report(considered, plan, []).flatMap((effect) =>
      effect.kind === 'update-pull' ? [effect.body] : [],
    )

    expect(bodies).toHaveLength(1)
    const merge = shaOf('merge of two').slice(0, 12)
    expect(bodies[0]).toContain(
      `\n\nTakes back what ${merge} brought. \`two\` was quarantined in \`production\` at 2026-06-01 11:59:00 UTC: it crashed\n\n`,
    )
  })

  test('is the same version while only time goes on, and another where something is news', () => {
    const version = (...verbs: readonly Verb[]) => {
      const { considered, plan, snapshot } = aWorld(ours(7, production, 'two'), ...verbs)
      const [pull] = snapshot.pulls
      const standing = plan.standings.get(7)
      if (pull === undefined || standing === undefined) throw new Error('#7 does not stand anywhere')
      return reportVersion(reportFacts(considered, pull, standing))
    }
    const soaking = (healthy: string, at: number) =>
      judged(
        7,
        verdict({
          is: 'wait',
          reason: 'upstream.soaking',
          values: { environment: 'staging', healthy, soak: '1h' },
          nextLook: ago(-at),
        }),
      )
    expect(version(soaking('1m', minute))).toBe(version(soaking('2m', 2 * minute)))
    expect(version(soaking('1m', minute))).not.toBe(
      version(judged(7, verdict({ is: 'wait', reason: 'approvals.too-few' }))),
    )
  })

  test('has words for every reason that the planner gives', () => {
    for (const sentence of [...Object.values(nothingReasons), ...Object.values(notTakenBackReasons)])
      expect(sentence.length).toBeGreaterThan(10)
    expect(
      sentenceOf(verdict({ reason: 'upstream.soaked', values: { environment: 'staging', healthy: '1h', soak: '1h' } })),
    ).toContain('staging')
  })
})

describe('the one check', () => {
  const checks = (...verbs: readonly Verb[]) => {
    const { considered, plan } = aWorld(...verbs)
    return report(considered, plan, []).flatMap((one) =>
      one.kind === 'show-check' ? [{ head: one.head, is: one.is, title: one.title }] : [],
    )
  }

  test('is green at once for what touches no environment, and else only in the round that merges', () => {
    expect(checks(opened(7, []))).toMatchObject([{ is: 'success' }])
    expect(checks(opened(7, [changeOf(production, 'two')]))).toMatchObject([{ is: 'waiting' }])
    expect(
      checks(opened(7, [changeOf(production, 'two')]), judged(7, verdict({ is: 'fail', reason: 'upstream.failed' }))),
    ).toMatchObject([{ is: 'failed' }])
  })

  test('of two pull requests with one head is written once, by the one that is furthest from passing (T62)', () => {
    const head = shaOf('one head')
    const twins = [
      opened(7, [changeOf(production, 'two')], {}, { head }),
      opened(8, [changeOf(production, 'two')], {}, { head }),
    ]
    expect(checks(...twins, judged(8, verdict({ is: 'fail', reason: 'upstream.failed' })))).toMatchObject([
      { head, is: 'failed' },
    ])
    expect(checks(...twins)).toHaveLength(1)
  })
})
