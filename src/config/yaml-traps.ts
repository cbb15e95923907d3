// What Go's and Ruby's loaders (YAML 1.1) read otherwise than YAML 1.2 does: https://yaml.org/type/
const traps: readonly (readonly [RegExp, string])[] = [
  [/^(?:y|yes|on|n|no|off)$/i, 'a truth value'],
  [/^[-+]?0[0-7_]+$/, 'an octal number'],
  [/^[-+]?0b[01_]+$/, 'a binary number'],
  [/^0o[0-7]+$/, 'a text'],
  [/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/, 'a number to the base of 60'],
  [/^[-+]?[0-9]+[eE][-+]?[0-9]+$/, 'a text'],
  [/^[-+]?[0-9][0-9]*_[0-9_]*$/, 'a number'],
  [/^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/, 'a date'],
]

/** What YAML 1.1 makes of an unquoted value that YAML 1.2 reads otherwise; undefined where both agree. */
export function yamlTrap(source: string): string | undefined {
  // Nearly every value is a word: one look at it spares the eight patterns.
  if (source.length > 3 && !/^[-+0-9]/.test(source)) return undefined
  return traps.find(([pattern]) => pattern.test(source))?.[1]
}
