import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Sighting } from '../../../src/domain/health.ts'
import { type Recording, replay } from './replay.ts'

const folder = new URL('../../../fixtures/delivery/recorded/', import.meta.url)

interface Story {
  readonly never: readonly Sighting['is'][]
  /** In this order, whatever comes between. */
  readonly passes: readonly object[]
}

/** What each story of `test/cluster` must look like to Sluice. */
const stories: Readonly<Record<string, Story>> = {
  'argo-cd-crashing.json': {
    never: ['waiting', 'unknown'],
    passes: [
      { is: 'healthy' },
      { is: 'progressing' },
      { is: 'failed', reason: 'argo.degraded', final: false, objects: [{ kind: 'Deployment' }] },
      { is: 'healthy' },
    ],
  },
  'argo-cd-merged.json': {
    never: ['failed', 'waiting', 'unknown'],
    passes: [{ is: 'healthy' }, { is: 'progressing' }, { is: 'healthy' }],
  },
  'argo-cd-unbuildable.json': {
    never: ['failed', 'waiting'],
    passes: [{ is: 'healthy' }, { is: 'unknown', reason: 'argo.comparison-error' }, { is: 'healthy' }],
  },
  'argo-cd-unfetched.json': {
    never: ['failed', 'waiting'],
    passes: [{ is: 'healthy' }, { is: 'unknown', reason: 'argo.comparison-error' }, { is: 'healthy' }],
  },
  'flux-crashing.json': {
    never: ['waiting', 'unknown'],
    passes: [
      { is: 'healthy' },
      { is: 'progressing', reason: 'flux.reconciling' },
      { is: 'failed', reason: 'flux.health-check-failed', final: false, objects: [{ kind: 'Deployment' }] },
      { is: 'healthy' },
    ],
  },
  'flux-merged.json': {
    never: ['failed', 'waiting', 'unknown'],
    passes: [{ is: 'healthy' }, { is: 'progressing', reason: 'flux.reconciling' }, { is: 'healthy' }],
  },
  'flux-suspended.json': {
    never: ['failed', 'unknown'],
    passes: [{ is: 'waiting', reason: 'flux.suspended' }, { is: 'healthy' }],
  },
  'flux-unfetched.json': {
    never: ['failed', 'waiting', 'unknown'],
    passes: [
      { is: 'healthy' },
      { is: 'healthy', halted: { reason: 'flux.source-not-fetched' } },
      { is: 'progressing', reason: 'flux.reconciling' },
      { is: 'healthy' },
    ],
  },
  'flux-unbuildable.json': {
    never: ['waiting', 'unknown'],
    passes: [{ is: 'healthy' }, { is: 'failed', reason: 'flux.build-failed' }, { is: 'progressing' }],
  },
}

const read = (file: string): Recording => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))

test('each recording of real controllers has its story here', () => {
  const recorded = readdirSync(folder).filter((file) => file.endsWith('.json'))
  expect(recorded.toSorted()).toEqual(Object.keys(stories).toSorted())
})

test.for(Object.entries(stories))('%s is judged as its story goes', async ([file, { never, passes }]) => {
  const sightings = (await replay(read(file))).map(({ sighting }) => sighting)
  expect(sightings.filter(({ is }) => never.includes(is))).toEqual([])
  let from = 0
  for (const wanted of passes) {
    const at = sightings.findIndex((sighting, index) => index >= from && matches(sighting, wanted))
    expect(at, `${JSON.stringify(wanted)} in ${sightings.map(({ is }) => is).join(', ')}`).toBeGreaterThanOrEqual(0)
    from = at + 1
  }
})

function matches(sighting: Sighting, wanted: object): boolean {
  try {
    expect(sighting).toMatchObject(wanted)
    return true
  } catch {
    return false // only asked whether it does
  }
}
