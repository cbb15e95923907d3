import { readFileSync } from 'node:fs'

/** The file's text, or undefined after the problem was told. */
export function readFileOr(file: string, onProblem: (why: string) => void): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    onProblem(`cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`)
    return undefined
  }
}
