import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { closedEnvironment } from './run-git.ts'

export interface GitRequest {
  /** All bare repositories are below this folder. */
  readonly root: string
  /** `/acme/config.git/info/refs` */
  readonly path: string
  readonly query: string
  readonly user: string
  readonly body: Buffer
  /** Whether git does its work and the caller hears nothing. */
  readonly isMute?: boolean
  /** For hooks. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Hands one request to `git http-backend` and its answer back as it comes. Resolves when git is done. */
export function answerGit(request: IncomingMessage, response: ServerResponse, wanted: GitRequest): Promise<void> {
  const protocol = request.headers['git-protocol']
  const child = spawn('git', ['http-backend'], {
    cwd: wanted.root,
    env: {
      ...closedEnvironment,
      ...wanted.environment,
      GIT_PROJECT_ROOT: wanted.root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: wanted.path,
      QUERY_STRING: wanted.query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(wanted.body.length),
      REMOTE_USER: wanted.user,
      REMOTE_ADDR: '127.0.0.1',
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
    },
  })
  child.stdin.on('error', () => child.kill())
  child.stdin.end(wanted.body)
  // A caller who hangs up needs no more of the answer; a push that git has taken stays taken.
  response.on('error', () => child.stdout.resume())
  let head: Buffer | undefined = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (wanted.isMute) return
    if (head === undefined) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    writeHead(response, head.subarray(0, end).toString())
    response.write(head.subarray(end + 4))
    head = undefined
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      if (head !== undefined && !wanted.isMute) response.writeHead(500)
      resolve()
    })
  })
}

function writeHead(response: ServerResponse, head: string): void {
  const lines = head
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
  const status = Number(lines.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200)
  response.writeHead(status, Object.fromEntries(lines.filter(([name]) => name !== 'Status')))
}
