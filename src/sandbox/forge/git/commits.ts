import type { Objects } from './objects.ts'

export interface Signature {
  readonly name: string
  readonly email: string
  /** Milliseconds. */
  readonly at: number
}
export interface Commit {
  readonly oid: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

export async function readCommit(objects: Objects, oid: string): Promise<Commit | undefined> {
  const object = await objects.read(oid)
  if (object?.type !== 'commit') return undefined
  const text = object.content.toString()
  const end = text.indexOf('\n\n')
  const headers = text
    .slice(0, end)
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)
  const all = (key: string) => headers.filter(([name]) => name === key).map(([, value]) => value)
  return {
    oid,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: parseSignature(all('author')[0] ?? ''),
    committer: parseSignature(all('committer')[0] ?? ''),
    message: text.slice(end + 2),
  }
}

function parseSignature(line: string): Signature {
  const [, name = '', email = '', seconds = '0'] = /^(.*?) ?<(.*?)> (\d+)/.exec(line) ?? []
  return { name, email, at: Number(seconds) * 1000 }
}

export function writeCommit(objects: Objects, commit: Omit<Commit, 'oid'>): Promise<string> {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
    '',
    commit.message,
  ]
  return objects.write('commit', lines.join('\n'))
}

const formatSignature = ({ name, email, at }: Signature) =>
  `${clean(name)} <${clean(email)}> ${Math.floor(at / 1000)} +0000`

const clean = (text: string) => text.replaceAll(/[<>\n\0]/g, '')
