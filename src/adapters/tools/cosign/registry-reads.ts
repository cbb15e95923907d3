import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError, TransientError } from '../../../domain/failures.ts'

export interface RegistryAccess {
  /** `host:port` of those that may be asked without TLS. */
  readonly httpRegistries: readonly string[]
  /** The folder of a Docker `config.json`; credential helpers are programs, and are not run. */
  readonly dockerConfig?: string
}

/**
 * Reads from one repository, for diagnosis beside cosign: null where the registry says that it is not there. Bounded in
 * time and bytes, and never led to another host (T39). Throws TransientError `signature.registry-unreachable` and
 * OperatorError `signature.registry-denied`.
 */
export interface RegistryReads {
  exists(path: string): Promise<boolean>
  json(path: string): Promise<unknown>
}

const requestMs = 10_000
const maxBytes = 4 * 1024 * 1024
const accept = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/json;q=0.5',
  'application/octet-stream;q=0.1',
].join(', ')

export function registryReads(registry: string, repository: string, access: RegistryAccess): RegistryReads {
  const scheme = access.httpRegistries.includes(registry) ? 'http' : 'https'
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const base = `${scheme}://${host}/v2/${repository}/`
  let authorization: string | undefined
  const read = async (method: 'GET' | 'HEAD', path: string): Promise<Response | null> => {
    const url = `${base}${path}`
    const first = await ask(method, url, authorization)
    if (first.status !== 401 || authorization !== undefined) return presentOrNull(first, url)
    authorization = await authorizationFor(first, registry, access)
    await first.body?.cancel()
    return presentOrNull(await ask(method, url, authorization), url)
  }
  return {
    async exists(path) {
      const response = await read('HEAD', path)
      await response?.body?.cancel()
      return response !== null
    },
    async json(path) {
      const response = await read('GET', path)
      return response === null ? null : parsed(await boundedText(response, `${base}${path}`))
    },
  }
}

async function ask(method: string, url: string, authorization: string | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      // A redirect to an internal host would make us its browser.
      redirect: 'manual',
      headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
      signal: AbortSignal.timeout(requestMs),
    })
  } catch (cause) {
    throw unreachable(url, 'does not answer', { cause })
  }
}

async function presentOrNull(response: Response, url: string): Promise<Response | null> {
  if (response.ok) return response
  await response.body?.cancel()
  if (response.status === 404) return null
  if (response.status === 401 || response.status === 403) {
    throw new OperatorError(
      'signature.registry-denied',
      `${url} answers ${response.status}: it wants other credentials than SLUICE_DOCKER_CONFIG has for it, or any at all`,
    )
  }
  const after = Number(response.headers.get('retry-after'))
  throw unreachable(url, `answers ${response.status}`, after > 0 ? { retryAfterSeconds: after } : {})
}

async function boundedText(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw unreachable(url, 'does not finish its answer', { cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What is no JSON tells us nothing: it is read as an empty answer, and never counts for a signature. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** As the registry's challenge demands: basic credentials, or a token that is fetched with or without them. */
async function authorizationFor(response: Response, registry: string, access: RegistryAccess): Promise<string> {
  const challenge = response.headers.get('www-authenticate') ?? ''
  const credentials = await credentialsOf(registry, access.dockerConfig)
  const basic = credentials === undefined ? undefined : `Basic ${credentials}`
  if (!/^bearer /i.test(challenge)) {
    if (basic !== undefined) return basic
    throw new OperatorError(
      'signature.registry-denied',
      `${registry} wants credentials, and SLUICE_DOCKER_CONFIG has none for it`,
    )
  }
  return `Bearer ${await fetchToken(tokenUrl(challenge, registry), basic)}`
}

function tokenUrl(challenge: string, registry: string): string {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]))
  const realm = URL.canParse(fields.get('realm') ?? '') ? new URL(fields.get('realm') ?? '') : null
  // The challenge is the registry's word: over TLS or on its own host only, so that it cannot point us at an internal one.
  if (realm === null || (realm.protocol !== 'https:' && realm.host !== registry) || isAddress(realm, registry)) {
    throw new OperatorError('signature.registry-denied', `${registry} names no token service that may be asked`)
  }
  for (const key of ['service', 'scope']) {
    const value = fields.get(key)
    if (value !== undefined) realm.searchParams.set(key, value)
  }
  return realm.href
}

const isAddress = (realm: URL, registry: string): boolean =>
  realm.host !== registry && (/^[\d.]+$|^\[/.test(realm.hostname) || realm.hostname === 'localhost')

async function fetchToken(url: string, basic: string | undefined): Promise<string> {
  const response = await presentOrNull(await ask('GET', url, basic), url)
  const answer = response === null ? null : parsed(await boundedText(response, url))
  if (typeof answer === 'object' && answer !== null) {
    for (const key of ['token', 'access_token']) {
      const token: unknown = Reflect.get(answer, key)
      if (typeof token === 'string') return token
    }
  }
  throw unreachable(url, 'gives no token', {})
}

/** Base64 of `user:password` as `docker login` writes it. */
async function credentialsOf(registry: string, folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined
  const config = parsed(await readFile(join(folder, 'config.json'), 'utf8').catch(() => '')) as {
    readonly auths?: Readonly<Record<string, { readonly auth?: string }>>
  } | null
  const names = registry === 'docker.io' ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io'] : [registry]
  return names.map((name) => config?.auths?.[name]?.auth).find((auth) => auth !== undefined && auth !== '')
}

const unreachable = (url: string, what: string, options: ConstructorParameters<typeof TransientError>[2]) =>
  new TransientError('signature.registry-unreachable', `the registry at ${new URL(url).host} ${what}`, options)
