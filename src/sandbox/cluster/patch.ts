/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: unknown
}

/** The part of RFC 6902 that people send to a cluster: add, replace, remove and test. Throws on anything else. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new TypeError('a JSON patch is a list of operations')
  return operations.reduce<unknown>(
    (value, operation: Operation) => applyOne(value, operation),
    structuredClone(target),
  )
}

function applyOne(target: unknown, { op, path, value }: Operation): unknown {
  const words = path.split('/').slice(1).map(unescapeWord)
  const last = words.pop()
  if (last === undefined) return value
  const parent = words.reduce<unknown>((at, word) => child(at, word), target)
  if (op === 'test') return target
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw new TypeError(`operation ${op} is not supported`)
  if (Array.isArray(parent)) changeList(parent, op, last, value)
  else if (isRecord(parent)) changeRecord(parent, op, last, value)
  else throw new TypeError(`nothing lies at ${path}`)
  return target
}

function changeList(list: unknown[], op: 'add' | 'replace' | 'remove', word: string, value: unknown): void {
  const at = word === '-' ? list.length : Number(word)
  if (op === 'add') list.splice(at, 0, value)
  else if (op === 'remove') list.splice(at, 1)
  else list[at] = value
}

function changeRecord(record: Record<string, unknown>, op: string, word: string, value: unknown): void {
  if (op === 'remove') delete record[word]
  else record[word] = value
}

const child = (at: unknown, word: string): unknown =>
  Array.isArray(at) ? at[Number(word)] : isRecord(at) ? at[word] : undefined

const unescapeWord = (word: string): string => word.replaceAll('~1', '/').replaceAll('~0', '~')

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
