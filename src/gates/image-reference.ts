import { type Digest, isDigest } from '../domain/ids.ts'

export interface ImageReference {
  /** With its registry spelled out, so that `nginx` and `index.docker.io/library/nginx` are one name (T40). */
  readonly name: string
  /** Null where only a tag names it. */
  readonly digest: Digest | null
}

export function imageReference(text: string): ImageReference {
  const at = text.indexOf('@')
  const digest = at === -1 ? '' : text.slice(at + 1)
  return {
    name: canonicalName(withoutTag(at === -1 ? text : text.slice(0, at))),
    digest: isDigest(digest) ? digest : null,
  }
}

function withoutTag(text: string): string {
  const colon = text.lastIndexOf(':')
  return colon > text.lastIndexOf('/') ? text.slice(0, colon) : text
}

function canonicalName(name: string): string {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  if (!isRegistry(first)) return slash === -1 ? `docker.io/library/${name}` : `docker.io/${name}`
  const host = first.toLowerCase() === 'index.docker.io' ? 'docker.io' : first.toLowerCase()
  const path = name.slice(slash + 1)
  return host === 'docker.io' && !path.includes('/') ? `docker.io/library/${path}` : `${host}/${path}`
}

// Docker's own rule: a first part with a dot, a port or the name localhost is a registry.
const isRegistry = (part: string): boolean => part.includes('.') || part.includes(':') || part === 'localhost'
