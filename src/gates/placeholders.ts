const placeholder = /\{([^{},]*)\}/g

/** `{application}` and its like replaced; what `values` does not name stays as it is. */
export const fillPlaceholders = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole))

/** The placeholders of a text that are none of the allowed ones; alternatives such as `{a,b}` are no placeholders. */
export const unknownPlaceholders = (text: string, allowed: readonly string[]): readonly string[] =>
  [...text.matchAll(placeholder)].map(([, name = '']) => name).filter((name) => !allowed.includes(name))
