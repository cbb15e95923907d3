import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HttpForge {
  readonly url: string
  /** Every request: its path, and the credentials it came with. */
  readonly requests: readonly { readonly path: string; readonly authorization: string | undefined }[]
  /** From now on every request is answered so. */
  answer(status: number, headers?: Readonly<Record<string, string>>): void
  /** The next request alone is answered so. */
  answerOnce(status: number, body: string): void
  close(): Promise<void>
}

/** Serves the bare repositories of a folder by git's own `http-backend`, as a forge does. */
export async function forgeOverHttp(folder: string): Promise<HttpForge> {
  const requests: { path: string; authorization: string | undefined }[] = []
  let fixed: { status: number; headers: Readonly<Record<string, string>> } | undefined
  let once: { status: number; body: string } | undefined
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization })
    const next = once
    once = undefined
    if (next !== undefined) response.writeHead(next.status).end(next.body)
    else if (fixed === undefined) serve(folder, request, response)
    else response.writeHead(fixed.status, fixed.headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/origin.git`,
    requests,
    answer(status, headers = {}) {
      fixed = { status, headers }
    },
    answerOnce(status, body) {
      once = { status, body }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'sluice',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  })
  request.pipe(backend.stdin)
  const chunks: Buffer[] = []
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  backend.on('close', () => answerFrom(Buffer.concat(chunks), response))
}

/** CGI: headers, an empty line, the body. */
function answerFrom(output: Buffer, response: ServerResponse): void {
  const gap = output.indexOf('\r\n\r\n')
  for (const line of output.toString('latin1', 0, gap).split('\r\n')) {
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).trim()
    if (line.slice(0, colon) === 'Status') response.statusCode = Number.parseInt(value, 10)
    else response.setHeader(line.slice(0, colon), value)
  }
  response.end(output.subarray(gap + 4))
}
