import { expect, test } from 'vitest'
import { reachOf } from '../../src/overlays/reach.ts'
import { readRelease } from '../../src/overlays/read-release.ts'
import { memoryRepository } from './memory-repository.ts'

const promotes = { images: 'all', trees: [], files: [], fields: [], renames: 'stay' } as const
const digest = `sha256:${'1'.repeat(64)}`

async function aliasOf(image: { readonly name: string; readonly newTag: string }): Promise<string | undefined> {
  const { reader, addTree } = memoryRepository()
  const tree = addTree({ 'o/kustomization.yaml': `images: [${JSON.stringify({ ...image, digest })}]\n` })
  const at = { reader, tree, overlay: 'o' }
  const release = await readRelease(at, promotes, await reachOf(at))
  if (release.is !== 'pinned') throw new Error(JSON.stringify(release))
  return release.release.alias
}

test('a release is called by its tag', async () => {
  expect(await aliasOf({ name: 'ghcr.io/acme/api', newTag: 'v1.4.2' })).toBe('api:v1.4.2')
})

test.each(['1.0 closes #7', '@acme/sre', `${'x'.repeat(127)}💥`, '<!-- -->', '1\n2', 'x'.repeat(200)])(
  'T26: text that no registry would take for a tag names nothing, in titles and commits: %j',
  async (newTag) => {
    expect(await aliasOf({ name: 'ghcr.io/acme/api', newTag })).toBeUndefined()
  },
)

test('T26: nor does an image that no registry could hold', async () => {
  expect(await aliasOf({ name: 'acme/💥 closes #7', newTag: '1' })).toBeUndefined()
})
