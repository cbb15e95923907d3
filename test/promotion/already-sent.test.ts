import { describe, expect, test } from 'vitest'
import type { Scope } from '../../src/domain/directive.ts'
import { report } from '../../src/promotion/report/report.ts'
import { ago, aWorld, brought, minute, production, recorded, runs, sam, shaOf, staging, type Verb } from './world.ts'

/** Sam froze it on #3 five minutes ago. */
const frozen = (scope: Scope = { environment: 'production' }): Verb =>
  recorded({
    ...{ kind: 'command', at: ago(5 * minute), by: { id: sam.id, login: sam.login }, pull: 3, comment: 60, index: 0 },
    taken: { verb: 'freeze', scope, until: null, why: '' },
  })

const merged = (at: number, differs: Parameters<typeof brought>[4] = {}): readonly Verb[] => [
  runs(production, 'two', ago(minute)),
  brought(production, 'one', 'two', ago(at), { pull: 41, ...differs }),
]

const said = (...verbs: readonly Verb[]) => {
  const { considered, plan } = aWorld(...verbs)
  return report(considered, plan, []).flatMap((one) => (one.kind === 'comment' ? [one] : []))
}

describe('a freeze names what was merged before it was on record,', () => {
  test('on the pull request where it was said, with the way to take it back', () => {
    const [comment, ...more] = said(frozen(), ...merged(4 * minute))
    expect(comment).toMatchObject({ pull: 3, marker: expect.stringMatching(/^<!-- sluice:notice:[0-9a-f]{16} -->$/) })
    expect(comment?.text).toContain('#41 (`api/production`, 2026-06-01 11:56:00 UTC)')
    expect(comment?.text).toContain('`/sluice rollback production --app api --reason "…"`')
    expect(more).toEqual([])
  })

  test('also while the comment was being written', () => {
    expect(said(frozen(), ...merged(5.5 * minute))).toHaveLength(1)
    expect(said(frozen('all'), ...merged(5.5 * minute))).toHaveLength(1)
  })

  test('by one comment, whichever round and process finds it', () => {
    const markers = [said(frozen(), ...merged(4 * minute)), said(frozen(), ...merged(4 * minute))].flat()
    expect(new Set(markers.map(({ marker, version, text }) => `${marker} ${version} ${text}`)).size).toBe(1)
  })

  test('and nothing else: not what was there before, nor elsewhere, nor a revert, which passes', () => {
    expect(said(frozen(), ...merged(7 * minute))).toEqual([])
    expect(said(frozen({ environment: 'staging' }), ...merged(4 * minute))).toEqual([])
    expect(said(frozen(), ...merged(4 * minute, { kind: 'rollback', takesBack: shaOf('merge one') }))).toEqual([])
    expect(said(frozen(), brought(staging, 'one', 'two', ago(4 * minute)))).toEqual([])
    expect(said(...merged(4 * minute))).toEqual([])
  })
})
