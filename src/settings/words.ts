import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'

/** The kinds of values that settings hold: each says in an error what it must be. */
/** Defaults of tutorials and tools: whoever knows the program knows these. */
const wellKnownSecrets = ['development', 'secret', 'changeme', 'change-me', 'password', 'webhook', 'sluice', 'test']

export const text = z.string().trim().min(1, 'must not be empty')
export const list = text.transform((words) =>
  words
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
)
export const wholeNumber = (from: number, to: number) =>
  text
    .refine((word) => /^\d+$/.test(word) && Number(word) >= from && Number(word) <= to, {
      message: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number)
export const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 1 or 0')
  .transform((word) => word === '1' || word === 'true')
export const url = text
  .refine((word) => isWebUrl(word), 'must be an http(s) URL without user, query or fragment')
  .transform((word) => word.replace(/\/+$/, ''))
/** Both ends included: a timer of Node's fires at once where it is none, or longer than 24 days. */
export const duration = (from: string, to: string) =>
  text
    .refine((word) => isWithin(millisecondsOf(word), from, to), {
      message: `must be a duration such as 30s, 5m or 1h, from ${from} to ${to}`,
    })
    .transform((word) => millisecondsOf(word) ?? 0)
export const pem = text
  .transform((word) => word.replaceAll('\\n', '\n'))
  .refine(isPrivateKey, 'must be the private key of the App, in PEM (-----BEGIN … PRIVATE KEY-----)')
export const webhookSecrets = list
  .refine((secrets) => secrets.length > 0, 'must hold a secret')
  .refine(
    (secrets) => secrets.every((secret) => !wellKnownSecrets.includes(secret.toLowerCase())),
    'is a well-known default, which anybody would try first; make one with `openssl rand -hex 32`',
  )
  .refine(
    (secrets) => secrets.every((secret) => secret.length >= 16),
    'must be at least 16 characters long; make one with `openssl rand -hex 32`',
  )
export const stateKeys = list.transform(([first, ...others], context): readonly [string, ...string[]] => {
  if (first !== undefined && [first, ...others].every((key) => Buffer.byteLength(key) >= 32)) return [first, ...others]
  context.addIssue('must be at least 32 bytes long each; make one with `openssl rand -hex 32`')
  return z.NEVER
})
export const numbers = list
  .refine((words) => words.every((word) => /^\d+$/.test(word)), 'must be numeric ids, divided by commas')
  .transform((words) => words.map(Number))

function isWebUrl(word: string): boolean {
  if (!URL.canParse(word)) return false
  const { protocol, username, password, search, hash } = new URL(word)
  return ['http:', 'https:'].includes(protocol) && `${username}${password}${search}${hash}` === ''
}

function isPrivateKey(word: string): boolean {
  try {
    return createPrivateKey(word).asymmetricKeyType === 'rsa'
  } catch {
    return false // the reason may quote the key: the problem says what is wanted instead
  }
}

const isWithin = (found: number | undefined, from: string, to: string): boolean =>
  found !== undefined && found >= (millisecondsOf(from) ?? 0) && found <= (millisecondsOf(to) ?? 0)

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function millisecondsOf(word: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(word) ?? []
  return count === undefined || unit === undefined ? undefined : Number(count) * (unitMs[unit] ?? 0)
}
