import { describe, expect, test } from 'vitest'
import { guardRequests, type Octokit } from '../../../src/adapters/forge/github/request-door.ts'
import { toSha } from '../../../src/domain/ids.ts'
import { rawPull, repository, scriptedForge } from './scripted-forge.ts'

const pulls = 'GET /repos/acme/config/pulls'
const one = 'GET /repos/acme/config/pulls/12'
const comments = '/repos/acme/config/issues/12/comments'
const head = toSha('a'.repeat(40))

describe('reads', () => {
  test('are tried again when the forge stumbles, with growing pauses', async () => {
    await using github = await scriptedForge({ [pulls]: [{ status: 502 }, { cut: true }, { body: [rawPull()] }] })
    expect(await github.forge.pulls.open('main')).toHaveLength(1)
    expect(github.asked()).toEqual([pulls, pulls, pulls])
    expect(github.pauses).toEqual([200, 600])
  })

  test('end in a transient error when it does not get up', async () => {
    await using github = await scriptedForge({ [pulls]: { status: 503 } })
    await expect(github.forge.pulls.open('main')).rejects.toMatchObject({
      name: 'TransientError',
      reason: 'forge.unreachable',
    })
    expect(github.asked()).toHaveLength(3)
  })

  test('never take half an answer for a whole one', async () => {
    const headers = { etag: '"half"' }
    await using github = await scriptedForge({
      [pulls]: [
        { headers, body: [rawPull()], half: true },
        { headers, body: [rawPull()] },
      ],
    })
    expect(await github.forge.pulls.open('main')).toHaveLength(1)
    expect(github.calls(pulls)[1]?.headers).not.toHaveProperty('if-none-match')
  })

  test('ask whether what is known still holds, which is free', async () => {
    const answer = { headers: { etag: '"v1"' }, body: [rawPull()] }
    await using github = await scriptedForge({
      [pulls]: ({ headers }) => (headers['if-none-match'] === '"v1"' ? { status: 304 } : answer),
    })
    const first = await github.forge.pulls.open('main')
    expect(await github.forge.pulls.open('main')).toEqual(first)
    expect(github.answered.filter(({ operation }) => operation === 'pulls/list').map(({ status }) => status)).toEqual([
      200, 304,
    ])
  })

  test('see what is new behind a changed tag', async () => {
    await using github = await scriptedForge({
      [one]: [
        { headers: { etag: '"v1"' }, body: rawPull() },
        { headers: { etag: '"v2"' }, body: rawPull({ title: 'New' }) },
      ],
    })
    await github.forge.pulls.get(12)
    expect((await github.forge.pulls.get(12)).title).toBe('New')
  })

  test('load every page', async () => {
    const page = (from: number, size: number) =>
      Array.from({ length: size }, (_, index) => rawPull({ number: from + index }))
    await using github = await scriptedForge({
      [pulls]: ({ query }) => ({ body: query.get('page') === '1' ? page(1, 100) : page(101, 7) }),
    })
    expect(await github.forge.pulls.open('main')).toHaveLength(107)
  })
})

describe('writes', () => {
  test('are sent once, whatever the answer', async () => {
    await using github = await scriptedForge({ 'PATCH /repos/acme/config/pulls/12': { status: 502 } })
    await expect(github.forge.pulls.update(12, { body: 'x' })).rejects.toMatchObject({ reason: 'forge.unreachable' })
    expect(github.asked()).toEqual(['PATCH /repos/acme/config/pulls/12'])
  })

  test('wait as long as the forge asks, and say so instead of standing still', async () => {
    await using github = await scriptedForge({
      'PATCH /repos/acme/config/pulls/12': [{ status: 403, headers: { 'retry-after': '30' } }, { body: rawPull() }],
    })
    const limited = { name: 'TransientError', reason: 'forge.rate-limited', retryAfterSeconds: 30 }
    await expect(github.forge.pulls.update(12, { body: 'x' })).rejects.toMatchObject(limited)
    await expect(github.forge.pulls.update(12, { body: 'x' })).rejects.toMatchObject(limited)
    expect(github.asked()).toHaveLength(1)
    github.pass(30_000)
    await github.forge.pulls.update(12, { body: 'x' })
    expect(github.asked()).toHaveLength(2)
  })
})

describe('a limit that the forge tells', () => {
  const limited = { name: 'TransientError', reason: 'forge.rate-limited', retryAfterSeconds: 60 }
  const inWords = { status: 403, headers: { 'x-ratelimit-remaining': '4200' }, body: { message: secondary } }
  const listed = 'GET /installation/repositories'

  test('to a read keeps reads and writes of that installation waiting', async () => {
    await using github = await scriptedForge({ [pulls]: [inWords, { body: [] }] })
    await expect(github.forge.pulls.open('main')).rejects.toMatchObject(limited)
    await expect(github.forge.pulls.open('main')).rejects.toMatchObject(limited)
    await expect(github.forge.pulls.update(12, { body: 'x' })).rejects.toMatchObject(limited)
    expect(github.asked()).toEqual([pulls])
    github.pass(57_000)
    expect(await github.forge.pulls.open('main')).toEqual([])
    expect(github.pauses).toEqual([3_000])
  })

  test('to the list of repositories takes none of them away', async () => {
    await using github = await scriptedForge({ [listed]: inWords })
    await expect(github.installations.repositories()).rejects.toMatchObject(limited)
  })

  test('is not what a tenant says who took a permission away (T58)', async () => {
    await using github = await scriptedForge({
      [listed]: { status: 403, body: { message: 'Resource not accessible by integration' } },
    })
    expect(await github.installations.repositories()).toEqual([])
  })

  test('is no answer about who is in a team', async () => {
    await using github = await scriptedForge({ 'GET /orgs/acme/teams/sre/members': inWords })
    const ann = { id: 5, login: 'ann', kind: 'person' } as const
    await expect(github.forge.people.isMember('acme/sre', ann)).rejects.toMatchObject(limited)
  })
})

const secondary = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'

describe('errors are told by status and headers:', () => {
  const limits = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': '1767225720',
    date: 'Thu, 01 Jan 2026 00:01:00 GMT',
  }
  test.each([
    [401, {}, 'OperatorError', 'forge.credentials', undefined],
    [403, {}, 'OperatorError', 'forge.permission', undefined],
    [403, { 'retry-after': '7' }, 'TransientError', 'forge.rate-limited', 7],
    [403, limits, 'TransientError', 'forge.rate-limited', 60],
    [429, {}, 'TransientError', 'forge.rate-limited', 60],
    [404, {}, 'UserError', 'forge.not-found', undefined],
    [422, {}, 'UserError', 'forge.refused', undefined],
  ])('%i with %j', async (status, headers, name, reason, retryAfterSeconds) => {
    await using github = await scriptedForge({ [one]: { status, headers, body: { message: 'no' } } })
    await expect(github.forge.pulls.get(12)).rejects.toMatchObject({ name, reason })
    if (retryAfterSeconds !== undefined) {
      await expect(github.forge.pulls.get(12)).rejects.toMatchObject({ retryAfterSeconds })
    }
  })

  test.each([
    [401, 'forge.credentials'],
    [403, 'forge.suspended'],
    [404, 'forge.suspended'],
    [422, 'forge.permission'],
  ])('T17: %i where a token was asked for', async (status, reason) => {
    await using github = await scriptedForge({ 'POST /app/installations/1/access_tokens': { status } })
    await expect(github.forge.pulls.get(12)).rejects.toMatchObject({ name: 'OperatorError', reason })
  })
})

describe('tokens', () => {
  test('are for one repository, and ask for no more than the installation granted', async () => {
    await using github = await scriptedForge({ [one]: { body: rawPull() } })
    await github.forge.pulls.get(12)
    await github.forge.pulls.get(12)
    const asked = github.calls('POST /app/installations/1/access_tokens').map(({ body }) => body)
    expect(asked).toEqual([
      { repository_ids: [10], permissions: { metadata: 'read', contents: 'write', checks: 'read' } },
      // Once, to learn who our bot user is.
      { permissions: { metadata: 'read' } },
    ])
  })

  test('for git may only read and write contents, and last for five minutes more', async () => {
    await using github = await scriptedForge({})
    expect(await github.installations.gitToken(repository)).toBe('token-1')
    expect(await github.installations.gitToken(repository)).toBe('token-1')
    github.pass(56 * 60_000)
    expect(await github.installations.gitToken(repository)).toBe('token-2')
    expect(github.calls('POST /app/installations/1/access_tokens')[0]?.body).toEqual({
      repository_ids: [10],
      permissions: { metadata: 'read', contents: 'write' },
    })
  })

  test('are replaced once where the forge no longer takes them', async () => {
    await using github = await scriptedForge({
      [one]: ({ headers }) => (headers.authorization === 'token token-2' ? { body: rawPull() } : { status: 401 }),
    })
    expect((await github.forge.pulls.get(12)).number).toBe(12)
    expect(github.asked()).toHaveLength(2)
  })
})

describe('no request leaves the forge', () => {
  test('by a redirect', async () => {
    await using elsewhere = await scriptedForge({})
    await using github = await scriptedForge({
      [one]: { status: 302, headers: { location: `${elsewhere.url}/steal` } },
    })
    await expect(github.forge.pulls.get(12)).rejects.toMatchObject({ name: 'OperatorError', reason: 'forge.redirect' })
    expect(elsewhere.asked()).toEqual([])
  })

  test('though reads follow a renamed repository within it', async () => {
    await using github = await scriptedForge({
      [one]: { status: 301, headers: { location: '/repositories/10/pulls/12' } },
      'GET /repositories/10/pulls/12': { body: rawPull() },
    })
    expect((await github.forge.pulls.get(12)).number).toBe(12)
  })

  test('by a write that is redirected', async () => {
    await using github = await scriptedForge({
      [`POST ${comments}`]: { status: 307, headers: { location: '/elsewhere' } },
      [`GET ${comments}`]: { body: [] },
    })
    await expect(github.forge.comments.ensure(12, '<!-- x -->', 'hello')).rejects.toMatchObject({
      reason: 'forge.redirect',
      message: expect.stringContaining('renamed or moved'),
    })
  })

  test('by an operation that is not in the table', async () => {
    const hooks: ((request: unknown, options: object) => Promise<unknown>)[] = []
    const octokit = { hook: { wrap: (_: string, hook: (typeof hooks)[number]) => hooks.push(hook) } }
    guardRequests(octokit as unknown as Octokit, {} as Parameters<typeof guardRequests>[1])
    await expect(hooks[0]?.(() => {}, { method: 'DELETE', url: '/repos/{owner}/{repo}' })).rejects.toThrow(
      'not in the table of operations: DELETE /repos/{owner}/{repo}',
    )
  })
})

test('T59: little quota is told, until it is full again', async () => {
  const resetsAt = Math.ceil(Date.now() / 1000) + 600
  await using github = await scriptedForge({
    [one]: {
      headers: {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '1499',
        'x-ratelimit-reset': `${resetsAt}`,
      },
      body: rawPull(),
    },
  })
  expect(github.installations.isScarce(1)).toBe(false)
  await github.forge.pulls.get(12)
  expect(github.installations.isScarce(1)).toBe(true)
  github.pass(601_000)
  expect(github.installations.isScarce(1)).toBe(false)
})

test('T11: the head that was judged is the one that is merged', async () => {
  await using github = await scriptedForge({
    'PUT /repos/acme/config/pulls/12/merge': { body: { sha: 'c'.repeat(40), merged: true } },
  })
  const answer = await github.forge.pulls.merge(12, { head, title: 'T', message: 'M' })
  expect(answer).toEqual({ is: 'merged', commit: 'c'.repeat(40) })
  expect(github.calls('PUT /repos/acme/config/pulls/12/merge')[0]?.body).toEqual({
    sha: head,
    merge_method: 'merge',
    commit_title: 'T',
    commit_message: 'M',
  })
})
