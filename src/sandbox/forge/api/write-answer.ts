import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Answered } from './answer-call.ts'

export function writeAnswer(
  response: ServerResponse,
  answered: Answered,
  rate: Readonly<Record<string, string>>,
): void {
  const isEmpty = answered.status === 304 || answered.status === 204
  response.writeHead(answered.status, {
    'content-type': 'application/json; charset=utf-8',
    'x-github-request-id': randomUUID(),
    'x-github-enterprise-version': '3.19.0',
    ...(answered.etag === undefined ? {} : { etag: answered.etag }),
    ...rate,
    ...answered.headers,
  })
  response.end(isEmpty ? undefined : JSON.stringify(answered.body))
}
