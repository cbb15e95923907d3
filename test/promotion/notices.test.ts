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
  slotIs,
  takesBack,
  untrusted,
  type Verb,
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
    expect(notice).toMatchObject(failed)
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
    expect(notice?.text).toMatch(/a foreign commit \(`rollback\.untrusted`\).*sluice state repair/)
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
