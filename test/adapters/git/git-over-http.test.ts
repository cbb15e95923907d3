import { afterEach, beforeEach, expect, test } from 'vitest'
import { toInstant, toSha } from '../../../src/domain/ids.ts'
import { forgeOverHttp, type HttpForge } from './forge-over-http.ts'
import { newOrigin, type Origin } from './origin.ts'

let origin: Origin
let forge: HttpForge
beforeEach(async () => {
  origin = newOrigin()
  forge = await forgeOverHttp(origin.folder)
})
afterEach(async () => {
  await forge.close()
  await origin.remove()
})

const token = async (): Promise<string> => 'secret-token'
const mirrorOf = (url = forge.url) => origin.mirror({ url, token })

test('fetches and pushes carry the token in a header, and nowhere else', async () => {
  const head = origin.commit({ 'a.txt': '1' })
  const mirror = await mirrorOf()
  expect(await mirror.fetch()).toEqual(new Map([['main', head]]))
  const { tree } = await mirror.commit(head)
  const author = { name: 'Sluice', email: 'sluice@example.com' }
  const commit = await mirror.writeCommit({ tree, parents: [head], author, at: toInstant(0), message: 'state' })
  expect(await mirror.push('sluice/state', commit, null)).toBe('done')
  expect(await mirror.push('sluice/state', head, null)).toBe('lost-race')
  expect((await mirror.fetch()).get('sluice/state')).toBe(commit)
  const basic = `Basic ${Buffer.from('x-access-token:secret-token').toString('base64')}`
  expect(new Set(forge.requests.map(({ authorization }) => authorization))).toEqual(new Set([basic]))
  expect(forge.requests.some(({ path }) => path.includes('token'))).toBe(false)
})

test('where nothing is new the forge is asked once, and nothing is fetched', async () => {
  const head = origin.commit({ 'a.txt': '1' })
  origin.git('push', '--quiet', 'origin', `${head}:refs/pull/7/head`)
  const mirror = await mirrorOf()
  await mirror.fetch({ pulls: [7] })
  const before = forge.requests.length
  expect(await mirror.fetch({ pulls: [7] })).toEqual(new Map([['main', head]]))
  expect(forge.requests.slice(before).map(({ path }) => path)).toEqual(['/origin.git/git-upload-pack'])
})

test('whatever is new at the forge is fetched: a commit, a branch, one that is gone, a head, a push of our own', async () => {
  const head = origin.commit({ 'a.txt': '1' })
  const mirror = await mirrorOf()
  await mirror.fetch()
  const next = origin.commit({ 'a.txt': '2' })
  expect(await mirror.fetch()).toEqual(new Map([['main', next]]))
  expect((await mirror.commit(next)).parents).toEqual([head])
  const push = (...refspecs: string[]) => origin.git('push', '--quiet', '--force', 'origin', ...refspecs)
  push(`${head}:refs/heads/other`)
  expect((await mirror.fetch()).get('other')).toBe(head)
  push(':refs/heads/other')
  expect((await mirror.fetch()).has('other')).toBe(false)
  const fork = toSha(origin.git('commit-tree', `${head}^{tree}`, '-p', head, '-m', 'of a fork'))
  push(`${fork}:refs/pull/7/head`)
  await mirror.fetch({ pulls: [7] })
  expect((await mirror.commit(fork)).parents).toEqual([head])
  expect(await mirror.push('sluice/state', head, null)).toBe('done')
  expect((await mirror.fetch()).get('sluice/state')).toBe(head)
  // Back to where it was, by somebody who rewrites the branch.
  push(`${head}:refs/heads/main`)
  expect((await mirror.fetch()).get('main')).toBe(head)
})

test.each([
  ['nothing', ''],
  ['a page', '<html>maintenance</html>'],
  ['half of what it holds', '003d'],
  ['an error of the protocol', '000eERR no\n0000'],
])('a forge that answers %s when it is asked what it holds is fetched from all the same', async (_, answer) => {
  const head = origin.commit({ 'a.txt': '1' })
  const mirror = await mirrorOf()
  await mirror.fetch()
  const next = origin.commit({ 'a.txt': '2' })
  forge.answerOnce(200, answer)
  expect(await mirror.fetch()).toEqual(new Map([['main', next]]))
  expect(next).not.toBe(head)
})

test.each([401, 403, 404])('a forge that answers %i refuses us: an operator has to act', async (status) => {
  const head = origin.commit({ 'a.txt': '1' })
  const mirror = await mirrorOf()
  await mirror.fetch()
  forge.answer(status)
  await expect(mirror.fetch()).rejects.toMatchObject({ name: 'OperatorError', reason: 'git.refused' })
  await expect(mirror.push('x', head, null)).rejects.toMatchObject({ reason: 'git.refused' })
})

test.each([429, 500, 503])('a forge that answers %i is tried again later', async (status) => {
  const mirror = await mirrorOf()
  forge.answer(status)
  await expect(mirror.fetch()).rejects.toMatchObject({ name: 'TransientError', reason: 'git.unreachable' })
})

test('a forge that is not there is tried again later, and what was fetched is kept', async () => {
  const head = origin.commit({ 'a.txt': '1' })
  const first = await mirrorOf()
  await first.fetch()
  await first.close()
  const mirror = await mirrorOf('http://127.0.0.1:1/origin.git')
  await expect(mirror.fetch()).rejects.toMatchObject({ name: 'TransientError', reason: 'git.unreachable' })
  expect((await mirror.commit(head)).oid).toBe(head)
})

test('a redirect is not followed, so that the token goes to no other host', async () => {
  const other = await forgeOverHttp(origin.folder)
  try {
    origin.commit({ 'a.txt': '1' })
    const mirror = await mirrorOf()
    forge.answer(302, { location: `${other.url}/info/refs?service=git-upload-pack` })
    await expect(mirror.fetch()).rejects.toMatchObject({ name: 'OperatorError', reason: 'git.refused' })
    expect(other.requests).toEqual([])
  } finally {
    await other.close()
  }
})

test('errors never hold the token', async () => {
  const mirror = await mirrorOf()
  forge.answer(403)
  const error = await mirror.fetch().catch((caught: unknown) => caught)
  const encoded = Buffer.from('x-access-token:secret-token').toString('base64')
  const told = error instanceof Error ? `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}` : ''
  expect(told).toContain('403')
  expect(told).not.toMatch(new RegExp(`secret-token|${encoded}`))
})

test('only https, http and local paths are spoken', async () => {
  for (const url of ['ssh://example.com/a', 'git@example.com:a/b', 'ext::sh -c id', '--upload-pack=id']) {
    await expect(mirrorOf(url), url).rejects.toMatchObject({ reason: 'git.refused' })
  }
})
