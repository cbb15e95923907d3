import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { OperatorError, TransientError } from '../../domain/failures.ts'
import { basicAuthorization, protocolOf } from './git-environment.ts'

const probeTimeoutMs = 15_000

export type RemoteState =
  | { readonly is: 'answering' }
  | { readonly is: 'refusing'; readonly status: number }
  | { readonly is: 'unreachable'; readonly cause: unknown }

/**
 * git ends with 128 whether the network, the token or the local store is at fault, and says which only in words. So the
 * forge itself is asked, by the first request that git would make, and its status decides.
 */
export async function stateOfRemote(
  url: string,
  service: 'git-upload-pack' | 'git-receive-pack',
  token: string | null,
): Promise<RemoteState> {
  if (protocolOf(url) === 'file') {
    const path = url.startsWith('/') ? url : fileURLToPath(url)
    return existsSync(path) ? { is: 'answering' } : { is: 'refusing', status: 404 }
  }
  try {
    const response = await fetch(`${url}/info/refs?service=${service}`, {
      headers: token === null ? {} : { authorization: basicAuthorization(token) },
      redirect: 'manual',
      signal: AbortSignal.timeout(probeTimeoutMs),
    })
    await response.body?.cancel()
    if (response.ok) return { is: 'answering' }
    const isOurs = response.status < 500 && response.status !== 408 && response.status !== 429
    return isOurs ? { is: 'refusing', status: response.status } : { is: 'unreachable', cause: response.status }
  } catch (cause) {
    return { is: 'unreachable', cause }
  }
}

/** Throws what the state means; returns where the forge answers, so the fault lies elsewhere. */
export function throwUnlessAnswering(state: RemoteState, url: string, said: string): void {
  if (state.is === 'unreachable') {
    throw new TransientError('git.unreachable', `${url} cannot be reached: ${said}`, { cause: state.cause })
  }
  if (state.is === 'refusing') {
    throw new OperatorError('git.refused', `${url} refuses us with ${state.status}: ${said}`)
  }
}
