import { expect, test } from 'vitest'
import type { Sighting } from '../../../src/domain/health.ts'
import { commitsIn, type Pass, recordedFiles, recordingOf, stories } from './recorded-stories.ts'
import { replay } from './replay.ts'

test('each recording of real controllers has its story here', () => {
  expect(recordedFiles.toSorted()).toEqual(Object.keys(stories).toSorted())
})

test.for(Object.entries(stories))('%s is judged as its story goes, commit by commit', async ([file, story]) => {
  const recording = recordingOf(file)
  const commits = commitsIn(recording)
  expect(commits).toHaveLength(story.commits.length)
  const sightings = (await replay(recording)).map(({ sighting }) => sighting)
  expect(sightings.filter(({ is }) => story.never.includes(is))).toEqual([])
  let from = 0
  for (const wanted of story.passes.map((pass) => withCommits(pass, commits))) {
    const at = sightings.findIndex((sighting, index) => index >= from && matches(sighting, wanted))
    expect(at, `${JSON.stringify(wanted)} in ${sightings.map(words).join(', ')}`).toBeGreaterThanOrEqual(0)
    from = at + 1
  }
  for (const sighting of sightings) {
    if (sighting.is !== 'healthy' && sighting.is !== 'failed') continue
    const made = story.commits[commits.indexOf(sighting.revision)]
    expect(made, words(sighting)).toBe(sighting.is === 'healthy' ? 'good' : 'bad')
  }
})

const withCommits = ({ of, tries, ...words }: Pass, commits: readonly string[]): object => ({
  ...words,
  ...(of === undefined ? {} : { revision: commits[of] }),
  ...(tries === undefined ? {} : { attempt: { revision: commits[tries] } }),
})

const words = (sighting: Sighting): string =>
  `${sighting.is} ${sighting.is === 'unknown' ? '' : sighting.revision?.slice(0, 7)}`

function matches(sighting: Sighting, wanted: object): boolean {
  try {
    expect(sighting).toMatchObject(wanted)
    return true
  } catch {
    return false // only asked whether it does
  }
}
