import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { githubInstallations } from '../../src/adapters/forge/github/installations.ts'
import { createLog } from '../../src/log.ts'
import type { Stale } from '../../src/ports/stale.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/start-forge.ts'
import { createHealth } from '../../src/server/health.ts'
import { createKnownRepositories } from '../../src/server/known-repositories.ts'
import { createMetrics } from '../../src/server/metrics.ts'
import { type RunningServer, startServer } from '../../src/server/server.ts'
import { createSweep, type Sweep } from '../../src/server/sweep.ts'

let dir: string
let sandbox: SandboxForge
let server: RunningServer
let sweep: Sweep
let ann: { readonly token: string }
let config: { readonly id: number }
const enqueued: { repository: number; stale: readonly Stale[] }[] = []

/** The server with its forge, as the composition root puts them together, and a queue that only remembers. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'server-with-forge-'))
  sandbox = await startForge({ dir })
  ann = sandbox.createUser('ann')
  sandbox.createOrganization('acme', { owners: ['ann'] })
  const files = { 'README.md': '# Config\n' }
  config = await sandbox.createRepository({ owner: 'acme', name: 'config', files, author: 'ann' })
  await sandbox.createRepository({ owner: 'acme', name: 'other', files, author: 'ann' })
  sandbox.install('acme', ['config'])

  const log = createLog({ level: 'fatal' })
  const installations = githubInstallations({
    appId: sandbox.app.id,
    privateKey: sandbox.app.privateKey,
    apiUrl: sandbox.apiUrl,
    webUrl: sandbox.url,
    gitUrl: sandbox.url,
    installations: 'all',
    writesPerMinute: 6_000,
    timing: { now: Date.now, pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) },
    random: Math.random,
    onAnswer: () => {},
    log,
  })
  const known = createKnownRepositories()
  const health = createHealth({ oldestWaitingMs: () => 0, longestWaitMs: 60_000, now: Date.now })
  const enqueue = (repository: number, stale: readonly Stale[]) => void enqueued.push({ repository, stale })
  sweep = createSweep({
    list: installations.repositories,
    known,
    enqueue,
    intervalMs: 300_000,
    isScarce: installations.isScarce,
    random: Math.random,
    health,
    log,
  })
  const self = await installations.identity()
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    statusToken: null,
    app: { id: sandbox.app.id, privateKey: sandbox.app.privateKey, apiUrl: sandbox.apiUrl },
    secrets: [sandbox.app.webhookSecret],
    self: () => self,
    known,
    enqueue,
    onInstallationsChanged: sweep.refresh,
    metrics: createMetrics(),
    health,
    status: () => ({}),
    log,
  })
  sandbox.setWebhook(`${server.url}/api/github/webhooks`)
})
afterAll(async () => {
  await sweep.stop()
  await server.stop()
  await sandbox.stop()
  await rm(dir, { recursive: true, force: true })
})

const asAnn = async (method: string, path: string, body: object): Promise<{ number: number }> => {
  const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' }
  const response = await fetch(`${sandbox.apiUrl}${path}`, { method, headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as { number: number }
}
const staleSince = async (act: () => Promise<unknown>) => {
  enqueued.length = 0
  await act()
  await sandbox.settled()
  return enqueued.map(({ repository, stale }) => ({ repository, stale }))
}
const writeFile = (branch: string, repository = 'config') =>
  asAnn('PUT', `/repos/acme/${repository}/contents/${branch}.txt`, { branch, message: branch, content: 'eA==' })

test('the first sweep looks at everything that the App may work on', async () => {
  expect(await staleSince(sweep.start)).toEqual([{ repository: config.id, stale: [{ is: 'everything' }] }])
})

test('what people do at the forge arrives as what became stale', async () => {
  expect(await staleSince(() => writeFile('main'))).toEqual([{ repository: config.id, stale: [{ is: 'refs' }] }])
  const main = (await (await fetch(`${sandbox.apiUrl}/repos/acme/config/git/ref/heads/main`)).json()) as {
    object: { sha: string }
  }
  await asAnn('POST', '/repos/acme/config/git/refs', { ref: 'refs/heads/change', sha: main.object.sha })
  await writeFile('change')
  let number = 0
  const opened = await staleSince(async () => {
    number = (await asAnn('POST', '/repos/acme/config/pulls', { base: 'main', head: 'change', title: 'Change' })).number
  })
  expect(opened).toContainEqual({ repository: config.id, stale: [{ is: 'pull', pull: number }] })
  const said = await staleSince(() =>
    asAnn('POST', `/repos/acme/config/issues/${number}/comments`, { body: '/sluice status' }),
  )
  expect(said).toEqual([{ repository: config.id, stale: [{ is: 'comments' }] }])
})

test('T04: a repository that the App was not given is not worked on', async () => {
  expect(await staleSince(() => writeFile('main', 'other'))).toEqual([])
})
