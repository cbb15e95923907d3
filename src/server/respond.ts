import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers JSON, unless something was answered already. `close` ends the connection, with whatever is still being sent. */
export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  options: { readonly close?: boolean } = {},
): void {
  if (response.headersSent) return
  const headers = { 'content-type': 'application/json', ...(options.close === true ? { connection: 'close' } : {}) }
  response.writeHead(status, headers)
  response.end(`${JSON.stringify(body)}\n`, () => {
    if (options.close === true) response.req.destroy()
  })
}

/** Whether the request carries the token. Without a token that is asked for, anybody may. */
export function isAllowed(request: IncomingMessage, token: string | null): boolean {
  if (token === null) return true
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(hashOf(given), hashOf(token))
}

// Of equal length, whatever was given.
const hashOf = (text: string) => createHash('sha256').update(text).digest()
