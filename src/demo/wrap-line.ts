import { stripVTControlCharacters } from 'node:util'

/** Where the words of a line begin: after its spaces, its clock and its arrow. */
const beginning = /^\s*(?:\d+:\d\d\.\d {2}(?:→ )?|[-+#] +|\d+\. )?/

/** Breaks a line at spaces so that it fits, words under words. What has no space (an address) stays whole. */
export function wrapLine(line: string, columns: number): string {
  const hanging = beginning.exec(stripVTControlCharacters(line))?.[0].length ?? 0
  const [first = '', ...words] = line.split(/(?<=\S)(?: )(?=\S)/)
  let [text, used] = [first, width(first)]
  for (const word of words) {
    const fits = used + 1 + width(word) <= columns
    text += fits ? ` ${word}` : `\n${' '.repeat(hanging)}${word}`
    used = (fits ? used + 1 : hanging) + width(word)
  }
  return text
}

const width = (text: string): number => stripVTControlCharacters(text).length
