import { readdir, readFile } from 'node:fs/promises'

/** Ids of invariants and abuse cases as they stand in the names of tests. */
const id = /\b[TI]\d{2}\b|\bI\d\b/g
const literal = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g
const row = /^\| \*\*([TI]\d+)\*\* \| (.*) \| .* \|$/gm
const nobody = 'no test yet'

/**
 * docs/security.md with the tests that carry each id in a name, so that the page claims what is proven and nothing else.
 * Comments do not count: a test says in its name what it proves.
 */
export async function securityPage(root: URL): Promise<string> {
  const page = await readFile(new URL('docs/security.md', root), 'utf8')
  const proven = await provenBy(new URL('test/', root))
  return page.replace(row, (_, name: string, what: string) => {
    const files = proven.get(name) ?? []
    return `| **${name}** | ${what} | ${files.length === 0 ? nobody : files.map((file) => `\`${file}\``).join(', ')} |`
  })
}

/** The files below `test/` whose literals name each id, sorted. */
export async function provenBy(folder: URL): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  const files = await readdir(folder, { recursive: true })
  for (const file of files.filter((name) => /\.(?:test|contract)\.ts$/.test(name)).toSorted()) {
    for (const name of idsIn(await readFile(new URL(file, folder), 'utf8'))) {
      found.set(name, [...(found.get(name) ?? []), file])
    }
  }
  return found
}

const idsIn = (source: string): ReadonlySet<string> =>
  new Set((withoutComments(source).match(literal) ?? []).flatMap((text) => text.match(id) ?? []))

/** Whole-line comments only: an apostrophe in one would open a literal that never ends. */
const withoutComments = (source: string): string =>
  source
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
    .join('\n')
