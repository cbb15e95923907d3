import { type Digest, isDigest, isSha, type ReleaseId, type Sha, type SlotKey } from '../domain/ids.ts'

/** What we write below our commits, for people and for ourselves. Believed only under our seal (`seal.ts`). */
export interface Trailers {
  readonly kind: 'promotion' | 'rollback' | 'edit'
  /** Null on the merge of an edit, which may change many. */
  readonly slot: SlotKey | null
  readonly release: ReleaseId | null
  readonly replaces: ReleaseId | null
  /** The merge commit that a rollback takes back. */
  readonly takesBack: Sha | null
  /** The commit of the default branch that the change was made for. */
  readonly base: Sha | null
  /** The head of the state branch then. */
  readonly state: Sha | null
  /** On merge commits: the pull request, and the digest of what the gates judged (slot → inputs, guard paths too). */
  readonly pull: number | null
  readonly gated: Digest | null
  /** On merge commits: how the slot was, freshly looked at, when this was merged over it. */
  readonly over: 'healthy' | 'unwell' | null
}

const names = {
  kind: 'Sluice-Kind',
  slot: 'Sluice-Slot',
  release: 'Sluice-Release',
  replaces: 'Sluice-Replaces',
  takesBack: 'Sluice-Takes-Back',
  base: 'Sluice-Base',
  state: 'Sluice-State',
  pull: 'Sluice-Pull',
  gated: 'Sluice-Gated',
  over: 'Sluice-Over',
} as const satisfies Record<keyof Trailers, string>

const fields = Object.keys(names) as readonly (keyof Trailers)[]

export function writeTrailers(trailers: Trailers): string {
  const lines = fields.flatMap((field) => (trailers[field] === null ? [] : [`${names[field]}: ${trailers[field]}`]))
  return ['Sluice-Version: v1', ...lines].join('\n')
}

/** Undefined where the message does not end in a well-formed set of ours. */
export function readTrailers(message: string): Trailers | undefined {
  const found = lastParagraph(message)
  const kind = found.get(names.kind)
  if (found.get('Sluice-Version') !== 'v1') return undefined
  if (kind !== 'promotion' && kind !== 'rollback' && kind !== 'edit') return undefined
  const read = <T extends string>(name: string, isOne: (text: string) => boolean): T | null => {
    const text = found.get(name)
    return text !== undefined && isOne(text) ? (text as T) : null
  }
  const pull = read(names.pull, (text) => /^[0-9]{1,12}$/.test(text))
  return {
    kind,
    slot: read<SlotKey>(names.slot, (text) => text.includes('/')),
    release: read<ReleaseId>(names.release, isHash),
    replaces: read<ReleaseId>(names.replaces, isHash),
    takesBack: read<Sha>(names.takesBack, isSha),
    base: read<Sha>(names.base, isSha),
    state: read<Sha>(names.state, isSha),
    pull: pull === null ? null : Number(pull),
    gated: read<Digest>(names.gated, isDigest),
    over: read<'healthy' | 'unwell'>(names.over, (text) => text === 'healthy' || text === 'unwell'),
  }
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

function lastParagraph(message: string): ReadonlyMap<string, string> {
  const lines = message.trimEnd().split(/\n\n+/).at(-1)?.split('\n') ?? []
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(': ')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 2).trim()] as const] : []
    }),
  )
}
