import { beforeEach, expect, test } from 'vitest'
import { type Sha, toInstant } from '../../src/domain/ids.ts'
import { observeConfig } from '../../src/promotion/observe/config.ts'
import { environment } from '../config/manifests.ts'
import { type MemoryGit, memoryGit } from '../fakes/memory-git.ts'

const staging = environment('staging')

let git: MemoryGit
let head: Sha | undefined
beforeEach(() => {
  git = memoryGit()
  head = undefined
})

/** What the one manifest of the default branch says from now on; null where the folder goes. */
async function manifest(text: string | null): Promise<Sha> {
  const file = text === null ? null : { oid: await git.writeBlob(new TextEncoder().encode(text)) }
  const tree = await git.writeTree(head ?? null, new Map([['.sluice/staging.yaml', file]]))
  const author = { name: 'Ann', email: 'ann@example.com' }
  head = await git.writeCommit({
    ...{ tree, parents: head === undefined ? [] : [head], author, at: toInstant(0), message: 'Change the rules' },
  })
  return head
}

const look = (base: Sha, previous: Awaited<ReturnType<typeof observeConfig>> = null) =>
  observeConfig(git, 'acme', base, previous)

test('while the newest do not parse, the newest that do hold, and a revert ends it', async () => {
  const good = await look(await manifest(staging))
  expect(good).toMatchObject({ broken: null })
  expect([...(good?.checked.environments.keys() ?? [])]).toEqual(['staging'])
  const broken = await look(await manifest('kind: Nothing'), good)
  expect(broken).toMatchObject({ broken: expect.stringContaining('.sluice/staging.yaml'), checked: good?.checked })
  const mended = await look(await manifest(staging), broken)
  expect(mended).toMatchObject({ broken: null, commit: head, checked: good?.checked })
})

test('T70 no number of changes makes the rules forgotten, nor the repository', async () => {
  const first = await manifest(staging)
  const { checked } = (await look(first)) ?? {}
  for (let n = 0; n < 60; n += 1) {
    await manifest(`# ${n}\nkind: Nothing`)
    await manifest(null)
  }
  expect(await look(head ?? first)).toEqual({
    ...{ checked, commit: first, broken: 'the folder .sluice is gone from the default branch', neverParsed: false },
  })
})

test('a repository without manifests, now and ever, is none of ours', async () => {
  expect(await look(await manifest(null))).toBeNull()
})
