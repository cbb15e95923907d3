import { createPrivateKey, sign } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { config, listenForWebhooks, type Rig, repo, startRig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig({ quota: { creationsPerMinute: 8 } })
})
afterEach(() => rig.stop())

async function openPull(): Promise<number> {
  await rig.alice.commitFiles(repo, 'change', { 'a.txt': 'a' }, 'A')
  return rig.alice.openPull({ repo, title: 'A', head: 'change', base: 'main' })
}
const comment = (issue_number: number) =>
  rig.bot.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...config, issue_number, body: 'hi' })
const comments = async (issue_number: number) =>
  (await rig.bot.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...config, issue_number })).data
    .length

test('an error before the effect leaves nothing behind, one after it leaves the effect, and each hits as often as asked', async () => {
  const pull = await openPull()
  rig.forge.faults.add({ operation: 'issues/create-comment', kind: 'error-before', status: 503, times: 1 })
  await expect(comment(pull)).rejects.toMatchObject({ status: 503 })
  expect(await comments(pull)).toBe(0)
  const after = rig.forge.faults.add({ operation: 'issues/create-comment', kind: 'error-after', times: 1 })
  await expect(comment(pull)).rejects.toMatchObject({ status: 502 })
  expect(await comments(pull)).toBe(1)
  expect(after.hits()).toBe(1)
  rig.forge.faults.add({ operation: 'issues/create-comment', kind: 'reset-after', times: 1 })
  await expect(comment(pull)).rejects.toMatchObject({ status: 500 })
  expect(await comments(pull)).toBe(2)
  await comment(pull)
})

test('a stale read answers what it answered before, until it is over', async () => {
  const pull = await openPull()
  expect(await comments(pull)).toBe(0)
  const stale = rig.forge.faults.add({ operation: 'issues/list-comments', kind: 'stale', milliseconds: 60_000 })
  await comment(pull)
  expect(await comments(pull)).toBe(0)
  stale.remove()
  expect(await comments(pull)).toBe(1)
})

test('a dark forge answers nobody', async () => {
  rig.forge.faults.goDark(true)
  await expect(fetch(rig.forge.apiUrl)).rejects.toThrow()
  rig.forge.faults.goDark(false)
  expect((await fetch(`${rig.forge.apiUrl}/rate_limit`)).status).toBe(200)
})

test('webhooks are dropped, doubled and reordered as asked, and a dropped one can be delivered again', async () => {
  const hooks = await listenForWebhooks(rig.forge.app.webhookSecret)
  rig.forge.setWebhook(hooks.url)
  const pull = await openPull()
  await rig.forge.settled()
  hooks.received.length = 0
  const aboutComments = {
    operation: 'webhook',
    times: 1,
    where: ({ event }: { event?: string }) => event === 'issue_comment',
  }
  rig.forge.faults.add({ ...aboutComments, kind: 'drop' })
  await rig.alice.comment(repo, pull, 'dropped')
  rig.forge.faults.add({ ...aboutComments, kind: 'reorder' })
  await rig.alice.comment(repo, pull, 'late')
  await rig.alice.comment(repo, pull, 'early')
  await rig.forge.settled()
  rig.forge.faults.add({ ...aboutComments, kind: 'double' })
  await rig.alice.comment(repo, pull, 'twice')
  await rig.forge.settled()
  const bodies = hooks.received.map(({ payload }) => (payload.comment as { body: string }).body)
  expect(bodies.toSorted()).toEqual(['early', 'late', 'twice', 'twice'])
  expect(new Set(hooks.received.map(({ guid }) => guid)).size).toBe(3)
  await hooks.stop()
})

test('an unchanged answer is 304 and free', async () => {
  const ask = (etag?: string) =>
    rig.bot.request('GET /repos/{owner}/{repo}/pulls', {
      ...config,
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    })
  const first = await ask()
  const used = Number(first.headers['x-ratelimit-used'])
  await expect(ask(first.headers.etag)).rejects.toMatchObject({
    status: 304,
    response: { headers: { 'x-ratelimit-used': String(used) } },
  })
  await openPull()
  expect((await ask(first.headers.etag)).data).toHaveLength(1)
})

test('too much content in a minute meets the secondary limit, with the time to wait', async () => {
  const pull = await openPull()
  for (let made = 0; made < 8; made += 1) await comment(pull)
  await expect(comment(pull)).rejects.toMatchObject({ status: 403, response: { headers: { 'retry-after': '60' } } })
  expect(await comments(pull)).toBe(8)
})

test('long lists come in pages with links', async () => {
  for (const branch of ['a', 'b', 'c']) await rig.alice.commitFiles(repo, branch, { [branch]: 'x' }, branch)
  const { data, headers } = await rig.bot.request('GET /repos/{owner}/{repo}/branches', {
    ...config,
    per_page: 2,
    page: 1,
  })
  expect(data).toHaveLength(2)
  expect(headers.link).toContain('page=2>; rel="next"')
})

test('a token is good for its repositories, its permissions and an hour', async () => {
  let now = Date.now()
  const other = await startRig({ now: () => now })
  await other.forge.createRepository({ owner: 'acme', name: 'other', isPrivate: true, files: { a: 'a' } })
  const { data } = await other.app.request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: other.installation,
    repositories: ['config'],
    permissions: { contents: 'read' },
  })
  const as = (path: string, method = 'GET', body?: string) =>
    fetch(other.forge.apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${data.token}` },
      ...(body === undefined ? {} : { body }),
    })
  expect((await as('/repos/acme/config/git/ref/heads/main')).status).toBe(200)
  expect((await as('/repos/acme/config/pulls')).status).toBe(403)
  expect((await as('/repos/acme/config/git/refs', 'POST', '{"ref":"refs/heads/x","sha":"x"}')).status).toBe(403)
  expect((await as('/repos/acme/other')).status).toBe(404)
  now += 3_600_001
  expect((await as('/repos/acme/config/git/ref/heads/main')).status).toBe(401)
  await other.stop()
})

test('a JWT that is expired, too long or signed by somebody else is refused', async () => {
  const seconds = Math.floor(Date.now() / 1000)
  const ask = async (claims: object, key = rig.forge.app.privateKey) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
    const signature = sign('sha256', Buffer.from(text), createPrivateKey(key)).toString('base64url')
    return (await fetch(`${rig.forge.apiUrl}/app`, { headers: { authorization: `Bearer ${text}.${signature}` } }))
      .status
  }
  const good = { iss: rig.forge.app.id, iat: seconds - 30, exp: seconds + 300 }
  const stranger = await startRig()
  expect(await ask(good)).toBe(200)
  expect(await ask({ ...good, exp: seconds - 1 })).toBe(401)
  expect(await ask({ ...good, exp: seconds + 3600 })).toBe(401)
  expect(await ask({ ...good, iss: 1 })).toBe(401)
  expect(await ask(good, stranger.forge.app.privateKey)).toBe(401)
  await stranger.stop()
})

test('a suspended installation gets no token and no webhook', async () => {
  const hooks = await listenForWebhooks(rig.forge.app.webhookSecret)
  rig.forge.suspend(rig.installation, true)
  rig.forge.setWebhook(hooks.url)
  await openPull()
  await rig.forge.settled()
  expect(hooks.received).toEqual([])
  await expect(comments(1)).rejects.toMatchObject({ status: 403 })
  await hooks.stop()
})
