import { z } from 'zod'
import { type Digest, type Instant, isDigest, isSha, type ReleaseId, type Sha, type SlotKey } from '../domain/ids.ts'

/** The values that events are made of, as schemas: what passes has its domain type. */
const word = <T extends string>(isIt: (text: string) => boolean, name: string): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === 'string' && isIt(value), { error: `expected ${name}` })

export const sha = word<Sha>(isSha, 'a Git object id')
export const digest = word<Digest>(isDigest, 'a digest sha256:…')
export const releaseId = word<ReleaseId>((text) => /^[0-9a-f]{64}$/.test(text), 'a release id of 64 hex digits')
/** `application/environment`; the application is `*` where a guard path speaks for the whole environment. */
export const slot = word<SlotKey>((text) => /^[^/\s]+\/[^/\s]+$/.test(text), 'application/environment')
const endOfYear9999 = 253_402_300_799_999
export const instant = z.custom<Instant>(
  (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= endOfYear9999,
  { error: 'expected milliseconds since 1970' },
)
export const count = z.number().int().nonnegative()
export const text = z.string().max(2000)
export const name = z.string().min(1).max(253)
export const by = z.strictObject({ id: count, login: z.string().max(100) })
export const scope = z.union([
  z.literal('all'),
  z.strictObject({ environment: name, application: name.exactOptional() }),
])
export const part = z.strictObject({ part: z.string(), value: z.string() })
export const parts = z.strictObject({
  images: z.record(z.string(), digest),
  trees: z.record(z.string(), sha),
  files: z.record(z.string(), sha),
  fields: z.record(z.string(), z.string()),
})
