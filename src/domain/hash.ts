import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type Digest, toDigest } from './ids.ts'

/** SHA-256 of bytes, as a digest. */
export const digestOf = (bytes: string | Uint8Array): Digest =>
  toDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)

/** SHA-256 of the value's canonical JSON (RFC 8785): equal values have equal digests, whatever the order of their keys. */
export const digestOfValue = (value: unknown): Digest => digestOf(canonicalize(value) ?? 'undefined')
