import type { CheckRun, CommitStatus } from '../model/checks.ts'
import type { Repository } from '../model/world.ts'
import type { StatusCheckParameters } from './ruleset.ts'

const passing = ['success', 'neutral', 'skipped']

/** One sentence for each required check that this commit does not have. */
export function missingChecks(repository: Repository, sha: string, wanted: StatusCheckParameters): readonly string[] {
  return wanted.required_status_checks.flatMap(({ context, integration_id }) => {
    const lack = lacks[stateOf(repository, sha, context, integration_id)]
    return lack === undefined ? [] : [`Required status check "${context}" ${lack}.`]
  })
}

type State = 'passed' | 'failed' | 'running' | 'absent'
const lacks: Readonly<Record<State, string | undefined>> = {
  passed: undefined,
  failed: 'is failing',
  running: 'is in progress',
  absent: 'is expected',
}

function stateOf(repository: Repository, sha: string, context: string, app: number | undefined): State {
  const runs = newestRuns(repository, sha).filter(
    (run) => run.name === context && (app === undefined || run.app.id === app),
  )
  // A commit status carries no App here, so it cannot stand for a check that names one.
  const statuses =
    app === undefined ? newestStatuses(repository, sha).filter((status) => status.context === context) : []
  const states = [...runs.map(stateOfRun), ...statuses.map(stateOfStatus)]
  if (states.length === 0) return 'absent'
  return states.find((state) => state === 'failed') ?? states.find((state) => state === 'running') ?? 'passed'
}

function stateOfRun(run: CheckRun): State {
  if (run.status !== 'completed') return 'running'
  return passing.includes(run.conclusion ?? '') ? 'passed' : 'failed'
}

const stateOfStatus = ({ state }: CommitStatus): State =>
  state === 'success' ? 'passed' : state === 'pending' ? 'running' : 'failed'

/** The newest run per App and name. */
export function newestRuns(repository: Repository, sha: string): readonly CheckRun[] {
  const runs = [...repository.checkRuns.values()].filter((run) => run.head === sha)
  return [...new Map(runs.map((run) => [`${run.app.id} ${run.name}`, run])).values()]
}

/** The newest status per context. */
export function newestStatuses(repository: Repository, sha: string): readonly CommitStatus[] {
  const statuses = repository.statuses.filter((status) => status.sha === sha)
  return [...new Map(statuses.map((status) => [status.context, status])).values()]
}
