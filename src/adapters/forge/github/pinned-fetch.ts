import { OperatorError } from '../../../domain/failures.ts'

const mostRedirects = 3

/**
 * A fetch that speaks to the origin of `apiUrl` and to no other, whatever an answer, a link or a caller says: tokens
 * travel with every request. Renamed repositories answer with a redirect, which reads follow within the origin.
 */
export function pinnedFetch(apiUrl: string, timeoutMs: number): typeof globalThis.fetch {
  const { origin } = new URL(apiUrl)
  return async (input, init) => {
    const signal = AbortSignal.timeout(timeoutMs)
    let url = String(input)
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      if (!isWithin(origin, url)) throw leaves(origin, url)
      const response = await fetch(url, { ...init, redirect: 'manual', signal })
      const next = redirectOf(response, url)
      if (next === undefined) return response
      if ((init?.method ?? 'GET') !== 'GET') throw isWithin(origin, next) ? moved() : leaves(origin, next)
      await response.body?.cancel()
      url = next
    }
    throw leaves(origin, url)
  }
}

function redirectOf(response: Response, from: string): string | undefined {
  const location = response.headers.get('location')
  const isRedirect = [301, 302, 307, 308].includes(response.status) && location !== null
  return isRedirect ? new URL(location, from).href : undefined
}

const isWithin = (origin: string, url: string): boolean => new URL(url).origin === origin

const moved = () =>
  new OperatorError(
    'forge.redirect',
    'the repository was renamed or moved, and a write does not follow; it is found again when the repositories are listed next',
  )

const leaves = (origin: string, url: string) =>
  new OperatorError('forge.redirect', `refused to follow the forge from ${origin} to ${new URL(url).origin}`)
