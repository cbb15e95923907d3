import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { Path } from './file-edit.ts'
import type { Complaint } from './problem.ts'
import type { YamlSource } from './yaml-source.ts'

export type FieldNode =
  | {
      readonly is: 'scalar'
      readonly node: Scalar
      readonly ancestors: readonly Node[]
      /** Where it stands: the document, and the keys down to it. */
      readonly document: number
      readonly path: Path
    }
  | { readonly is: 'absent' }
  | { readonly is: 'broken'; readonly complaint: Complaint }

/** The scalar at `spec.chart.version` (`list.0.name`) in the one document of the file that has it. */
export function fieldNode(source: YamlSource, path: string): FieldNode {
  const found = source.documents
    .map((document, index) => nodeAt(source, index, document.contents, path))
    .filter(({ is }) => is !== 'absent')
  const [first, second] = found
  if (first === undefined) return { is: 'absent' }
  if (second === undefined) return first
  return {
    is: 'broken',
    complaint: { reason: 'release.ambiguous-field', detail: `several documents have a field ${path}` },
  }
}

function nodeAt(source: YamlSource, document: number, root: Node | null, path: string): FieldNode {
  const ancestors: Node[] = []
  const keys: (string | number)[] = []
  let node: unknown = root
  for (const key of path.split('.')) {
    if (!isMap(node) && !isSeq(node)) return { is: 'absent' }
    ancestors.push(node)
    const step = isSeq(node) && /^\d+$/.test(key) ? Number(key) : key
    keys.push(step)
    node = node.get(step, true)
  }
  if (isScalar(node) && node.value !== null) return { is: 'scalar', node, ancestors, document, path: keys }
  if (node === undefined || node === null || isScalar(node)) return { is: 'absent' }
  const line = source.lineAt(ancestors.at(-1)?.range?.[0] ?? 0)
  const detail = `${path} is ${isAlias(node) ? 'an alias' : 'not a single value'}`
  return { is: 'broken', complaint: { reason: 'release.field-not-scalar', line, detail } }
}
