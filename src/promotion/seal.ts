import { createHmac, timingSafeEqual } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Keys } from '../state/mac.ts'

const line = /\nSluice-Seal: v1=([0-9a-f]{64})\s*$/

/** What the seal binds a message to. On our own commits the tree and parents; on merge commits the head that was merged. */
export type Sealed =
  | { readonly repository: number; readonly tree: string; readonly parents: readonly string[] }
  | { readonly repository: number; readonly merges: string }

/**
 * Adds a line that only a holder of the state key can write. Trailers alone could be copied by anybody who may push; with
 * the seal, what we did is read back from Git alone, and a commit that somebody else put onto our branch is known as
 * theirs (T10) without asking the forge.
 */
export const seal = (message: string, what: Sealed, keys: Keys): string => {
  const text = message.trimEnd()
  return `${text}\nSluice-Seal: v1=${macOf(text, what, keys[0])}\n`
}

/** Whether one of the keys sealed exactly this message for exactly this. */
export function isSealed(message: string, what: Sealed, keys: Keys): boolean {
  const found = line.exec(`${message.trimEnd()}\n`)
  if (found === null) return false
  const text = message.trimEnd().slice(0, found.index)
  return keys.some((key) => timingSafeEqual(Buffer.from(macOf(text, what, key)), Buffer.from(found[1] ?? '')))
}

const macOf = (text: string, what: Sealed, key: string | Uint8Array): string =>
  createHmac('sha256', key)
    .update(canonicalize({ v: 1, text, what }) ?? '')
    .digest('hex')
