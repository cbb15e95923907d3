import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/domain/hash.ts'
import { type Sha, toInstant } from '../../src/domain/ids.ts'
import { type Release, type ReleaseParts, releaseOf } from '../../src/domain/release.ts'
import { foreignnessBy } from '../../src/promotion/gather/foreignness.ts'
import { partHistory } from '../../src/promotion/gather/part-history.ts'
import { ann, commitFiles, type Files } from '../fakes/company.ts'
import { type MemoryGit, memoryGit } from '../fakes/memory-git.ts'
import {
  ago,
  aWorld,
  brought,
  changeOf,
  hour,
  production,
  releaseNamed,
  shaOf,
  slotIs,
  type Verb,
  witnessed,
} from './world.ts'

const sidecar = 'ghcr.io/acme/agent'
const holding = (name: string, more: Partial<ReleaseParts> = {}): Release => {
  const { parts } = releaseNamed(name)
  return releaseOf({ ...parts, ...more, images: { ...parts.images, ...more.images } })
}
const pinned = (release: Release) => ({ is: 'pinned', release }) as const
const staging = 'api/staging'

/** What a promotion to production of `two`, over what is named, would overwrite of others. */
async function overwrites(over: Release, ...verbs: readonly Verb[]) {
  const { snapshot } = aWorld(slotIs(production, { release: pinned(over) }), ...verbs)
  const next = releaseOf({ ...over.parts, images: { ...over.parts.images, ...releaseNamed('two').parts.images } })
  const change = {
    ...changeOf(production, 'two', { kind: 'promotion' }),
    release: pinned(next),
    replaces: pinned(over),
  }
  return foreignnessBy(memoryGit())(snapshot, change)
}

const foreignApi = (name: string) => [{ is: 'foreign', parts: [`image ghcr.io/acme/api@${digestOf(name)}`] }]

describe('a digest in the target', () => {
  test('that nobody knows of is foreign', async () => {
    expect(await overwrites(releaseNamed('theirs'))).toEqual(foreignApi('theirs'))
  })

  test.each<[string, Verb]>([
    ['ran upstream', witnessed(staging, 'theirs', ago(9 * hour), ago(8 * hour))],
    [
      'stood there when the manifests came (T72)',
      slotIs(production, { original: releaseNamed('theirs'), release: pinned(releaseNamed('theirs')) }),
    ],
    ['stood upstream when the manifests came', slotIs(staging, { original: releaseNamed('theirs') })],
    ['Sluice brought', brought(production, 'one', 'theirs', ago(hour))],
  ])('that %s is not', async (_name, verb) => {
    expect(await overwrites(releaseNamed('theirs'), verb)).toEqual([])
  })

  test('is not made foreign by an image beside it that only production has, since nothing overwrites that', async () => {
    expect(await overwrites(holding('one', { images: { [sidecar]: digestOf('agent 7') } }))).toEqual([])
  })
})

async function line(git: MemoryGit, ...steps: readonly Files[]): Promise<readonly Sha[]> {
  const commits: Sha[] = []
  for (const [index, files] of steps.entries())
    commits.push(
      await commitFiles({ git, now: toInstant(index * 1_000) }, commits.at(-1) ?? null, files, `${index}`, ann),
    )
  return commits
}

/** `git` with a count of what is a process where it is real. */
function counted(git: MemoryGit) {
  const walks = { count: 0 }
  return {
    walks,
    git: {
      ...git,
      history: (...given: Parameters<MemoryGit['history']>) => {
        walks.count += 1
        return git.history(...given)
      },
    },
  }
}

describe('what Git knows of a part', () => {
  const place = { overlay: 'apps/api/overlays/dev', name: 'release.yaml', field: 'chart.version' }
  const file = `${place.overlay}/${place.name}`

  test('is every value that it ever had on the default branch', async () => {
    const git = memoryGit()
    const commits = await line(
      git,
      { [file]: 'chart: { version: 1.0.0 }\n' },
      { [file]: 'chart: [\n' },
      { [file]: 'chart: { version: 2.0.0 }\n' },
      { [file]: null },
    )
    expect([...(await partHistory(git)(commits.at(-1) ?? shaOf('none'), place))].toSorted()).toEqual(['1.0.0', '2.0.0'])
  })

  test('is walked once, and then only added to, until the branch is another', async () => {
    const { git, walks } = counted(memoryGit())
    const history = partHistory(git)
    const [first, second, third] = await line(
      git as MemoryGit,
      { [file]: 'chart: { version: 1.0.0 }\n' },
      { 'notes.md': 'x' },
      { [file]: 'chart: { version: 2.0.0 }\n' },
    )
    for (const base of [first, first, second, third]) await history(base as Sha, place)
    expect([...(await history(third as Sha, place))]).toEqual(['1.0.0', '2.0.0'])
    expect(walks.count).toBe(1)

    const [other] = await line(git as MemoryGit, { [file]: 'chart: { version: 3.0.0 }\n' })
    expect([...(await history(other as Sha, place))]).toEqual(['3.0.0'])
    expect(walks.count).toBe(2)
  })
})
