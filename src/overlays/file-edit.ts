import { isDeepStrictEqual } from 'node:util'
import { isScalar, type Node } from 'yaml'
import { textOf } from './image-entries.ts'
import type { Complaint } from './problem.ts'
import { applySplices, type Splice } from './splice.ts'
import { maxAliases, type YamlSource, yamlSource } from './yaml-source.ts'

export type Path = readonly (string | number)[]

/** One intended change of a file: the characters to replace, and what the parsed file then says differently. */
export interface Edit {
  readonly splices: readonly Splice[]
  /** Where, and which text; undefined where the key or entry goes away. */
  readonly sets: readonly { readonly document: number; readonly path: Path; readonly text: string | undefined }[]
}

export type EditedText =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'broken'; readonly complaint: Complaint }

const unspliceable = (detail: string, line?: number): Complaint => ({
  reason: 'release.unspliceable',
  detail,
  ...(line === undefined ? {} : { line }),
})

/**
 * The text with the edits spliced in. What is written is parsed again, and must say exactly what was intended and
 * otherwise what it said before; else nothing is edited and the complaint says so.
 */
export function editText(source: YamlSource, edits: readonly Edit[]): EditedText {
  const text = applySplices(
    source.text,
    edits.flatMap((edit) => edit.splices),
  )
  const again = yamlSource(new TextEncoder().encode(text))
  if (again.is === 'broken')
    return { is: 'broken', complaint: unspliceable(`edited, it would not parse: ${again.complaint.detail}`) }
  const sets = edits.flatMap((edit) => edit.sets)
  if (isDeepStrictEqual(asTexts(again, sets), intended(source, sets))) return { is: 'text', text }
  return { is: 'broken', complaint: unspliceable('its layout cannot be edited without changing more than was meant') }
}

/** What a document says, with texts in place of the values that are set: `1.10` and `"1.10"` mean the same here. */
function asTexts(source: YamlSource, sets: Edit['sets']): readonly unknown[] {
  const values = plainValues(source)
  for (const { document, path, text } of sets) {
    if (text === undefined) continue
    const node: unknown = source.documents[document]?.getIn(path, true)
    setAt(values, [document, ...path], isScalar(node) ? textOf(node) : undefined)
  }
  return values
}

function intended(source: YamlSource, sets: Edit['sets']): readonly unknown[] {
  const values = plainValues(source)
  for (const { document, path, text } of sets) setAt(values, [document, ...path], text)
  return values
}

const plainValues = (source: YamlSource): unknown[] =>
  source.documents.map((document) => document.toJS({ maxAliasCount: maxAliases }) as unknown)

/** Sets a text, making what is missing on the way; without a text takes the key, or the last entry of a list, away. */
function setAt(root: unknown, path: Path, text: string | undefined): void {
  let at = root as Record<string | number, unknown>
  for (const [index, key] of path.slice(0, -1).entries()) {
    at[key] ??= typeof path[index + 1] === 'number' ? [] : {}
    at = at[key] as Record<string | number, unknown>
  }
  const last = path.at(-1) ?? ''
  if (text !== undefined) at[last] = text
  else if (Array.isArray(at)) at.splice(Number(last), 1)
  else delete at[last]
}

/** An anchor or an explicit tag on what is edited, or above it, would change what stands elsewhere. */
export function anchoredNode(source: YamlSource, nodes: readonly (Node | null | undefined)[]): Complaint | undefined {
  for (const node of nodes) {
    if (node && 'anchor' in node && node.anchor !== undefined) {
      const line = source.lineAt(node.range?.[0] ?? 0)
      return unspliceable(`the anchor &${node.anchor} stands on what would be edited`, line)
    }
  }
  return undefined
}

export const cannotEdit = unspliceable
