import type { IncomingMessage } from 'node:http'

export interface BodyLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** GitHub caps its payloads at 25 MB; the events that we take are far below this. */
export const webhookLimits: BodyLimits = { maxBytes: 5 * 1024 * 1024, timeoutMs: 10_000 }

export type Body =
  | { readonly is: 'read'; readonly bytes: Buffer }
  /** Over a limit: how to answer. */
  | { readonly is: 'cut'; readonly status: 413 | 408; readonly why: string }
  /** Nobody is there to be answered. */
  | { readonly is: 'broken' }

const tooLarge: Body = { is: 'cut', status: 413, why: 'the body is too large' }
const tooSlow: Body = { is: 'cut', status: 408, why: 'the body took too long' }

/** Reads a body within limits of size and time; what exceeds them is not read on, hashed or parsed (T02). */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) return Promise.resolve(tooLarge)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (body: Body) => {
      clearTimeout(timer)
      request.removeAllListeners('data')
      if (body.is !== 'read') request.pause()
      resolve(body)
    }
    const timer = setTimeout(() => end(tooSlow), limits.timeoutMs)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.maxBytes) return end(tooLarge)
      chunks.push(chunk)
    })
    request.on('end', () => end({ is: 'read', bytes: Buffer.concat(chunks) }))
    request.on('error', () => end({ is: 'broken' }))
    request.on('close', () => end({ is: 'broken' }))
  })
}
