import { expect } from 'vitest'
import type { CommentView, Scenario } from './scenario.ts'

/** What must hold after every story, whatever was done to the stage: I4, I7, I8, I10, and no stack trace for people. */
export async function checkWorld(stage: Scenario): Promise<void> {
  const pulls = await stage.pulls()
  const comments = (await allComments(stage)).filter(({ user }) => user.login === stage.forge.app.botLogin)
  const bodies = [...pulls.map((pull) => pull.body ?? ''), ...comments.map(({ body }) => body)]
  const log = await stage.log()

  const open = pulls.filter((pull) => pull.state === 'open' && pull.head.ref.startsWith('sluice/'))
  expect(repeated(open.map((pull) => pull.head.ref))).toEqual([])
  expect(repeated(comments.flatMap(markersOf))).toEqual([])
  expect(bodies.filter((body) => /\n\s+at \S.*:\d+:\d+/.test(body))).toEqual([])
  for (const secret of secretsOf(stage)) {
    expect(log.includes(secret)).toBe(false)
    expect(bodies.some((body) => body.includes(secret))).toBe(false)
  }
  const written = stage.cluster.asked().filter(({ who, method }) => who !== 'admin' && method !== 'GET')
  expect(written.filter(({ who, body }) => who !== 'requester' || !isRequest(body))).toEqual([])
  const bugs = log.split('\n').filter((line) => line.includes('"kind":"bug"'))
  expect(bugs.map((line) => line.slice(0, 1500))).toEqual([])
}

/** One of the two annotations, and not a byte beside it. */
const isRequest = (body = ''): boolean =>
  /^{"metadata":{"annotations":{"(reconcile\.fluxcd\.io\/requestedAt|argocd\.argoproj\.io\/refresh)":"[^"]*"}}}$/.test(
    body,
  )

async function allComments({ people }: Scenario): Promise<readonly CommentView[]> {
  const all: CommentView[] = []
  for (let page = 1; ; page += 1) {
    const path = `/repos/acme/config/issues/comments?per_page=100&page=${page}`
    const found = (await people.root.request('GET', path)) as readonly CommentView[]
    all.push(...found)
    if (found.length < 100) return all
  }
}

const markersOf = ({ body, issue_url }: CommentView): readonly string[] =>
  [...body.matchAll(/<!-- sluice:(?:report|reply:\d+|notice:[0-9a-f]+) -->/g)].map(
    (match) => `${issue_url} ${match[0]}`,
  )

const repeated = (all: readonly string[]): readonly string[] => all.filter((one, index) => all.indexOf(one) !== index)

const secretsOf = ({ forge, environment, cluster, people }: Scenario): readonly string[] => [
  forge.app.privateKey.split('\n')[3] ?? '',
  forge.app.webhookSecret,
  environment['SLUICE_STATE_KEY'] ?? '',
  cluster.token,
  cluster.requesterToken,
  ...Object.values(people).map((person) => person.token),
]
