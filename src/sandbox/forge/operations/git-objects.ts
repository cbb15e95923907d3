import {
  authorOf,
  created,
  type Fields,
  fieldsAt,
  inRepository,
  isFields,
  listAt,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { readCommit, type Signature, writeCommit } from '../git/commits.ts'
import { editTree, entryAt, kindOf, type TreePath, walkTree, writeTree } from '../git/trees.ts'
import { signatureOf } from '../model/signatures.ts'
import { gitCommitView } from '../views/commit.ts'
import { apiOfRepository, nodeId } from '../views/urls.ts'
import { resolveCommit } from './resolve-commit.ts'

export const gitObjectOperations = {
  'git/get-commit': inRepository('contents:read', 'read', async ({ world, repository, path }) => {
    const commit = await readCommit(repository.objects, textAt(path, 'commit_sha') ?? '')
    if (commit === undefined) throw notFound()
    return ok(gitCommitView(world, repository, commit))
  }),
  'git/create-commit': inRepository('contents:write', 'write', createCommit),
  'git/get-tree': inRepository('contents:read', 'read', async (call) => {
    const tree = await treeOf(call, textAt(call.path, 'tree_sha') ?? '')
    return ok(await treeView(call, tree, textAt(call.query, 'recursive') !== undefined))
  }),
  'git/create-tree': inRepository('contents:write', 'write', createTree),
  'git/get-blob': inRepository('contents:read', 'read', async ({ world, repository, path }) => {
    const sha = textAt(path, 'file_sha') ?? ''
    const blob = await repository.objects.read(sha)
    if (blob?.type !== 'blob') throw notFound()
    return ok({
      sha,
      node_id: nodeId('Blob', sha),
      size: blob.content.length,
      url: `${apiOfRepository(world, repository)}/git/blobs/${sha}`,
      content: blob.content.toString('base64'),
      encoding: 'base64',
    })
  }),
  'git/create-blob': inRepository('contents:write', 'write', async ({ world, repository, body }) => {
    const encoding = textAt(body, 'encoding') === 'base64' ? 'base64' : 'utf8'
    const sha = await repository.objects.write('blob', Buffer.from(textAt(body, 'content') ?? '', encoding))
    return created({ sha, url: `${apiOfRepository(world, repository)}/git/blobs/${sha}` })
  }),
} satisfies Operations

async function createCommit(call: RepositoryCall) {
  const { world, repository, body } = call
  const { account, kind } = authorOf(call)
  const tree = textAt(body, 'tree') ?? ''
  if ((await repository.objects.read(tree))?.type !== 'tree')
    throw new Refusal(422, `Tree SHA does not exist or is not a tree object`)
  const parents = (listAt(body, 'parents') ?? []).map(String)
  for (const parent of parents)
    if ((await readCommit(repository.objects, parent)) === undefined)
      throw new Refusal(422, 'Parent SHA does not exist or is not a commit object')
  const own = signatureOf(world, account)
  const author = givenSignature(fieldsAt(body, 'author'), own)
  const committer = givenSignature(fieldsAt(body, 'committer'), author ?? own)
  const oid = await writeCommit(repository.objects, {
    tree,
    parents,
    author: author ?? own,
    committer: committer ?? author ?? own,
    message: textAt(body, 'message') ?? '',
  })
  // What a bot commits in nobody's name but its own, the forge signs.
  if (kind === 'installation' && author === undefined && committer === undefined) repository.verified.add(oid)
  const commit = await readCommit(repository.objects, oid)
  if (commit === undefined) throw new Error(`commit ${oid} was written and cannot be read`)
  return created(gitCommitView(world, repository, commit))
}

function givenSignature(given: Fields | undefined, own: Signature): Signature | undefined {
  if (given === undefined) return undefined
  const date = textAt(given, 'date')
  return {
    name: textAt(given, 'name') ?? own.name,
    email: textAt(given, 'email') ?? own.email,
    at: date === undefined ? own.at : Date.parse(date),
  }
}

async function treeOf({ repository }: RepositoryCall, name: string): Promise<string> {
  const oid = (await resolveCommit(repository, name)) ?? name
  const object = await repository.objects.read(oid)
  if (object?.type === 'tree') return oid
  const commit = await readCommit(repository.objects, oid)
  if (commit === undefined) throw notFound()
  return commit.tree
}

async function createTree(call: RepositoryCall) {
  const { repository, body } = call
  const base = textAt(body, 'base_tree')
  const edits = new Map<string, { mode: string; oid: string } | null>()
  for (const entry of listAt(body, 'tree') ?? []) {
    if (!isFields(entry)) continue
    const path = textAt(entry, 'path') ?? ''
    if (!isSafePath(path)) throw new Refusal(422, `tree.path contains a malformed path component: ${path}`)
    edits.set(path, await editOf(call, entry))
  }
  const root = base === undefined ? undefined : await treeOf(call, base)
  for (const [path, edit] of edits)
    if (edit === null && (root === undefined || (await entryAt(repository.objects, root, path)) === undefined))
      throw new Refusal(422, 'GitRPC::BadObjectState')
  const sha = (await editTree(repository.objects, root, edits)) ?? (await writeTree(repository.objects, []))
  return created(await treeView(call, sha, false))
}

const isSafePath = (path: string): boolean =>
  path !== '' &&
  !path.split('/').some((part) => ['', '.', '..', '.git'].includes(part.toLowerCase())) &&
  !path.includes('\0')

async function editOf({ repository }: RepositoryCall, entry: Fields): Promise<{ mode: string; oid: string } | null> {
  if (entry.sha === null) return null
  const mode = textAt(entry, 'mode') ?? '100644'
  const content = textAt(entry, 'content')
  if (content !== undefined) return { mode, oid: await repository.objects.write('blob', content) }
  const oid = textAt(entry, 'sha') ?? ''
  if (mode !== '160000' && (await repository.objects.read(oid)) === undefined)
    throw new Refusal(422, `tree.sha ${oid} is not a valid object`)
  return { mode, oid }
}

async function treeView({ world, repository }: RepositoryCall, sha: string, recursive: boolean) {
  const api = `${apiOfRepository(world, repository)}/git`
  const entries = await walkTree(repository.objects, sha, recursive)
  const sizes = await Promise.all(
    entries.map(async ({ mode, oid }) =>
      kindOf(mode) === 'blob' ? (await repository.objects.read(oid))?.content.length : undefined,
    ),
  )
  const view = ({ path, mode, oid }: TreePath, at: number) => ({
    path,
    mode,
    type: kindOf(mode),
    sha: oid,
    ...(sizes[at] === undefined ? {} : { size: sizes[at] }),
    url: `${api}/${kindOf(mode)}s/${oid}`,
  })
  return { sha, url: `${api}/trees/${sha}`, tree: entries.map(view), truncated: false }
}
