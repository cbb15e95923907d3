import type { CheckResult } from '../../../domain/check-result.ts'
import { digestOfValue } from '../../../domain/hash.ts'
import { type Sha, toInstant } from '../../../domain/ids.ts'
import type { Checks, OwnCheck } from '../../../ports/forge/checks.ts'
import { type Access, allPages, instantOf } from './access.ts'
import { makeOrFind } from './read-back.ts'
import type { Octokit } from './request-door.ts'

/** The one check run that Sluice shows, and that rulesets require from its App. */
export const ownCheckName = 'sluice'

export function githubChecks({ octokit, owner, repo, identity, timing }: Access): Checks {
  const here = { owner, repo }
  const runs = (head: Sha, only: { readonly check_name?: string; readonly app_id?: number } = {}) =>
    allPages(
      async (page) =>
        (await octokit.rest.checks.listForRef({ ...here, ref: head, filter: 'latest', ...only, ...page })).data
          .check_runs,
    )
  const statuses = (head: Sha) =>
    allPages(
      async (page) => (await octokit.rest.repos.getCombinedStatusForRef({ ...here, ref: head, ...page })).data.statuses,
    )
  const own = async (head: Sha): Promise<OwnCheck | undefined> => {
    const { appId } = await identity()
    const ours = (await runs(head, { check_name: ownCheckName, app_id: appId })).filter(
      (run) => run.name === ownCheckName && run.app?.id === appId, // T31: by id, whatever the filter did
    )
    const newest = ours.toSorted((one, other) => other.id - one.id)[0]
    return newest && ownCheckOf(newest)
  }

  return {
    list: async (head) => {
      const { appId } = await identity()
      const [checkRuns, commitStatuses] = await Promise.all([runs(head), statuses(head)])
      const others = newestOfEach(checkRuns.filter((run) => run.app?.id !== appId))
      return [...others.map(resultOfRun), ...commitStatuses.map(resultOfStatus)]
    },
    own,
    show: async (head, wanted) => {
      const content = contentOf(wanted)
      const shown = await own(head)
      if (shown?.externalId === content.external_id) return shown
      const find = async () => {
        const found = await own(head)
        return found?.externalId === content.external_id ? found : undefined
      }
      const create = async () =>
        ownCheckOf((await octokit.rest.checks.create({ ...here, head_sha: head, name: ownCheckName, ...content })).data)
      const update = async (id: number) =>
        ownCheckOf((await octokit.rest.checks.update({ ...here, check_run_id: id, ...content })).data)
      const id = shown?.id
      const written = await makeOrFind(timing, { find, make: () => (id === undefined ? create() : update(id)) })
      // Where a completed run cannot be opened again, a newer one of the same name takes its place.
      return written.is === wanted.is ? written : makeOrFind(timing, { find, make: create })
    },
  }
}

type Run = Awaited<ReturnType<Octokit['rest']['checks']['listForRef']>>['data']['check_runs'][number]
type Status = Awaited<ReturnType<Octokit['rest']['repos']['getCombinedStatusForRef']>>['data']['statuses'][number]

function ownCheckOf(run: Pick<Run, 'id' | 'status' | 'conclusion' | 'output' | 'external_id'>): OwnCheck {
  const completed = run.conclusion === 'success' ? 'success' : 'failed'
  return {
    id: run.id,
    is: run.status === 'completed' ? completed : 'waiting',
    title: run.output.title ?? '',
    externalId: run.external_id ?? '',
  }
}

function contentOf(wanted: Parameters<Checks['show']>[1]) {
  const state =
    wanted.is === 'waiting'
      ? ({ status: 'in_progress' } as const)
      : ({ status: 'completed', conclusion: wanted.is === 'success' ? 'success' : 'failure' } as const)
  const output = { title: wanted.title, summary: fitting(wanted.summary) }
  return { ...state, external_id: digestOfValue({ is: wanted.is, ...output }), output }
}

const mostBytes = 65_535
const cutNote = '\n\n*The rest is too long to be shown here; the pull request holds the report.*\n'

/** GitHub refuses a longer summary, and then nothing would be shown at all. Cut at a line, counted in bytes. */
function fitting(summary: string): string {
  if (Buffer.byteLength(summary) <= mostBytes) return summary
  const room = mostBytes - Buffer.byteLength(cutNote)
  // A character may be cut in half by bytes; decoding then ends in U+FFFD, which goes with its line.
  const kept = Buffer.from(summary).subarray(0, room).toString('utf8').replace(/�+$/, '')
  const line = kept.lastIndexOf('\n')
  return (line > 0 ? kept.slice(0, line) : kept) + cutNote
}

function resultOfRun(run: Run): CheckResult {
  const time = run.completed_at ?? run.started_at
  return {
    name: run.name,
    app: run.app?.id ?? 0,
    is: run.status === 'completed' ? (conclusions[run.conclusion ?? ''] ?? 'failed') : 'running',
    at: time === null ? toInstant(0) : instantOf(time),
  }
}

const conclusions: Readonly<Record<string, CheckResult['is']>> = {
  success: 'success',
  neutral: 'neutral',
  skipped: 'skipped',
}

function resultOfStatus(status: Status): CheckResult {
  const is = status.state === 'success' ? 'success' : status.state === 'pending' ? 'running' : 'failed'
  return { name: status.context, app: 0, is, at: instantOf(status.updated_at) }
}

/** The latest made of each App and name: `latest` of the API is per suite, and a re-run may open a suite of its own. */
function newestOfEach(found: readonly Run[]): readonly Run[] {
  const oldestFirst = found.toSorted((one, other) => one.id - other.id)
  return [...new Map(oldestFirst.map((run) => [`${run.app?.id} ${run.name}`, run])).values()]
}
