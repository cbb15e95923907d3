import { parseDocument, Scalar } from 'yaml'

/**
 * How `value` is written in place of `node`, in its style: quotes stay quotes. A plain scalar that stood for a string is
 * quoted only where the new text would be read as something else by YAML 1.1 or 1.2. Undefined for a block scalar.
 */
export function scalarInStyle(node: Scalar, value: string, isString: boolean): string | undefined {
  if (node.type === Scalar.QUOTE_DOUBLE) return doubleQuoted(value)
  if (node.type === Scalar.QUOTE_SINGLE)
    return isOneLine(value) ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value)
  if (node.type !== Scalar.PLAIN) return undefined
  return plainOrQuoted(value, isString)
}

/** For a scalar of our own. */
export function plainOrQuoted(value: string, isString: boolean): string {
  const isPlain = /^[\w./][\w./:@+-]*$/.test(value) && !value.endsWith(':')
  if (!isPlain) return doubleQuoted(value)
  return isString && !readsAsString(value) ? doubleQuoted(value) : value
}

/** JSON strings are double-quoted YAML. */
const doubleQuoted = (value: string): string => JSON.stringify(value)

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const isOneLine = (value: string): boolean => !/[\x00-\x1f\x7f\x85\u2028\u2029]/.test(value)

const readsAsString = (value: string): boolean =>
  (['1.1', '1.2'] as const).every(
    (version) => typeof parseDocument(value, { version, logLevel: 'silent' }).toJS() === 'string',
  )
