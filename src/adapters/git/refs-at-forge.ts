import { isSha, type Sha } from '../../domain/ids.ts'
import { basicAuthorization, protocolOf } from './git-environment.ts'
import type { GitPlace } from './git-process.ts'

const askTimeoutMs = 15_000

/**
 * The refs at the forge below the prefixes, by one request and no process (`ls-refs`, https://git-scm.com/docs/protocol-v2).
 * Undefined where the forge does not answer so, for whatever reason: a fetch finds out which.
 */
export async function refsAtForge(
  { url, extraEnvironment }: GitPlace,
  prefixes: readonly string[],
  token: string | null,
): Promise<ReadonlyMap<string, Sha> | undefined> {
  // A proxy or a certificate that only git was told of.
  if (protocolOf(url) === 'file' || Object.keys(extraEnvironment).length > 0) return undefined
  try {
    const response = await fetch(`${url}/git-upload-pack`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-git-upload-pack-request',
        'git-protocol': 'version=2',
        'user-agent': 'git/sluice',
        ...(token === null ? {} : { authorization: basicAuthorization(token) }),
      },
      body:
        ['command=ls-refs\n', null, ...prefixes.map((prefix) => `ref-prefix ${prefix}\n`)].map(packet).join('') + end,
      redirect: 'manual',
      signal: AbortSignal.timeout(askTimeoutMs),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return response.ok ? refsIn(bytes) : undefined
  } catch {
    // The fetch that follows fails for the same reason, and says which.
    return undefined
  }
}

const delimiter = '0001'
const end = '0000'

/** A line of the protocol: its length in four hex digits, itself included. */
const packet = (line: string | null): string =>
  line === null ? delimiter : (Buffer.byteLength(line) + 4).toString(16).padStart(4, '0') + line

/** Undefined for anything but whole lines `<oid> <ref>` up to the end. */
function refsIn(bytes: Buffer): ReadonlyMap<string, Sha> | undefined {
  const refs = new Map<string, Sha>()
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.toString('latin1', at, at + 4)
    if (size === end) return refs
    const next = at + Number.parseInt(size, 16)
    const [oid = '', ref = ''] = bytes
      .toString('utf8', at + 4, next)
      .trimEnd()
      .split(' ')
    if (!(next > at + 4) || next > bytes.length || !isSha(oid) || ref === '') return undefined
    refs.set(ref, oid)
    at = next
  }
  return undefined
}
