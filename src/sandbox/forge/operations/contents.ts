import {
  authorOf,
  type Fields,
  fieldsAt,
  inRepository,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { readCommit, writeCommit } from '../git/commits.ts'
import { noCommit, readRef } from '../git/refs.ts'
import { editTree, entryAt, kindOf, readTree, type TreeEntry, writeTree } from '../git/trees.ts'
import { signatureOf } from '../model/signatures.ts'
import { changeRef } from '../pulls/change-ref.ts'
import { refusalText, violationsOfWrite } from '../rules/judge-write.ts'
import type { Json } from '../views/account.ts'
import { gitCommitView } from '../views/commit.ts'
import { apiOfRepository, pageOf } from '../views/urls.ts'
import { resolveCommit } from './resolve-commit.ts'

export const contentOperations = {
  'repos/get-content': inRepository('contents:read', 'read', getContent),
  'repos/create-or-update-file-contents': inRepository('contents:write', 'write', async (call) => {
    const old = await onBranch(call)
    const given = textAt(call.body, 'sha')
    if (old !== undefined && given === undefined) throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if (given !== undefined && old?.oid !== given) throw mismatch(call, given)
    const content = Buffer.from(textAt(call.body, 'content') ?? '', 'base64')
    const oid = await call.repository.objects.write('blob', content)
    const commit = await commitFile(call, { mode: old?.mode ?? '100644', oid })
    const view = await fileView(call, pathAt(call), { mode: '100644', name: '', oid }, commit.sha)
    return { status: old === undefined ? 201 : 200, body: { content: view, commit } }
  }),
  'repos/delete-file': inRepository('contents:write', 'write', async (call) => {
    const old = await onBranch(call)
    if (old === undefined) throw notFound()
    if (old.oid !== textAt(call.body, 'sha')) throw mismatch(call, textAt(call.body, 'sha') ?? '')
    return ok({ content: null, commit: await commitFile(call, null) })
  }),
} satisfies Operations

async function getContent(call: RepositoryCall) {
  const { repository, query } = call
  const ref = textAt(query, 'ref') ?? repository.defaultBranch
  const oid = await resolveCommit(repository, ref)
  const commit = oid === undefined ? undefined : await readCommit(repository.objects, oid)
  if (commit === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`)
  const path = pathAt(call)
  const entry = await entryAt(repository.objects, commit.tree, path)
  if (entry === undefined) throw notFound()
  if (kindOf(entry.mode) !== 'tree') return ok(await fileView(call, path, entry, ref))
  const entries = await readTree(repository.objects, entry.oid)
  return ok(
    await Promise.all(
      entries.map((one) => itemView(call, [path, one.name].filter((part) => part !== '').join('/'), one, ref)),
    ),
  )
}

async function fileView(call: RepositoryCall, path: string, entry: TreeEntry, ref: unknown): Promise<Json> {
  const blob = await call.repository.objects.read(entry.oid)
  const content = (blob?.content ?? Buffer.alloc(0)).toString('base64').replaceAll(/.{60}/g, '$&\n')
  return { ...(await itemView(call, path, entry, ref)), content: `${content}\n`, encoding: 'base64' }
}

async function itemView(
  { world, repository }: RepositoryCall,
  path: string,
  { mode, oid }: TreeEntry,
  ref: unknown,
): Promise<Json> {
  const kind = kindOf(mode)
  const url = `${apiOfRepository(world, repository)}/contents/${encodeURI(path)}?ref=${ref}`
  const git = `${apiOfRepository(world, repository)}/git/${kind}s/${oid}`
  const page = `${pageOf(world, repository)}/blob/${ref}/${encodeURI(path)}`
  return {
    name: path.split('/').at(-1),
    path,
    sha: oid,
    size: kind === 'blob' ? ((await repository.objects.read(oid))?.content.length ?? 0) : 0,
    type: kind === 'tree' ? 'dir' : 'file',
    url,
    git_url: git,
    html_url: page,
    download_url: kind === 'blob' ? `${pageOf(world, repository)}/raw/${ref}/${encodeURI(path)}` : null,
    _links: { self: url, git, html: page },
  }
}

const pathAt = ({ path }: RepositoryCall): string => (textAt(path, 'path') ?? '').replaceAll(/^\/+|\/+$/g, '')
const branchAt = ({ body, repository }: RepositoryCall): string => textAt(body, 'branch') ?? repository.defaultBranch
const mismatch = (call: RepositoryCall, sha: string) => new Refusal(409, `${pathAt(call)} does not match ${sha}`)

async function onBranch(call: RepositoryCall): Promise<TreeEntry | undefined> {
  const head = await readRef(call.repository.dir, `refs/heads/${branchAt(call)}`)
  const commit = head === undefined ? undefined : await readCommit(call.repository.objects, head)
  return commit === undefined ? undefined : entryAt(call.repository.objects, commit.tree, pathAt(call))
}

async function commitFile(
  call: RepositoryCall,
  edit: { readonly mode: string; readonly oid: string } | null,
): Promise<Json> {
  const { world, repository, body } = call
  const author = authorOf(call)
  const ref = `refs/heads/${branchAt(call)}`
  const before = await readRef(repository.dir, ref)
  const parent = before === undefined ? undefined : await readCommit(repository.objects, before)
  if (parent === undefined && branchAt(call) !== repository.defaultBranch)
    throw new Refusal(404, `Branch ${branchAt(call)} not found`)
  const tree = await editTree(repository.objects, parent?.tree, new Map([[pathAt(call), edit]]))
  const own = { ...signatureOf(world, author.account), ...named(fieldsAt(body, 'author')) }
  const oid = await writeCommit(repository.objects, {
    tree: tree ?? (await writeTree(repository.objects, [])),
    parents: before === undefined ? [] : [before],
    author: own,
    committer: own,
    message: textAt(body, 'message') ?? '',
  })
  if (author.kind === 'installation') repository.verified.add(oid)
  const write = { ref, before: before ?? noCommit, after: oid }
  const violations = await violationsOfWrite(world, repository, call.actor, write)
  if (violations.length > 0) throw new Refusal(409, refusalText(violations))
  if ((await changeRef(world, repository, author.account, write)) === 'lost-race')
    throw new Refusal(409, `${branchAt(call)} moved meanwhile`)
  const commit = await readCommit(repository.objects, oid)
  return commit === undefined ? {} : gitCommitView(world, repository, commit)
}

function named(given: Fields | undefined): { readonly name?: string; readonly email?: string } {
  const [name, email] = [given && textAt(given, 'name'), given && textAt(given, 'email')]
  return { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) }
}
