import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Sha, toSha } from '../../src/domain/ids.ts'
import { lineSince } from '../../src/promotion/observe/line.ts'
import { newOrigin, type Origin } from '../adapters/git/origin.ts'

let origin: Origin
beforeEach(() => {
  origin = newOrigin()
})
afterEach(() => origin.remove())

/** A commit of the same files with these parents, on the default branch of the forge. */
function push(...parents: readonly Sha[]): Sha {
  const given = parents.flatMap((parent) => ['-p', parent])
  const commit = origin.git('commit-tree', 'HEAD^{tree}', ...given, '-m', 'made by hand')
  origin.git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/main`)
  return toSha(commit)
}

async function line(from: Sha, base: Sha): Promise<readonly Sha[] | undefined> {
  const mirror = await origin.mirror()
  await mirror.fetch()
  return (await lineSince(mirror, from, base))?.map(({ oid }) => oid)
}

test('what follows on the line of first parents is listed, newest first', async () => {
  const first = origin.commit({ a: '1' })
  const second = origin.commit({ a: '2' })
  const third = origin.commit({ a: '3' })
  expect(await line(first, third)).toEqual([third, second])
  expect(await line(third, third)).toEqual([])
})

test('T15 a branch that was squashed, set back or begun anew does not go on', async () => {
  const first = origin.commit({ a: '1' })
  const second = origin.commit({ a: '2' })
  expect(await line(second, push(first))).toBeUndefined()
  expect(await line(second, first)).toBeUndefined()
  expect(await line(second, push())).toBeUndefined()
})

test('T15 neither does one that was merged in from the side, near or far', async () => {
  const first = origin.commit({ a: '1' })
  const second = origin.commit({ a: '2' })
  expect(await line(second, push(first, second))).toBeUndefined()
  let aside = push(first)
  for (let n = 0; n < 70; n += 1) aside = push(aside)
  expect(await line(second, push(aside, second))).toBeUndefined()
})

test('a commit that is not there any more is on no line', async () => {
  expect(await line(toSha('0123456789012345678901234567890123456789'), origin.commit({ a: '1' }))).toBeUndefined()
})
