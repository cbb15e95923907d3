import { type Sha, toInstant, toSha } from '../../domain/ids.ts'
import type { Commit, TreeEntry } from '../../ports/git.ts'

/** One entry of a tree object, its name as the bytes that Git holds (latin1), so that writing it back changes nothing. */
export interface RawEntry {
  readonly mode: string
  readonly name: string
  readonly oid: Sha
}

/** Reads a tree object; `oidBytes` is 20, or 32 in a SHA-256 repository. */
export function parseTree(bytes: Buffer, oidBytes: number): readonly RawEntry[] {
  const entries: RawEntry[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const nul = bytes.indexOf(0, space)
    const end = nul + 1 + oidBytes
    if (space < 0 || nul < 0 || end > bytes.length) throw new TypeError('a tree object ends in the middle of an entry')
    entries.push({
      mode: bytes.toString('latin1', at, space).padStart(6, '0'),
      name: bytes.toString('latin1', space + 1, nul),
      oid: toSha(bytes.toString('hex', nul + 1, end)),
    })
    at = end
  }
  return entries
}

/** The bytes of a tree object: Git sorts by bytes, a folder as if its name ended in a slash. */
export function formatTree(entries: readonly RawEntry[]): Buffer {
  const key = (entry: RawEntry): string => (entry.mode === '040000' ? `${entry.name}/` : entry.name)
  const sorted = entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
  return Buffer.concat(
    sorted.flatMap(({ mode, name, oid }) => [
      Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`, 'latin1'),
      Buffer.from(oid, 'hex'),
    ]),
  )
}

export const toTreeEntry = ({ mode, name, oid }: RawEntry): TreeEntry => ({
  mode,
  oid,
  type: typeOfMode(mode),
  path: Buffer.from(name, 'latin1').toString('utf8'),
})

export const typeOfMode = (mode: string): TreeEntry['type'] =>
  mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'

/** Reads a commit object; continuation lines (signatures) and unknown headers are passed over. */
export function parseCommit(oid: Sha, bytes: Buffer): Commit {
  const text = bytes.toString('utf8')
  const gap = text.indexOf('\n\n')
  const headers = (gap < 0 ? text : text.slice(0, gap)).split('\n')
  const header = (name: string): string | undefined =>
    headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)
  const author = personOf(header('author') ?? '')
  return {
    oid,
    tree: toSha(header('tree') ?? ''),
    parents: headers.filter((line) => line.startsWith('parent ')).map((line) => toSha(line.slice('parent '.length))),
    authorName: author.name,
    authorEmail: author.email,
    at: toInstant(personOf(header('committer') ?? '').seconds * 1000),
    message: gap < 0 ? '' : text.slice(gap + 2),
  }
}

function personOf(line: string): { readonly name: string; readonly email: string; readonly seconds: number } {
  const open = line.lastIndexOf('<')
  const close = line.lastIndexOf('>')
  const seconds = Number.parseInt(line.slice(close + 1).trim(), 10)
  return {
    name: line.slice(0, Math.max(open, 0)).trim(),
    email: open < 0 ? '' : line.slice(open + 1, close),
    seconds: Number.isSafeInteger(seconds) ? seconds : 0,
  }
}
