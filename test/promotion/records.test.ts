import { beforeEach, expect, test } from 'vitest'
import { type Sha, toInstant } from '../../src/domain/ids.ts'
import { type History, namedState, observeHistory, type Reader } from '../../src/promotion/observe/records.ts'
import { seal } from '../../src/promotion/seal.ts'
import { type Trailers, writeTrailers } from '../../src/promotion/trailers.ts'
import { type MemoryGit, memoryGit } from '../fakes/memory-git.ts'
import { contentOf, production, releaseNamed, shaOf } from './world.ts'

const stateKeys = ['the key that signs, long enough'] as const
const trailers: Trailers = {
  ...{ kind: 'promotion', slot: production, release: releaseNamed('two').id, replaces: releaseNamed('one').id },
  ...{ takesBack: null, base: shaOf('main'), state: shaOf('state'), pull: 12, gated: contentOf(production, 'two') },
  over: null,
}

let git: MemoryGit
let reader: Reader
let minute: number
beforeEach(() => {
  git = memoryGit()
  reader = { git, repository: { id: 77 }, stateKeys }
  minute = 0
})

async function commit(parents: readonly Sha[], message = 'made by hand'): Promise<Sha> {
  minute += 1
  const tree = await git.writeTree(null, new Map())
  const author = { name: 'Ann', email: 'ann@example.com' }
  return git.writeCommit({ tree, parents, author, at: toInstant(minute * 60_000), message })
}

async function commits(n: number, onto: Sha): Promise<Sha> {
  let head = onto
  for (let done = 0; done < n; done += 1) head = await commit([head])
  return head
}

const words = (merges: Sha, more: Partial<Trailers> = {}): string =>
  seal(`Promote\n\n${writeTrailers({ ...trailers, ...more })}`, { repository: 77, merges }, stateKeys)

/** A promotion of ours: a branch of one commit, merged. */
async function promotion(
  onto: Sha,
  more: Partial<Trailers> = {},
): Promise<{ readonly head: Sha; readonly merge: Sha }> {
  const head = await commit([onto])
  return { head, merge: await commit([onto, head], words(head, more)) }
}

const mergesIn = ({ merges }: History): readonly Sha[] => merges.map((merge) => merge.commit.oid)

test('the merges of ours are found, newest first, and an earlier look is only added to', async () => {
  const first = await promotion(await commit([]))
  const second = await promotion(await commits(3, first.merge))
  const begun = await observeHistory(reader, first.merge, null)
  expect(mergesIn(begun)).toEqual([first.merge])
  expect(mergesIn(await observeHistory(reader, second.merge, begun))).toEqual([second.merge, first.merge])
  expect(mergesIn(await observeHistory(reader, second.merge, null))).toEqual([second.merge, first.merge])
})

test('a branch that was begun long before it was merged counts like any other', async () => {
  const begin = await commit([])
  const head = await commits(20, begin)
  const base = await commits(2_100, begin)
  const merge = await commit([base, head], words(head))
  expect(mergesIn(await observeHistory(reader, merge, null))).toEqual([merge])
})

test('our message under a commit that merges the same head once more says nothing (T67, T70)', async () => {
  const old = await promotion(await commit([]), { state: shaOf('before the freeze') })
  const newest = await promotion(old.merge)
  // Nothing changes by it, so the audit has nothing to say of it.
  const copied = await commit([newest.merge, old.head], words(old.head, { state: shaOf('before the freeze') }))
  const before = await observeHistory(reader, newest.merge, null)
  expect(mergesIn(await observeHistory(reader, copied, before))).toEqual([newest.merge, old.merge])
  expect(mergesIn(await observeHistory(reader, copied, null))).toEqual([newest.merge, old.merge])
})

test('not even where what it copies lies further back than is looked (T67, T70)', async () => {
  const old = await promotion(await commit([]), { state: shaOf('before the freeze') })
  const newest = await promotion(await commits(2_000, old.merge))
  const copied = await commit([newest.merge, old.head], words(old.head, { state: shaOf('before the freeze') }))
  expect(mergesIn(await observeHistory(reader, copied, null))).toEqual([newest.merge])
})

test('the state that the last promotion was made with is found behind any number of other commits (T66)', async () => {
  const old = await promotion(await commit([]))
  const { merges } = await observeHistory(reader, await commits(4_100, old.merge), null)
  expect(namedState(merges)).toBe(trailers.state)
  expect(
    namedState((await observeHistory(reader, await commits(2_000, await commit([])), null)).merges),
  ).toBeUndefined()
})
