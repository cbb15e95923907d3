import { describe, expect, test } from 'vitest'
import type { ObjectRef } from '../../src/domain/health.ts'
import { attribute, type Failure } from '../../src/promotion/plan/attribution.ts'
import {
  ago,
  aWorld,
  brought,
  config,
  contentOf,
  crashing,
  hour,
  minute,
  production,
  releaseNamed,
  runs,
  slotIs,
} from './world.ts'

const api: ObjectRef = { kind: 'Deployment', namespace: 'production', name: 'api' }

/** `two` was promoted over a healthy `one` ten minutes ago, and its Deployment crashes. */
function aFailure(differs: Partial<Failure> = {}): Failure {
  const { snapshot } = aWorld(
    ...[runs(production, 'two', ago(9 * minute)), brought(production, 'one', 'two', ago(10 * minute))],
    slotIs(production, { health: crashing, healthySpan: null }),
  )
  const [slot, environment] = [snapshot.slots.get(production), config.environments.get('production')]
  if (slot === undefined || environment === undefined) throw new Error('the world has no production')
  return { slot, environment, health: crashing, record: snapshot.records[0], changed: [api], ...differs }
}
const record = (differs: Partial<NonNullable<Failure['record']>>): Partial<Failure> => {
  const known = aFailure().record
  return known === undefined ? {} : { record: { ...known, ...differs } }
}
const answer = (differs: Partial<Failure> = {}) => {
  const found = attribute(aFailure(differs))
  return found.is === 'attributed' ? 'attributed' : found.reason
}

describe('a failure is laid to the last promotion', () => {
  test('where everything speaks for it, with its evidence (I11)', () => {
    const found = attribute(aFailure())
    expect(found).toMatchObject({ is: 'attributed' })
    expect(found.is === 'attributed' && found.evidence.join(' ')).toMatch(/CrashLoopBackOff.*#40.*sha256:/)
  })

  test('also where only one of several failing objects was changed by it', () => {
    const other = { kind: 'Deployment', namespace: 'production', name: 'sidecar' }
    expect(answer({ health: { ...crashing, objects: [other, api] } })).toBe('attributed')
  })

  test.each<[string, Partial<Failure>, string]>([
    ['nothing of ours brought it', { record: undefined }, 'attribution.no-promotion'],
    ['it is a rollback itself (T47)', record({ kind: 'rollback' }), 'attribution.is-rollback'],
    ['another release was merged since', record({ release: releaseNamed('three') }), 'attribution.other-release'],
    [
      'the cause is infrastructure (T44, T65)',
      { health: { ...crashing, infrastructure: 'the registry does not answer' } },
      'attribution.infrastructure',
    ],
    [
      'it was not healthy when the promotion came (T71)',
      record({ overHealthy: false }),
      'attribution.not-healthy-before',
    ],
    [
      'something else changed beside it',
      record({ inputsAfter: contentOf(production, 'edited') }),
      'attribution.other-changes',
    ],
    ['the promotion could not be rendered', { changed: null }, 'attribution.unrendered'],
    ['nobody says what fails', { health: { ...crashing, objects: [] } }, 'attribution.no-object'],
    ['what fails was not changed by it', { changed: [{ ...api, name: 'other' }] }, 'attribution.other-object'],
    [
      'it changed an object of that name in another namespace',
      { changed: [{ ...api, namespace: 'staging' }] },
      'attribution.other-object',
    ],
  ])('but not where %s', (_, differs, reason) => expect(answer(differs)).toBe(reason))

  test('but not later than `watch` after it was applied; where nobody saw that, after it was merged', () => {
    const { slot } = aFailure()
    expect(answer({ slot: { ...slot, appliedAt: ago(40 * minute) } })).toBe('attribution.after-watch')
    expect(answer({ slot: { ...slot, appliedAt: null } })).toBe('attributed')
    expect(answer({ slot: { ...slot, appliedAt: null }, ...record({ mergedAt: ago(3 * hour) }) })).toBe(
      'attribution.after-watch',
    )
  })
})
