import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { githubInstallations } from '../../../src/adapters/forge/github/installations.ts'
import { createLog } from '../../../src/log.ts'
import type { ForgeRepository } from '../../../src/ports/forge/forge.ts'

export interface Call {
  readonly call: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** No answer at all: the connection is cut. */
  readonly cut?: boolean
  /** Only the first half of the body. */
  readonly half?: boolean
}

type Script = Answer | readonly Answer[] | ((call: Call) => Answer)

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()

export const repository: ForgeRepository = {
  id: 10,
  installation: 1,
  owner: 'acme',
  name: 'config',
  defaultBranch: 'main',
  allowsMergeCommits: true,
  url: 'https://github.test/acme/config',
  cloneUrl: 'https://github.test/acme/config.git',
}

/**
 * An API that says what a test wants it to, however unlikely: for what the sandbox forge would never answer. Keys are
 * `METHOD /path`; a list is answered in order, its last answer for ever.
 */
export async function scriptedForge(script: Readonly<Record<string, Script>>) {
  const calls: Call[] = []
  const answered: { operation: string; status: number }[] = []
  const pauses: number[] = []
  let tokens = 0
  const app: Record<string, Script> = {
    'GET /app': { body: { id: 7, slug: 'sluice' } },
    'GET /users/sluice%5Bbot%5D': { body: { id: 99, login: 'sluice[bot]', type: 'Bot' } },
    'GET /app/installations': {
      body: [{ id: 1, suspended_at: null, permissions: { metadata: 'read', contents: 'write', checks: 'read' } }],
    },
    'POST /app/installations/1/access_tokens': () => {
      tokens += 1
      return { status: 201, body: { token: `token-${tokens}`, expires_at: inAnHour(), permissions: {} } }
    },
  }
  const all = { ...app, ...script }
  const times = new Map<string, number>()

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://scripted')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const call: Call = {
      call: `${request.method} ${url.pathname}`,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
    calls.push(call)
    const answer = answerOf(all[call.call], call, times)
    if (answer.cut === true) return void response.destroy()
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    if (answer.half === true) return void response.write(half(answer.body), () => response.destroy())
    response.end(answer.status === 304 || answer.status === 204 ? undefined : JSON.stringify(answer.body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  let clock = Date.now()
  const installations = githubInstallations({
    appId: 7,
    privateKey,
    apiUrl: url,
    webUrl: 'https://github.test',
    gitUrl: 'https://git.test',
    installations: 'all',
    writesPerMinute: 6_000,
    timing: {
      now: () => clock,
      pause: async (milliseconds) => {
        pauses.push(milliseconds)
        clock += milliseconds
      },
    },
    random: () => 0.5,
    onAnswer: (operation, status) => answered.push({ operation, status }),
    log: createLog({ level: 'silent' as 'fatal' }),
  })

  return {
    url,
    installations,
    forge: installations.forge(repository),
    answered,
    pauses,
    pass: (milliseconds: number) => {
      clock += milliseconds
    },
    /** What was asked, without the calls that every session begins with. */
    asked: () => calls.filter(({ call }) => !(call in app)).map(({ call }) => call),
    calls: (call: string) => calls.filter((one) => one.call === call),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answerOf(script: Script | undefined, call: Call, times: Map<string, number>): Answer {
  if (script === undefined) return { status: 404, body: { message: `not in the script: ${call.call}` } }
  if (typeof script === 'function') return script(call)
  if (!Array.isArray(script)) return script as Answer
  const time = times.get(call.call) ?? 0
  times.set(call.call, time + 1)
  return (script as readonly Answer[])[Math.min(time, script.length - 1)] ?? {}
}

const half = (body: unknown) => JSON.stringify(body).slice(0, 40)

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

/** A pull request as the API shows it. */
export const rawPull = (differences: Readonly<Record<string, unknown>> = {}) => ({
  number: 12,
  node_id: 'PR_12',
  title: 'Promote api',
  body: null,
  html_url: 'https://github.test/acme/config/pull/12',
  user: { id: 99, login: 'sluice[bot]', type: 'Bot' },
  state: 'open',
  draft: false,
  base: { ref: 'main', repo: { id: 10 } },
  head: { ref: 'sluice/promote/staging/api', sha: 'a'.repeat(40), repo: { id: 10 } },
  auto_merge: null,
  created_at: '2026-03-01T10:00:00Z',
  updated_at: '2026-03-01T10:00:00Z',
  merged_at: null,
  merge_commit_sha: null,
  merged: false,
  merged_by: null,
  mergeable: true,
  ...differences,
})

export const rawComment = (differences: Readonly<Record<string, unknown>> = {}) => ({
  id: 5,
  body: 'hello',
  html_url: 'https://github.test/acme/config/pull/12#issuecomment-5',
  issue_url: 'https://api.github.test/repos/acme/config/issues/12',
  user: { id: 99, login: 'sluice[bot]', type: 'Bot' },
  performed_via_github_app: { id: 7 },
  created_at: '2026-03-01T10:00:00Z',
  updated_at: '2026-03-01T10:00:00Z',
  ...differences,
})
