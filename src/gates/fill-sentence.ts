/** `{name}` replaced by its value; a value that is missing stays visible as its name. Values are untrusted: plain text. */
export const fillSentence = (sentence: string, values: Readonly<Record<string, string>>): string =>
  sentence
    .replace(/\{([a-z]+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole))
    .trim()
