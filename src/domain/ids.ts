declare const brand: unique symbol
type Is<Name extends string> = string & { readonly [brand]: Name }

/** A full Git object id, 40 or 64 lower-case hex digits. */
export type Sha = Is<'sha'>
/** `sha256:` and 64 lower-case hex digits. */
export type Digest = Is<'digest'>
/** The SHA-256 of a release's canonical JSON, 64 hex digits; compared whole, shown as twelve. */
export type ReleaseId = Is<'release'>
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [brand]: 'instant' }
/** `application/environment`: one application in one environment. */
export type SlotKey = `${string}/${string}`

const shaPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

export const isSha = (text: string): text is Sha => shaPattern.test(text)
export const isDigest = (text: string): text is Digest => digestPattern.test(text)

/** For ids that a tool of ours printed; anything else is a bug and throws. */
export function toSha(text: string): Sha {
  const trimmed = text.trim()
  if (!isSha(trimmed)) throw new TypeError(`not a Git object id: ${JSON.stringify(trimmed.slice(0, 80))}`)
  return trimmed
}

export function toDigest(text: string): Digest {
  if (!isDigest(text)) throw new TypeError(`not a digest: ${JSON.stringify(text.slice(0, 80))}`)
  return text
}

export const toInstant = (milliseconds: number): Instant => milliseconds as Instant
export const slotKey = (application: string, environment: string): SlotKey => `${application}/${environment}`

/** Names hold no slash (config refuses it), so the last one divides. */
export function partsOfSlot(slot: SlotKey): { readonly application: string; readonly environment: string } {
  const at = slot.lastIndexOf('/')
  return { application: slot.slice(0, at), environment: slot.slice(at + 1) }
}

/** How an id is shown to people: twelve digits. */
export const short = (id: Sha | ReleaseId): string => id.slice(0, 12)
