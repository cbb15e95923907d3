import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar } from 'yaml'
import { yamlTrap } from './yaml-traps.ts'

/** Says that a node is not what a manifest may hold. */
export type Complain = (
  node: { readonly range?: Node['range'] },
  code: 'yaml' | 'trap' | 'deep' | 'twice',
  message: string,
) => void

const deepest = 20

/**
 * The value of a node as plain data. Anchors, aliases, tags and merge keys are refused, not resolved: nothing in a
 * manifest needs them, and a bomb is made of them (T22, T23).
 */
export function plainValue(node: unknown, complain: Complain, depth = 0): unknown {
  if (isAlias(node)) return void complain(node, 'yaml', 'An alias (`*name`) is not allowed in a manifest')
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null
  if (node.anchor !== undefined) complain(node, 'yaml', 'An anchor (`&name`) is not allowed in a manifest')
  if (node.tag !== undefined) complain(node, 'yaml', 'A tag (`!type`) is not allowed in a manifest')
  if (isScalar(node)) return scalarValue(node, complain)
  if (depth >= deepest) return void complain(node, 'deep', `Nested deeper than ${deepest} levels`)
  if (isSeq(node)) return node.items.map((item) => plainValue(item, complain, depth + 1))
  return mapValue(node.items, complain, depth)
}

function mapValue(pairs: readonly Pair[], complain: Complain, depth: number): Record<string, unknown> {
  const seen = new Set<string>()
  const entries = pairs.flatMap((pair) => {
    const key = keyOf(pair.key, complain)
    // Counted here: the parser compares each key with all before it, which takes a stranger's file minutes (T22).
    if (key !== undefined && seen.has(key)) complain(pair.key as Node, 'twice', 'The key stands here twice')
    if (key !== undefined) seen.add(key)
    return key === undefined ? [] : [[key, plainValue(pair.value, complain, depth + 1)] as const]
  })
  return Object.fromEntries(entries)
}

function keyOf(key: unknown, complain: Complain): string | undefined {
  if (!isScalar(key))
    return void complain(isMap(key) || isSeq(key) || isAlias(key) ? key : {}, 'yaml', 'A key must be a word')
  const value = plainValue(key, complain)
  if (typeof value === 'string' && value !== '__proto__' && value !== '<<') return value
  return void complain(key, 'yaml', `\`${String(value).slice(0, 40)}\` cannot be a key of a manifest`)
}

function scalarValue(node: Scalar, complain: Complain): unknown {
  const trap = node.type === Scalar.PLAIN && node.source !== undefined ? yamlTrap(node.source) : undefined
  if (trap !== undefined)
    complain(node, 'trap', `\`${node.source}\` is ${trap} to YAML 1.1, and not to YAML 1.2: put it in quotes`)
  return node.value
}
