/** `no-signature`: nothing that counts is attached; `other-signer`: signatures are there, none by this key. */
export type SignatureAnswer = 'signed' | 'no-signature' | 'other-signer'

/**
 * Asks whether an image, named by digest, is signed by a key. Throws TransientError `signature.registry-unreachable`
 * where the registry does not answer, OperatorError `signature.tool` where cosign is missing, flawed or prints garbage.
 */
export interface Signatures {
  byKey(image: string, publicKeyPem: string): Promise<SignatureAnswer>
}
