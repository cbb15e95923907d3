import { digestOf } from '../domain/hash.ts'

type Body = Readonly<Record<string, unknown>>

/**
 * An object as people may see it (I8): what a Secret holds, and what is encrypted anywhere, is a short hash, so that a
 * difference shows that a value changed and never which value it is.
 */
export function hideSecrets(body: Body): Body {
  return mapValues(body, (value, key) => {
    const isHidden = isCipherKey(key) || (body['kind'] === 'Secret' && !openInSecret.includes(key))
    return isHidden ? hideAll(value) : hideCiphers(value)
  })
}

const openInSecret = ['apiVersion', 'kind', 'metadata', 'type', 'immutable']
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

function hideCiphers(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('ENC[') ? hidden(value) : value
  if (Array.isArray(value)) return value.map(hideCiphers)
  if (!isBody(value)) return value
  return mapValues(value, (inside, key) => (isCipherKey(key) ? hideAll(inside) : hideCiphers(inside)))
}

/** What sops and sealed-secrets write, and where `kubectl apply` keeps a copy of the whole object. */
const isCipherKey = (key: string): boolean => ['sops', 'encryptedData', lastApplied].includes(key)

function hideAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideAll)
  return isBody(value) ? mapValues(value, hideAll) : hidden(value)
}

const hidden = (value: unknown): string =>
  `(hidden, ${digestOf(JSON.stringify(value) ?? '').slice('sha256:'.length, 'sha256:'.length + 8)})`

const mapValues = (body: Body, change: (value: unknown, key: string) => unknown): Body =>
  Object.fromEntries(Object.entries(body).map(([key, value]) => [key, change(value, key)]))

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)
