import { z } from 'zod'

/** A pull request as a page shows it. */
export interface SeenPull {
  readonly number: number
  readonly title: string
  readonly is: 'open' | 'merged' | 'closed'
  readonly branch: string
  readonly head: string
  readonly body: string
  readonly link: string
  readonly mergeCommit: string | null
}

export interface SeenComment {
  readonly id: number
  readonly by: string
  readonly text: string
  readonly link: string
  readonly reactions: Readonly<Record<string, number>>
}

export interface SeenCheck {
  readonly is: string
  readonly title: string
}

/** The forge as somebody sees it who may read: through its API, by a person's token. What did not change costs nothing. */
export interface ForgeView {
  /** The newest first. */
  pulls(): Promise<readonly SeenPull[]>
  comments(pull: number): Promise<readonly SeenComment[]>
  /** The check `sluice` of a commit. */
  check(head: string): Promise<SeenCheck | undefined>
  /** Of the default branch, the newest first. */
  commits(): Promise<readonly { readonly subject: string; readonly parents: number }[]>
  /** The head of the default branch. */
  main(): Promise<string>
  /** A file of the default branch. */
  file(path: string): Promise<string>
}

const pulls = z.array(
  z.object({
    number: z.number(),
    title: z.string(),
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullable(),
    merge_commit_sha: z.string().nullable(),
    body: z.string().nullable(),
    html_url: z.string(),
    head: z.object({ ref: z.string(), sha: z.string() }),
  }),
)
const comments = z.array(
  z.object({
    id: z.number(),
    user: z.object({ login: z.string() }),
    body: z.string(),
    html_url: z.string(),
    reactions: z.record(z.string(), z.unknown()).default({}),
  }),
)
const checkRuns = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      output: z.object({ title: z.string().nullable() }),
    }),
  ),
})
const commits = z.array(z.object({ commit: z.object({ message: z.string() }), parents: z.array(z.unknown()) }))
const branch = z.object({ object: z.object({ sha: z.string() }) })
const content = z.object({ content: z.string() })

export function forgeView(apiUrl: string, token: string, repository: string): ForgeView {
  const get = reader(`${apiUrl}/repos/${repository}`, token)
  return {
    pulls: async () => pulls.parse(await get('/pulls?state=all&per_page=100')).map(seenPull),
    comments: async (pull) => comments.parse(await get(`/issues/${pull}/comments?per_page=100`)).map(seenComment),
    check: async (head) => {
      const run = checkRuns.parse(await get(`/commits/${head}/check-runs`)).check_runs.find(isOurs)
      return run && { is: run.conclusion ?? run.status, title: run.output.title ?? '' }
    },
    commits: async () =>
      commits.parse(await get('/commits?sha=main&per_page=100')).map(({ commit, parents }) => ({
        subject: commit.message.split('\n')[0] ?? '',
        parents: parents.length,
      })),
    main: async () => branch.parse(await get('/git/ref/heads/main')).object.sha,
    file: async (path) => Buffer.from(content.parse(await get(`/contents/${path}`)).content, 'base64').toString(),
  }
}

/** Asks with the ETag of what it knows: looks are frequent, and the forge counts only answers that are news. */
function reader(root: string, token: string): (path: string) => Promise<unknown> {
  const known = new Map<string, { readonly etag: string; readonly body: unknown }>()
  return async (path) => {
    const before = known.get(path)
    const headers = {
      authorization: `Bearer ${token}`,
      ...(before === undefined ? {} : { 'if-none-match': before.etag }),
    }
    const response = await fetch(root + path, { headers })
    if (response.status === 304 && before !== undefined) return before.body
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
    const body: unknown = await response.json()
    const etag = response.headers.get('etag')
    if (etag !== null) known.set(path, { etag, body })
    return body
  }
}

const isOurs = ({ name }: { readonly name: string }): boolean => name === 'sluice'

const seenPull = (pull: z.output<typeof pulls>[number]): SeenPull => ({
  number: pull.number,
  title: pull.title,
  is: pull.merged_at !== null ? 'merged' : pull.state,
  branch: pull.head.ref,
  head: pull.head.sha,
  body: pull.body ?? '',
  link: pull.html_url,
  mergeCommit: pull.merged_at === null ? null : pull.merge_commit_sha,
})

const seenComment = (comment: z.output<typeof comments>[number]): SeenComment => ({
  id: comment.id,
  by: comment.user.login,
  text: comment.body,
  link: comment.html_url,
  reactions: Object.fromEntries(
    Object.entries(comment.reactions).flatMap(([name, count]) =>
      typeof count === 'number' && count > 0 && name !== 'total_count' ? [[name, count] as const] : [],
    ),
  ),
})
