import type { Complaint } from './problem.ts'

export type CheckedPath =
  | { readonly is: 'path'; readonly path: string }
  | { readonly is: 'refused'; readonly complaint: Complaint }

/**
 * The path in the repository that `written`, seen from `folder`, means; or why it may not be followed. What kustomize could
 * take for an address is refused even where such a folder exists: kustomize tries the address first (T18).
 */
export function checkPath(folder: string, written: string, line: number): CheckedPath {
  const refuse = (reason: string, why: string): CheckedPath => ({
    is: 'refused',
    complaint: { reason, line, detail: `${JSON.stringify(written.slice(0, 200))} ${why}` },
  })
  if (looksRemote(written))
    return refuse('render.remote-base', 'is fetched from elsewhere; only paths of this repository are rendered')
  if (written.startsWith('/')) return refuse('render.outside-repository', 'is an absolute path')
  if (!isPlainName(written)) return refuse('render.bad-name', 'is not a name that a file here may have')
  const path = resolve(folder, written)
  if (path === undefined) return refuse('render.outside-repository', 'leads out of the repository')
  return { is: 'path', path }
}

/** Schemes, scp-style addresses, forced getters, queries, and the one host that kustomize knows by name. */
const looksRemote = (path: string): boolean =>
  path.includes('://') || /^[^/]*[:@]/.test(path) || path.includes('?') || /^(?:\.\/)*github\.com(?:\/|$)/i.test(path)

/** No option, no control or bidirectional character, no backslash, nothing empty. */
export const isPlainName = (path: string): boolean =>
  path !== '' &&
  !path.startsWith('-') &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  !/[\x00-\x1f\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]/.test(path) &&
  path.split('/').every((name) => !name.startsWith('-') && name.toLowerCase() !== '.git')

function resolve(folder: string, written: string): string | undefined {
  const names = folder === '' ? [] : folder.split('/')
  for (const name of written.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) return undefined
  }
  return names.join('/')
}
