import { readdir, readFile } from 'node:fs/promises'

export const root = new URL('../../', import.meta.url)

export interface Page {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

const folders = ['docs/', 'manifests/']

/** Every page that somebody reads: the README and its sisters, and all of docs and manifests. */
export async function allPages(): Promise<readonly Page[]> {
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(new URL(folder, root), { recursive: true })).map((name) => `${folder}${name}`),
    ),
  )
  const paths = ['README.md', 'CONTRIBUTING.md', ...listed.flat().filter((path) => path.endsWith('.md'))]
  return Promise.all(paths.toSorted().map(async (path) => ({ path, text: await read(path) })))
}

export const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')

/** The fenced blocks of a language, with the line that each begins at. */
export function blocksOf(
  { text }: Page,
  language: string,
): readonly { readonly line: number; readonly code: string }[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(({ 1: tag, 2: code = '', index }) =>
    tag === language ? [{ line: text.slice(0, index).split('\n').length, code }] : [],
  )
}

/** What stands in backticks within a line, outside of blocks. */
export const spansOf = ({ text }: Page): readonly string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
