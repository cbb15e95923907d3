import type { Instant } from '../../domain/ids.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { Collector } from './evidence-cache.ts'

/** What is not signed yet is asked again this often: signatures may follow their image by minutes. */
const askAgainAfter = 10_000

/** A signature that was found stays found; one that is missing is asked for again. */
export function signatureCollector({
  signatures,
  now,
}: Pick<RepositoryPorts, 'signatures' | 'now'>): Collector<'signature'> {
  const firstAsked = new Map<string, Instant>()
  const lastAsked = new Map<string, Instant>()
  return {
    async collect({ image, publicKey }) {
      const name = `${image}\n${publicKey}`
      const firstAskedAt = firstAsked.get(name) ?? now()
      firstAsked.set(name, firstAskedAt)
      lastAsked.set(name, now())
      return { is: await signatures.byKey(image, publicKey), firstAskedAt }
    },
    isMutable: ({ is }) => is !== 'signed',
    isStale: ({ image, publicKey }) => now() - (lastAsked.get(`${image}\n${publicKey}`) ?? 0) >= askAgainAfter,
  }
}
