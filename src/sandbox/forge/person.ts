/** A person (or a bot) at the sandbox forge, acting through its real API by a token. */
export interface Person {
  comment(repo: string, pull: number, body: string): Promise<number>
  editComment(repo: string, comment: number, body: string): Promise<void>
  deleteComment(repo: string, comment: number): Promise<void>
  /** Hands back the review's id. */
  review(repo: string, pull: number, event: ReviewEvent, body?: string): Promise<number>
  dismissReview(repo: string, pull: number, review: number, message: string): Promise<void>
  /** Hands back the number. `head` may be `owner:branch` of a fork. */
  openPull(wanted: NewPull): Promise<number>
  editPull(
    repo: string,
    pull: number,
    change: { readonly title?: string; readonly body?: string; readonly base?: string },
  ): Promise<void>
  closePull(repo: string, pull: number): Promise<void>
  reopenPull(repo: string, pull: number): Promise<void>
  /** Hands back the merge commit. */
  mergePull(
    repo: string,
    pull: number,
    wanted?: { readonly sha?: string; readonly merge_method?: 'merge' | 'squash' },
  ): Promise<string>
  /** Commits on top of the branch, which is made from `from` (the default branch) where it is not there; null removes a file. Hands back the commit. */
  commitFiles(
    repo: string,
    branch: string,
    files: Files,
    message: string,
    options?: { readonly from?: string },
  ): Promise<string>
  deleteBranch(repo: string, branch: string): Promise<void>
  setStatus(
    repo: string,
    sha: string,
    state: 'error' | 'failure' | 'pending' | 'success',
    context: string,
  ): Promise<void>
  /** Of a bot only. Hands back the run's id. */
  reportCheck(repo: string, sha: string, name: string, conclusion: string | null): Promise<number>
  /** Any request; throws ForgeRefusal on an answer that is no success. */
  request(method: string, path: string, body?: unknown): Promise<unknown>
}
export type ReviewEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT'
export type Files = Readonly<Record<string, string | null>>
export interface NewPull {
  readonly repo: string
  readonly title: string
  readonly head: string
  readonly base: string
  readonly body?: string
  readonly draft?: boolean
}

export class ForgeRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** `repo` is always `owner/name`. */
export function asPerson(apiUrl: string, token: string): Person {
  const request = requestAs(apiUrl, token)
  const get = async (path: string, key: string): Promise<unknown> => fieldOf(await request('GET', path), key)
  const post = async (path: string, body: unknown, key: string) => fieldOf(await request('POST', path, body), key)
  return {
    request,
    comment: async (repo, pull, body) => Number(await post(`/repos/${repo}/issues/${pull}/comments`, { body }, 'id')),
    editComment: async (repo, comment, body) =>
      void (await request('PATCH', `/repos/${repo}/issues/comments/${comment}`, { body })),
    deleteComment: async (repo, comment) => void (await request('DELETE', `/repos/${repo}/issues/comments/${comment}`)),
    review: async (repo, pull, event, body) => {
      const wanted = { event, body: body ?? (event === 'APPROVE' ? '' : event) }
      return Number(await post(`/repos/${repo}/pulls/${pull}/reviews`, wanted, 'id'))
    },
    dismissReview: async (repo, pull, review, message) =>
      void (await request('PUT', `/repos/${repo}/pulls/${pull}/reviews/${review}/dismissals`, { message })),
    openPull: async ({ repo, ...wanted }) => Number(await post(`/repos/${repo}/pulls`, wanted, 'number')),
    editPull: async (repo, pull, change) => void (await request('PATCH', `/repos/${repo}/pulls/${pull}`, change)),
    closePull: async (repo, pull) => void (await request('PATCH', `/repos/${repo}/pulls/${pull}`, { state: 'closed' })),
    reopenPull: async (repo, pull) => void (await request('PATCH', `/repos/${repo}/pulls/${pull}`, { state: 'open' })),
    mergePull: async (repo, pull, wanted = {}) =>
      String(fieldOf(await request('PUT', `/repos/${repo}/pulls/${pull}/merge`, wanted), 'sha')),
    commitFiles: async (repo, branch, files, message, options = {}) => {
      const tip = await tipOf(request, repo, branch)
      const parent =
        tip ?? (await tipOf(request, repo, options.from ?? String(await get(`/repos/${repo}`, 'default_branch'))))
      const commit = await commitOn(request, repo, { parent, files, message })
      if (tip === undefined)
        await request('POST', `/repos/${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha: commit })
      else await request('PATCH', `/repos/${repo}/git/refs/heads/${branch}`, { sha: commit })
      return commit
    },
    deleteBranch: async (repo, branch) => void (await request('DELETE', `/repos/${repo}/git/refs/heads/${branch}`)),
    setStatus: async (repo, sha, state, context) =>
      void (await request('POST', `/repos/${repo}/statuses/${sha}`, { state, context })),
    reportCheck: async (repo, sha, name, conclusion) => {
      const how = conclusion === null ? { status: 'in_progress' } : { status: 'completed', conclusion }
      return Number(await post(`/repos/${repo}/check-runs`, { name, head_sha: sha, ...how }, 'id'))
    },
  }
}

type Request = Person['request']

const requestAs =
  (apiUrl: string, token: string): Request =>
  async (method, path, body) => {
    const response = await fetch(apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new ForgeRefusal(response.status, `${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

async function tipOf(request: Request, repo: string, branch: string): Promise<string | undefined> {
  try {
    return String(fieldOf(fieldOf(await request('GET', `/repos/${repo}/git/ref/heads/${branch}`), 'object'), 'sha'))
  } catch (error) {
    if (error instanceof ForgeRefusal && error.status === 404) return undefined
    throw error
  }
}

interface NewCommit {
  readonly parent: string | undefined
  readonly files: Files
  readonly message: string
}

async function commitOn(request: Request, repo: string, { parent, files, message }: NewCommit): Promise<string> {
  const entries = Object.entries(files).map(([path, content]) => ({
    path,
    mode: '100644',
    type: 'blob',
    ...(content === null ? { sha: null } : { content }),
  }))
  const tree = await request('POST', `/repos/${repo}/git/trees`, {
    tree: entries,
    ...(parent === undefined ? {} : { base_tree: parent }),
  })
  const parents = parent === undefined ? [] : [parent]
  const commit = await request('POST', `/repos/${repo}/git/commits`, { message, tree: fieldOf(tree, 'sha'), parents })
  return String(fieldOf(commit, 'sha'))
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}
