import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OperatorError, TransientError } from '../../src/domain/failures.ts'
import { createLog } from '../../src/log.ts'
import type { Stale } from '../../src/ports/stale.ts'
import { createHealth } from '../../src/server/health.ts'
import { createKnownRepositories } from '../../src/server/known-repositories.ts'
import { createMetrics } from '../../src/server/metrics.ts'
import { webhookLimits } from '../../src/server/read-body.ts'
import { type RunningServer, startServer } from '../../src/server/server.ts'
import { delivery, privateKey, pushPayload, signatureOf } from './delivered.ts'

const secret = 'a-new-secret-of-32-characters-xx'
const oldSecret = 'an-old-secret-of-32-characters-x'
const repository = {
  id: 10,
  installation: 1,
  owner: 'acme',
  name: 'config',
  defaultBranch: 'main',
  allowsMergeCommits: true,
  url: 'https://github.com/acme/config',
  cloneUrl: 'https://github.com/acme/config.git',
}

let server: RunningServer
let enqueued: { repository: number; stale: readonly Stale[] }[]
let installationsChanged: number
let oldestWaitingMs: number
const now = () => Date.parse('2026-03-01T10:00:00Z')
const health = () => createHealth({ oldestWaitingMs: () => oldestWaitingMs, longestWaitMs: 60_000, now })
let healthOfServer: ReturnType<typeof health>

const smallLimits = { maxBytes: 64 * 1024, timeoutMs: 300 }
const start = async (statusToken: string | null = null, host = '127.0.0.1', limits = smallLimits) => {
  const known = createKnownRepositories()
  known.replace([repository])
  healthOfServer = health()
  server = await startServer({
    host,
    port: 0,
    statusToken,
    app: { id: 7, privateKey, apiUrl: 'http://127.0.0.1:9' },
    secrets: [secret, oldSecret],
    self: () => ({ appId: 7, botId: 99 }),
    known,
    enqueue: (id, stale) => void enqueued.push({ repository: id, stale }),
    onInstallationsChanged: () => {
      installationsChanged += 1
    },
    metrics: createMetrics(),
    health: healthOfServer,
    status: () => ({ repositories: [] }),
    log: createLog({ level: 'fatal' }),
    limits,
  })
}

beforeEach(async () => {
  enqueued = []
  installationsChanged = 0
  oldestWaitingMs = 0
  await start()
})
afterEach(() => server.stop())

const send = (init: RequestInit) => fetch(`${server.url}/api/github/webhooks`, init)
const push = (options: Partial<Parameters<typeof delivery>[2]> = {}, payload: unknown = pushPayload()) =>
  send(delivery('push', payload, { secret, ...options }))

describe('the webhook endpoint', () => {
  test('enqueues what a signed event made stale, and answers', async () => {
    expect((await push()).status).toBe(200)
    expect(enqueued).toEqual([{ repository: 10, stale: [{ is: 'refs' }] }])
  })

  test('takes deliveries signed by the old secret while it is being replaced', async () => {
    expect((await push({ secret: oldSecret })).status).toBe(200)
    expect(enqueued).toHaveLength(1)
  })

  const body = JSON.stringify(pushPayload())
  const sha1 = `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`
  test.each([
    ['of another secret', { 'x-hub-signature-256': signatureOf(body, 'some-other-secret') }],
    ['missing', { 'x-hub-signature-256': undefined }],
    ['only sha1', { 'x-hub-signature-256': undefined, 'x-hub-signature': sha1 }],
    ['sha1 in the place of sha256', { 'x-hub-signature-256': sha1 }],
    ['truncated', { 'x-hub-signature-256': signatureOf(body, secret).slice(0, -2) }],
    ['empty', { 'x-hub-signature-256': 'sha256=' }],
    ['of another body', { 'x-hub-signature-256': signatureOf(`${body} `, secret) }],
  ])('T01: refuses a signature that is %s, and enqueues nothing', async (_, headers) => {
    expect((await push({ headers })).status).toBe(401)
    expect(enqueued).toEqual([])
  })

  test('T02: cuts off a body that says it is too long, before reading it', async () => {
    const response = await rawRequest(`content-length: ${50 * 1024 * 1024}\r\n\r\n`)
    expect(response).toMatch(/^HTTP\/1.1 413 /)
    expect(response).toMatch(/connection: close/i)
  })

  test('T02: cuts off a body that turns out too long', async () => {
    const response = await rawRequest(`transfer-encoding: chunked\r\n\r\n${chunk('x'.repeat(40_000)).repeat(2)}`)
    expect(response).toMatch(/^HTTP\/1.1 413 /)
  })

  test('T02: cuts off a body that never ends', async () => {
    const response = await rawRequest(`transfer-encoding: chunked\r\n\r\n${chunk('{')}`)
    // By our own clock: the HTTP server's, which answers 408 as well, is slower.
    expect(response).toMatch(/^HTTP\/1.1 408 /)
    expect(response).toContain('the body took too long')
    expect(enqueued).toEqual([])
  })

  test('T02: in operation 5 MiB and 10 seconds are the most, and a body of 5 MiB is read', async () => {
    expect(webhookLimits).toEqual({ maxBytes: 5 * 1024 * 1024, timeoutMs: 10_000 })
    await server.stop()
    await start(null, '127.0.0.1', webhookLimits)
    const payload = pushPayload()
    const fill = 'x'.repeat(5 * 1024 * 1024 - JSON.stringify({ ...payload, fill: '' }).length)
    expect((await push({}, { ...payload, fill })).status).toBe(200)
    expect(enqueued).toHaveLength(1)
    expect((await push({}, { ...payload, fill: `${fill}x` })).status).toBe(413)
    expect(enqueued).toHaveLength(1)
  })

  test('T03: a replayed delivery enqueues once; the same payload under a new id is looked at again, which is harmless', async () => {
    await push({ guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958' })
    await push({ guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958' })
    expect(enqueued).toHaveLength(1)
    await push({ guid: '00000000-cc78-11e3-81ab-4c9367dc0958' })
    expect(enqueued).toHaveLength(2)
  })

  test.each([
    ['another repository', { repository: 11 }],
    ['our repository under another installation', { installation: 2 }],
  ])('T04: ignores a well signed event of %s, whatever its names say', async (_, ids) => {
    expect((await push({}, pushPayload(ids))).status).toBe(200)
    expect(enqueued).toEqual([])
  })

  test('asks for the list again where installations changed', async () => {
    await send(delivery('installation', { action: 'created', installation: { id: 3 } }, { secret }))
    expect(installationsChanged).toBe(1)
  })

  test('refuses signed bytes that are no JSON', async () => {
    const text = 'not json'
    const headers = { ...delivery('push', {}, { secret }).headers, 'x-hub-signature-256': signatureOf(text, secret) }
    expect((await send({ method: 'POST', body: text, headers })).status).toBe(400)
    expect(enqueued).toEqual([])
  })
})

test('a delivery that is not JSON is told which setting of the App to change', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await push({ headers })
  expect([answer.status, await answer.json()]).toEqual([
    415,
    { error: expect.stringContaining('application/json in the webhook settings') },
  ])
  expect(enqueued).toEqual([])
})

describe('the other doors', () => {
  test('healthz is well while the work goes on, and says since when and why it does not', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    healthOfServer.failed('10', new TransientError('forge.unreachable', 'away'))
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    healthOfServer.failed('11', new OperatorError('forge.credentials', 'the key is refused'))
    const broken = await fetch(`${server.url}/healthz`)
    expect(broken.status).toBe(503)
    expect(await broken.json()).toMatchObject({
      ok: false,
      problems: [
        { kind: 'transient', reason: 'forge.unreachable', count: 1 },
        { kind: 'operator', reason: 'forge.credentials', since: '2026-03-01T10:00:00.000Z' },
      ],
    })
    healthOfServer.succeeded('11')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    oldestWaitingMs = 61_000
    expect((await fetch(`${server.url}/healthz`)).status).toBe(503)
  })

  test('metrics count deliveries by event and outcome', async () => {
    await push()
    await push({ headers: { 'x-hub-signature-256': undefined } })
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).toContain('sluice_webhook_seconds_count{event="push",outcome="enqueued"} 1')
    expect(text).toContain('sluice_webhook_seconds_count{event="unverified",outcome="refused"} 1')
  })

  test('T60: metrics and status ask for the token where one is set', async () => {
    await server.stop()
    await start('status-token-of-32-characters-xxx')
    for (const path of ['/metrics', '/status']) {
      expect((await fetch(server.url + path)).status).toBe(401)
      const wrong = { authorization: 'Bearer status-token-of-32-characters-xxy' }
      expect((await fetch(server.url + path, { headers: wrong })).status).toBe(401)
      const right = { authorization: 'Bearer status-token-of-32-characters-xxx' }
      expect((await fetch(server.url + path, { headers: right })).status).toBe(200)
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  test('T60: without a token the status is shown to nobody where others can ask', async () => {
    await server.stop()
    await start(null, '0.0.0.0')
    const url = server.url.replace('0.0.0.0', '127.0.0.1')
    const answer = await fetch(`${url}/status`)
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('SLUICE_STATUS_TOKEN')])
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  })

  test.each(['/', '/probot', '/setup', '/api/github/webhooks', '/ping'])('nothing is at GET %s', async (path) => {
    expect((await fetch(server.url + path)).status).toBe(404)
  })
})

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

/** Everything that the server says until it closes the connection. */
function rawRequest(rest: string): Promise<string> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve) => {
    let heard = ''
    const socket = connect(Number(port), hostname, () =>
      socket.write(`POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${rest}`),
    )
    socket.on('data', (data) => {
      heard += data.toString()
    })
    socket.on('error', () => resolve(heard))
    socket.on('close', () => resolve(heard))
  })
}
