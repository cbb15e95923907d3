/**
 * `no-signature`: nothing that counts as one is attached (an attestation does not, T35); `other-signer`: signatures are
 * there, none by this key; `other-digest`: what is attached was made for other content; `other-repository`: signed by this
 * key, but copied from another repository (T34).
 */
export type SignatureAnswer = 'signed' | 'no-signature' | 'other-signer' | 'other-digest' | 'other-repository'

/**
 * Asks whether an image, named by digest, is signed by a key. Throws TransientError `signature.registry-unreachable`
 * where the registry does not answer, OperatorError `signature.registry-denied` where it wants other credentials,
 * OperatorError `signature.tool` where cosign is missing, was swapped or prints garbage, UserError `signature.reference`,
 * `signature.key` and `signature.too-many` for what the image's owner can mend.
 */
export interface Signatures {
  byKey(image: string, publicKeyPem: string): Promise<SignatureAnswer>
}
