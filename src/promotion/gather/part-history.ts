import type { Sha } from '../../domain/ids.ts'
import { joinPath } from '../../overlays/object-reader.ts'
import { readField } from '../../overlays/read-release.ts'
import type { GitObjects } from '../../ports/git.ts'
import { lineSince } from '../observe/line.ts'

/** How many changes of one path are followed back: what lay there longer ago is not known. */
const lookBack = 1_000
const mostKept = 5_000

/** Where an overlay holds a part of a release: a tree or file, or one field of a file. */
export interface PartPlace {
  readonly overlay: string
  readonly name: string
  readonly field: string | null
}

/** Every value that ever stood there on the default branch, along its first parents. */
export type PartHistory = (base: Sha, place: PartPlace) => Promise<ReadonlySet<string>>

interface Walked {
  readonly upTo: Sha
  readonly objects: ReadonlySet<Sha>
  readonly values: ReadonlySet<string>
}

/** Git walks its history once for each place; what comes after is added commit by commit, which costs it no process. */
export function partHistory(git: GitObjects): PartHistory {
  const kept = new Map<string, Promise<Walked>>()
  return async (base, place) => {
    if (kept.size > mostKept) kept.clear()
    const key = JSON.stringify(place)
    const walked = walkedUpTo(git, base, place, kept.get(key))
    kept.set(key, walked)
    // What failed is tried anew: kept, it would fail every round from now on.
    walked.catch(() => kept.delete(key))
    return (await walked).values
  }
}

async function walkedUpTo(git: GitObjects, base: Sha, place: PartPlace, before?: Promise<Walked>): Promise<Walked> {
  const known = await before
  if (known?.upTo === base) return known
  const path = joinPath(place.overlay, place.name)
  const since = known === undefined ? null : await lineSince(git, known.upTo, base)
  const objects = new Set(since === null ? [] : known?.objects)
  const values = new Set(since === null ? [] : known?.values)
  for (const { oid } of since ?? (await git.history(base, [path], lookBack))) {
    const there = await git.entry(oid, path)
    if (there === undefined || objects.has(there.oid)) continue
    objects.add(there.oid)
    const value = place.field === null ? there.oid : await fieldAt(git, oid, place, place.field)
    if (value !== undefined) values.add(value)
  }
  return { upTo: base, objects, values }
}

/** Undefined where the file has no such field, or could not be read then: no value was there that anybody would miss. */
async function fieldAt(git: GitObjects, commit: Sha, { overlay, name }: PartPlace, field: string) {
  const text = await readField({ reader: git, tree: commit, overlay }, name, field)
  return typeof text === 'string' ? text : undefined
}
