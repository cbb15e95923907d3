import type { Commit, Signature } from '../git/commits.ts'
import type { FileChange } from '../git/history.ts'
import { accountOfEmail } from '../model/signatures.ts'
import type { Repository, World } from '../model/world.ts'
import { accountView, type Json } from './account.ts'
import { apiOfRepository, nodeId, pageOf, timeOf } from './urls.ts'

/** As the git data API shows it. */
export function gitCommitView(world: World, repository: Repository, commit: Commit): Json {
  const api = apiOfRepository(world, repository)
  const page = pageOf(world, repository)
  return {
    sha: commit.oid,
    node_id: nodeId('Commit', commit.oid),
    url: `${api}/git/commits/${commit.oid}`,
    html_url: `${page}/commit/${commit.oid}`,
    author: signatureView(commit.author),
    committer: signatureView(commit.committer),
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: shownMessage(commit),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: verificationView(repository, commit),
  }
}

/** As the commits API shows it. */
export function commitView(world: World, repository: Repository, commit: Commit): Json {
  const api = apiOfRepository(world, repository)
  const page = pageOf(world, repository)
  return {
    sha: commit.oid,
    node_id: nodeId('Commit', commit.oid),
    url: `${api}/commits/${commit.oid}`,
    html_url: `${page}/commit/${commit.oid}`,
    comments_url: `${api}/commits/${commit.oid}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.oid}`,
      author: signatureView(commit.author),
      committer: signatureView(commit.committer),
      message: shownMessage(commit),
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      verification: verificationView(repository, commit),
    },
    author: accountOf(world, commit.author),
    committer: accountOf(world, commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
  }
}

const signatureView = ({ name, email, at }: Signature): Json => ({ name, email, date: timeOf(at) })

const shownMessage = ({ message }: Commit): string => message.replace(/\n$/, '')

function accountOf(world: World, { email }: Signature): Json | null {
  const account = accountOfEmail(world, email)
  return account === undefined ? null : accountView(world, account)
}

function verificationView(repository: Repository, commit: Commit): Json {
  const verified = repository.verified.has(commit.oid)
  return {
    verified,
    reason: verified ? 'valid' : 'unsigned',
    signature: verified ? 'signed by the sandbox' : null,
    payload: verified ? `tree ${commit.tree}` : null,
    verified_at: verified ? timeOf(commit.committer.at) : null,
  }
}

/** As webhooks show it. */
export function pushedCommitView(
  world: World,
  repository: Repository,
  commit: Commit,
  files: readonly FileChange[],
): Json {
  const paths = (...wanted: readonly string[]) =>
    files.filter(({ status }) => wanted.includes(status)).map(({ path }) => path)
  const person = ({ name, email }: Signature) => ({
    name,
    email,
    username: accountOfEmail(world, email)?.login ?? name,
  })
  return {
    id: commit.oid,
    tree_id: commit.tree,
    distinct: true,
    message: shownMessage(commit),
    timestamp: timeOf(commit.committer.at),
    url: `${pageOf(world, repository)}/commit/${commit.oid}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: paths('added', 'renamed'),
    removed: [...paths('removed'), ...files.flatMap(({ previousPath }) => previousPath ?? [])],
    modified: paths('modified'),
  }
}

/** As check suites show it. */
export const simpleCommitView = (commit: Commit): Json => ({
  id: commit.oid,
  tree_id: commit.tree,
  message: shownMessage(commit),
  timestamp: timeOf(commit.committer.at),
  author: { name: commit.author.name, email: commit.author.email },
  committer: { name: commit.committer.name, email: commit.committer.email },
})

export function fileView(
  world: World,
  repository: Repository,
  head: string,
  change: FileChange,
  patch: string | undefined,
): Json {
  const path = encodeURIComponent(change.path).replaceAll('%2F', '/')
  const page = pageOf(world, repository)
  return {
    sha: change.oid,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${page}/blob/${head}/${path}`,
    raw_url: `${page}/raw/${head}/${path}`,
    contents_url: `${apiOfRepository(world, repository)}/contents/${path}?ref=${head}`,
    ...(patch === undefined ? {} : { patch }),
    ...(change.previousPath === undefined ? {} : { previous_filename: change.previousPath }),
  }
}
