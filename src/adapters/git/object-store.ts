import { LRUCache } from 'lru-cache'
import { TransientError, UserError } from '../../domain/failures.ts'
import { isSha, type Sha } from '../../domain/ids.ts'
import type { Commit, TreeEntry } from '../../ports/git.ts'
import { catFile, type StoredObject } from './cat-file.ts'
import { type GitPlace, runGit } from './git-process.ts'
import { parseCommit, parseTree, type RawEntry, toTreeEntry } from './object-format.ts'

type Parsed =
  | { readonly type: 'commit'; readonly commit: Commit; readonly bytes: number }
  | (Tree & { readonly type: 'tree'; readonly bytes: number })
  | { readonly type: 'blob'; readonly content: Buffer; readonly bytes: number }

export interface Tree {
  readonly raw: readonly RawEntry[]
  /** The same entries, as callers see them. */
  readonly entries: readonly TreeEntry[]
  readonly byName: ReadonlyMap<string, TreeEntry>
}

/** The parsed objects of one local store, kept by id within a bound of bytes. */
export interface ObjectStore {
  commit(oid: Sha): Promise<Commit>
  /** A tree, or a commit's tree. */
  tree(treeish: Sha): Promise<Tree>
  blob(oid: Sha, maxBytes: number): Promise<Buffer>
  typeOf(oid: Sha): Promise<string>
  /** Set once an object that the store holds could not be read: the mirror has to be fetched anew. */
  isBroken(): boolean
  close(): Promise<void>
}

/** Rough size of a parsed tree entry in memory, so that the bound on bytes means something. */
const entryBytes = 600

/** `shallow`: commits whose parents the store does not hold; they count as having none, as git has it. */
export function objectStore(
  place: GitPlace,
  cacheBytes: number,
  shallow: ReadonlySet<string> = new Set(),
): ObjectStore {
  const cat = catFile(place)
  const kept = new LRUCache<Sha, Parsed>({ maxSize: cacheBytes, sizeCalculation: (object) => object.bytes + 100 })
  const pending = new Map<Sha, Promise<Parsed>>()
  let broken = false

  const load = async (oid: Sha): Promise<Parsed> => {
    const object = await reading(() => cat.contents(oid), oid)
    const parsed = shallow.has(oid) ? withoutParents(parse(oid, object)) : parse(oid, object)
    kept.set(oid, parsed)
    return parsed
  }
  /** Two that ask for one object at once share one read. */
  const read = (oid: Sha): Promise<Parsed> => {
    const known = kept.get(oid)
    if (known !== undefined) return Promise.resolve(known)
    const underWay = pending.get(oid)
    if (underWay !== undefined) return underWay
    const started = load(oid).finally(() => pending.delete(oid))
    pending.set(oid, started)
    return started
  }
  const reading = async (
    ask: () => Promise<StoredObject>,
    oid: Sha,
  ): Promise<Extract<StoredObject, { is: 'found' }>> => {
    assertSha(oid)
    const object = await ask().catch((error: unknown) => {
      broken = true
      throw error
    })
    if (object.is === 'found') return object
    if (await isDamaged(place, oid)) {
      broken = true
      throw new TransientError('git.store-broken', `the local copy of object ${oid} cannot be read; it is fetched anew`)
    }
    throw new UserError('git.missing-object', `the repository holds no object ${oid}`)
  }
  const infoOf = (oid: Sha) => reading(() => cat.info(oid), oid)

  return {
    async commit(oid) {
      const object = await read(oid)
      if (object.type !== 'commit') throw wrongType(oid, 'commit', object.type)
      return object.commit
    },
    async tree(treeish) {
      const object = await read(treeish)
      if (object.type === 'tree') return object
      if (object.type === 'commit') return this.tree(object.commit.tree)
      throw wrongType(treeish, 'tree', object.type)
    },
    async blob(oid, maxBytes) {
      const known = kept.get(oid)
      const size = known === undefined ? (await infoOf(oid)).size : known.bytes
      if (size > maxBytes)
        throw new UserError('git.blob-too-large', `object ${oid} has ${size} bytes, the limit is ${maxBytes}`)
      const object = await read(oid)
      if (object.type !== 'blob') throw wrongType(oid, 'blob', object.type)
      return object.content
    },
    typeOf: async (oid) => kept.get(oid)?.type ?? (await infoOf(oid)).type,
    isBroken: () => broken,
    close: () => cat.close(),
  }
}

function parse(oid: Sha, { type, bytes }: Extract<StoredObject, { is: 'found' }>): Parsed {
  if (type === 'commit') return { type, commit: parseCommit(oid, bytes), bytes: bytes.length }
  if (type === 'blob') return { type, content: bytes, bytes: bytes.length }
  if (type !== 'tree') throw wrongType(oid, 'commit, tree or blob', type)
  const raw = parseTree(bytes, oid.length / 2)
  const entries = raw.map(toTreeEntry)
  const byName = new Map(entries.map((entry) => [entry.path, entry]))
  return { type, raw, entries, byName, bytes: raw.length * entryBytes }
}

const withoutParents = (object: Parsed): Parsed =>
  object.type === 'commit' ? { ...object, commit: { ...object.commit, parents: [] } } : object

const wrongType = (oid: Sha, wanted: string, type: string): UserError =>
  new UserError('git.missing-object', `object ${oid} is a ${type}, not a ${wanted}`)

/** `cat-file` says `missing` of a damaged object too; asked alone, git complains of damage and is silent of absence. */
async function isDamaged(place: GitPlace, oid: Sha): Promise<boolean> {
  const { exitCode, stderr } = await runGit(place, ['cat-file', '-e', oid])
  return exitCode === 0 || stderr !== ''
}

/** An id goes into a line of a protocol and into argv: anything else than hex digits there would be a bug, and ends here. */
export function assertSha(oid: string): asserts oid is Sha {
  if (!isSha(oid)) throw new TypeError(`not a Git object id: ${JSON.stringify(oid.slice(0, 80))}`)
}
