import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/core'
import { asPerson, type Person } from '../../../src/sandbox/forge/person.ts'
import { type ForgeOptions, type SandboxForge, startForge } from '../../../src/sandbox/forge/start-forge.ts'

export interface Rig {
  readonly forge: SandboxForge
  readonly dir: string
  /** The App's Octokit, and one of its installation on `acme/config`. */
  readonly app: Octokit
  readonly bot: Octokit
  readonly installation: number
  readonly alice: Person
  readonly bob: Person
  readonly reader: Person
  readonly tokens: { readonly alice: string; readonly bob: string; readonly reader: string }
  stop(): Promise<void>
}

export const config = { owner: 'acme', repo: 'config' }
export const repo = 'acme/config'

/** acme/config with alice and bob as writers, a reader, and the App installed on it. */
export async function startRig(options: Partial<ForgeOptions> = {}): Promise<Rig> {
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-forge-'))
  const forge = await startForge({ dir: join(dir, 'forge'), ...options })
  forge.createUser('olga')
  const [alice, bob, reader] = ['alice', 'bob', 'reader'].map((login) => forge.createUser(login).token)
  if (alice === undefined || bob === undefined || reader === undefined) throw new Error('no tokens')
  forge.createOrganization('acme', { owners: ['olga'] })
  await forge.createRepository({
    owner: 'acme',
    name: 'config',
    roles: { alice: 'write', bob: 'write' },
    files: { 'README.md': '# config\n', 'apps/shop/base/kustomization.yaml': 'resources: []\n' },
    author: 'alice',
  })
  const installation = forge.install('acme', ['config'])
  const auth = { appId: forge.app.id, privateKey: forge.app.privateKey }
  const octokit = (more: object) =>
    new Octokit({ baseUrl: forge.apiUrl, authStrategy: createAppAuth, auth: { ...auth, ...more }, log: quiet })
  return {
    forge,
    dir,
    app: octokit({}),
    bot: octokit({ installationId: installation }),
    installation,
    alice: asPerson(forge.apiUrl, alice),
    bob: asPerson(forge.apiUrl, bob),
    reader: asPerson(forge.apiUrl, reader),
    tokens: { alice, bob, reader },
    stop: async () => {
      await forge.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const silent = () => undefined
const quiet = { debug: silent, info: silent, warn: silent, error: silent }

export interface Received {
  readonly event: string
  readonly action: string | undefined
  readonly guid: string
  readonly signed: boolean
  readonly payload: Record<string, unknown>
}

/** Listens for webhooks and checks their signatures. */
export async function listenForWebhooks(
  secret: string,
): Promise<{ url: string; received: Received[]; stop(): Promise<void> }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    const payload = JSON.parse(body.toString())
    received.push({
      event: String(request.headers['x-github-event']),
      action: payload.action,
      guid: String(request.headers['x-github-delivery']),
      signed: request.headers['x-hub-signature-256'] === signature,
      payload,
    })
    response.end('ok')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    stop: async () => {
      await new Promise((done) => server.close(done))
    },
  }
}
