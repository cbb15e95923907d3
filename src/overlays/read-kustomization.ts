import { type Document, isNode } from 'yaml'
import type { z } from 'zod'
import { type Kustomization, kustomizationSchema, refusedKeys } from './kustomization-schema.ts'
import type { Complaint } from './problem.ts'
import { maxAliases, type YamlSource, yamlSource } from './yaml-source.ts'

/** A path that a kustomization names. `folder` and `either` are looked for from its folder, anywhere in the repository. */
export interface Reference {
  readonly path: string
  readonly to: 'file' | 'folder' | 'either'
  readonly line: number
}

/** Only what the walk needs: thousands of these are kept. */
export type ReadKustomization =
  | { readonly is: 'read'; readonly references: readonly Reference[] }
  | { readonly is: 'broken'; readonly complaint: Complaint }

/** Reads one kustomization file; depends on nothing but its bytes, so it may be kept by blob id. */
export function readKustomization(bytes: Uint8Array): ReadKustomization {
  const source = yamlSource(bytes)
  if (source.is === 'broken') return source
  const [document, second] = source.documents
  if (document === undefined) return broken('render.broken-yaml', 'the file is empty', 1)
  if (second !== undefined)
    return broken('render.broken-yaml', 'it holds several documents', lineOf(source, second, []))
  const plain = plainValue(document)
  if (plain === undefined) return broken('render.too-large', 'its aliases expand to too much')
  const refused = refusedKey(source, document, plain.value)
  if (refused !== undefined) return { is: 'broken', complaint: refused }
  const checked = kustomizationSchema.safeParse(plain.value ?? {})
  if (!checked.success) return { is: 'broken', complaint: complaintOf(source, document, checked.error.issues[0]) }
  const label = checked.data.buildMetadata?.indexOf('managedByLabel') ?? -1
  if (label >= 0) return broken('render.unsupported-key', managedBy, lineOf(source, document, ['buildMetadata', label]))
  return { is: 'read', references: referencesOf(source, document, checked.data) }
}

const managedBy =
  'buildMetadata: managedByLabel writes the version of whoever builds into every object, and each consumer has its own ' +
  '(that of Flux is no valid label)'

const broken = (reason: string, detail: string, line?: number): ReadKustomization => ({
  is: 'broken',
  complaint: { reason, detail, ...(line === undefined ? {} : { line }) },
})

/** Undefined where aliases multiply: the parser counts them and throws a ReferenceError. */
function plainValue(document: Document.Parsed): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) }
  } catch (error) {
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

function refusedKey(source: YamlSource, document: Document.Parsed, value: unknown): Complaint | undefined {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  for (const key of keys) {
    const refused = refusedKeys.get(key)
    if (refused === undefined) continue
    return { reason: refused.reason, line: lineOf(source, document, [key]), detail: `${key}: ${refused.why}` }
  }
  return undefined
}

function complaintOf(source: YamlSource, document: Document.Parsed, issue: z.core.$ZodIssue | undefined): Complaint {
  const path = issue?.path ?? []
  if (issue?.code !== 'unrecognized_keys') {
    const detail = `${path.join('.')}: ${issue?.message ?? 'not a kustomization'}`
    return { reason: 'render.broken-yaml', line: lineOf(source, document, path), detail }
  }
  const key = [...path, issue.keys[0] ?? '']
  const detail = `${key.join('.')} is not a key that Sluice knows the effect of`
  return { reason: 'render.unsupported-key', line: lineOf(source, document, key), detail }
}

function lineOf(source: YamlSource, document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return source.lineAt(node.range[0])
  }
  return source.lineAt(document.range[0])
}

function referencesOf(source: YamlSource, document: Document.Parsed, value: Kustomization): readonly Reference[] {
  const references: Reference[] = []
  const add = (to: Reference['to'], path: string | undefined, at: readonly PropertyKey[]): void => {
    if (path !== undefined) references.push({ to, path, line: lineOf(source, document, at) })
  }
  const addAll = (to: Reference['to'], key: keyof Kustomization, list: readonly string[] | null | undefined): void => {
    for (const [index, path] of (list ?? []).entries()) add(to, path, [key, index])
  }
  addAll('either', 'resources', value.resources)
  addAll('folder', 'bases', value.bases)
  addAll('folder', 'components', value.components)
  addAll('file', 'crds', value.crds)
  addAll('file', 'configurations', value.configurations)
  for (const [index, patch] of (value.patchesStrategicMerge ?? []).entries()) {
    if (!isInlinePatch(patch)) add('file', patch, ['patchesStrategicMerge', index])
  }
  for (const key of ['patches', 'patchesJson6902', 'replacements'] as const) {
    for (const [index, { path }] of (value[key] ?? []).entries()) add('file', path, [key, index, 'path'])
  }
  for (const key of ['configMapGenerator', 'secretGenerator'] as const) {
    for (const [index, { files, envs, env }] of (value[key] ?? []).entries()) {
      for (const [nth, file] of (files ?? []).entries()) add('file', fileOfKeyed(file), [key, index, 'files', nth])
      for (const [nth, file] of (envs ?? []).entries()) add('file', file, [key, index, 'envs', nth])
      add('file', env, [key, index, 'env'])
    }
  }
  return references
}

/** A patch may stand in the list itself instead of its path; a path has neither line breaks nor braces. */
const isInlinePatch = (text: string): boolean => /[\n{]/.test(text)

/** `key=path/to/file`, or the path alone. */
const fileOfKeyed = (text: string): string => text.slice(text.indexOf('=') + 1)
