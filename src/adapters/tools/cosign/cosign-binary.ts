import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { OperatorError } from '../../../domain/failures.ts'
import { type Digest, toDigest } from '../../../domain/ids.ts'

/** SHA-256 of the file that is run as cosign; kept by the composition root and told in every audit line. */
export async function cosignDigest(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch (cause) {
    throw new OperatorError('signature.tool', `cosign cannot be read at ${path}`, { cause })
  }
  return toDigest(`sha256:${hash.digest('hex')}`)
}

/**
 * Holds cosign to the bytes that it had at the start (T42): the returned check throws OperatorError `signature.tool` once
 * the file has others. A file that looks untouched is not read again: it has 140 MB, and a verification takes 60 ms.
 */
export function unchangedCosign(path: string, expected?: Digest): () => Promise<void> {
  let known: { readonly looks: string; readonly digest: Digest } | undefined
  return async () => {
    const looks = await looksOf(path)
    if (known?.looks === looks) return
    const digest = await cosignDigest(path)
    const wanted = known?.digest ?? expected ?? digest
    if (digest !== wanted)
      throw new OperatorError('signature.tool', `${path} is not the cosign of the start: ${digest}, not ${wanted}`)
    known = { looks, digest }
  }
}

async function looksOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (cause) {
    throw new OperatorError('signature.tool', `cosign is not there: ${path}`, { cause })
  }
}
