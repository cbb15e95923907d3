import { createPublicKey } from 'node:crypto'

const allowed = new Set(['ec', 'ed25519', 'rsa'])

/** What is wrong with a text that should be one PEM public key; undefined where nothing is. Never quotes the text. */
export function publicKeyProblem(text: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return 'this is a private key: it is no secret any more, replace the pair and commit the public half only'
  if ((text.match(/-----BEGIN /g) ?? []).length !== 1 || !text.includes('-----BEGIN PUBLIC KEY-----'))
    return 'it must hold exactly one block "BEGIN PUBLIC KEY"'
  const type = keyTypeOf(text)
  if (type === undefined) return 'its content cannot be read as a key'
  return allowed.has(type) ? undefined : `keys of type ${type} do not sign images`
}

// OpenSSL's own parser decides; it says no by throwing.
function keyTypeOf(pem: string): string | undefined {
  try {
    return createPublicKey(pem).asymmetricKeyType
  } catch {
    return undefined
  }
}
