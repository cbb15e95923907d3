import { afterEach, beforeEach, expect, test } from 'vitest'
import { toInstant } from '../../../src/domain/ids.ts'
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
