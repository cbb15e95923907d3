import { describe, expect, test } from 'vitest'
import type { ExpectedDelivery } from '../../src/ports/delivery.ts'
import type { ReconcileRequest, ReconcileRequests, RequestAnswer } from '../../src/ports/reconcile-requests.ts'
import { requestReconcileOnce } from '../../src/promotion/apply/request-reconcile.ts'
import type { EffectOf } from '../../src/promotion/effects.ts'
import { ago, aWorld, brought, healthIs, minute, production, runs, shaOf, slotIs, staging } from './world.ts'

const objectOf = (name: string): ExpectedDelivery => ({
  spec: { type: 'flux', cluster: 'here', namespace: 'flux-system', name },
  repositoryUrls: ['https://forge.example/acme/config'],
  branch: 'main',
  path: 'apps/api/overlays/production',
})
const behind = { is: 'progressing', since: ago(0), reason: 'delivery.behind', detail: 'not yet' } as const
const stillOld = (slot: typeof production, name = 'api') => slotIs(slot, { mayBeAsked: [objectOf(name)] })

describe('after a merge', () => {
  test.each(['promotion', 'rollback'] as const)(
    'of a %s, what acts on the old content still is asked to look',
    (kind) => {
      const world = aWorld(
        runs(production, 'two', ago(minute)),
        brought(production, 'one', 'two', ago(minute), { kind }),
        healthIs(production, behind),
        stillOld(production),
      )
      const merge = { commit: shaOf('merge two'), at: ago(minute) }
      expect(world.effects('request-reconcile')).toMatchObject([
        { requests: [{ slot: production, merge, expected: objectOf('api') }] },
      ])
    },
  )

  test('all of a round are asked by one effect, which comes after everything else', () => {
    const world = aWorld(
      ...[staging, production].flatMap((slot) => [
        runs(slot, 'two', ago(minute)),
        brought(slot, 'one', 'two', ago(minute)),
        stillOld(slot, slot),
      ]),
    )
    const [effect, ...more] = world.effects('request-reconcile')
    expect(effect?.requests.map(({ slot }) => slot)).toEqual([staging, production])
    expect(more).toEqual([])
    expect(Math.max(...world.plan.effects.map(({ urgency }) => urgency))).toBe(effect?.urgency)
  })
})

describe('nobody is asked', () => {
  test('where nothing is behind, or the operator has not allowed it', () => {
    const world = aWorld(runs(production, 'two', ago(minute)), brought(production, 'one', 'two', ago(minute)))
    expect(world.effects('request-reconcile')).toEqual([])
  })

  test('for what no promotion or rollback brought', () => {
    expect(aWorld(stillOld(production)).effects('request-reconcile')).toEqual([])
  })

  test('for a promotion over which something else was merged since', () => {
    const world = aWorld(
      brought(production, 'one', 'two', ago(minute)),
      runs(production, 'three', ago(0)),
      stillOld(production),
    )
    expect(world.effects('request-reconcile')).toEqual([])
  })
})

describe('the applier', () => {
  const request = (commit: string, name = 'api'): ReconcileRequest => ({
    slot: production,
    merge: { commit: shaOf(commit), at: ago(minute) },
    expected: objectOf(name),
  })
  const effect = (...requests: readonly ReconcileRequest[]): EffectOf<'request-reconcile'> => ({
    kind: 'request-reconcile',
    urgency: 4,
    requests,
  })

  function anApplier(is: RequestAnswer['is'] = 'asked') {
    const asked: ReconcileRequest[] = []
    const counted: string[] = []
    const warned: object[] = []
    const requests: ReconcileRequests = {
      clusters: new Set(['here']),
      ask: async (wanted) => {
        asked.push(...wanted)
        return wanted.map((one) => ({ request: one, is, detail: 'PATCH …: 403' }))
      },
    }
    const log = { debug() {}, info() {}, warn: (fields: object) => void warned.push(fields), error() {} }
    const apply = requestReconcileOnce({ requests, log }, { reconcileRequested: (how) => void counted.push(how) })
    return { apply, asked, counted, warned }
  }

  test('asks each object once for each merge, however often it is planned', async () => {
    const { apply, asked } = anApplier()
    const [first, second, next] = [request('a'), request('a', 'web'), request('b')]
    expect(await apply(effect(first))).toEqual({ is: 'done' })
    expect(await apply(effect(first))).toEqual({ is: 'already-so' })
    expect(await apply(effect(first, second))).toEqual({ is: 'done' })
    expect(await apply(effect(next))).toEqual({ is: 'done' })
    expect(asked).toEqual([first, second, next])
  })

  test('tells in log and metric what was refused, and that is no failure of the round', async () => {
    const { apply, counted, warned } = anApplier('refused')
    expect(await apply(effect(request('a')))).toEqual({ is: 'done' })
    expect(counted).toEqual(['refused'])
    expect(warned).toMatchObject([{ slot: production, object: 'flux here flux-system/api', detail: 'PATCH …: 403' }])
    expect(await apply(effect(request('a'))), 'nor tried again').toEqual({ is: 'already-so' })
  })
})
