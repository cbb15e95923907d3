import { UserError } from '../../../domain/failures.ts'
import { type Digest, isDigest } from '../../../domain/ids.ts'

/** An image as registries and tools are asked for it: nothing in it can be taken for a flag, a path or another host (T40). */
export interface PinnedImage {
  /** `host[:port]`, in lower case; Docker Hub is `docker.io`. */
  readonly registry: string
  readonly repository: string
  readonly digest: Digest
  /** `registry/repository@digest`, without a tag: beside a digest it is decoration. */
  readonly text: string
}

/** Reads the grammar of the OCI distribution specification strictly. Throws UserError `signature.reference`. */
export function pinnedImage(text: string): PinnedImage {
  const [name = '', digest = ''] = text.length > 600 ? [] : text.split('@', 2)
  const place = repositoryOf(name.replace(tag, ''))
  if (place === null || !isDigest(digest) || text !== `${name}@${digest}`) {
    throw new UserError(
      'signature.reference',
      `${JSON.stringify(text.slice(0, 200))} is not an image by digest (name@sha256:…)`,
    )
  }
  return { ...place, digest, text: `${place.registry}/${place.repository}@${digest}` }
}

/** Where a name without tag and digest points, spelled out; null where it is no name. */
export function repositoryOf(name: string): Pick<PinnedImage, 'registry' | 'repository'> | null {
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const registry = hasHost ? hubName(first.toLowerCase()) : 'docker.io'
  const path = hasHost ? rest : [first, ...rest]
  const parts = registry === 'docker.io' && path.length === 1 ? ['library', ...path] : path
  return host.test(registry) && parts.every((part) => pathPart.test(part))
    ? { registry, repository: parts.join('/') }
    : null
}

const hubName = (registry: string): string => (registry === 'index.docker.io' ? 'docker.io' : registry)

const tag = /:\w[\w.-]{0,127}$/
const host = /^[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*(?::\d{1,5})?$/
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
