import {
  authorOf,
  created,
  type Fields,
  fieldsAt,
  inRepository,
  listOf,
  numberAt,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { readCommit } from '../git/commits.ts'
import { announce } from '../hooks/announce.ts'
import type { Checker, CheckRun } from '../model/checks.ts'
import { openPulls } from '../model/repository.ts'
import { considerAutoMerge } from '../pulls/auto-merge.ts'
import { suiteOf, suiteView } from '../pulls/check-suites.ts'
import { newestRuns } from '../rules/required-checks.ts'
import { checkRunView, checkSuiteView } from '../views/check.ts'
import { isConclusion, isStatus } from './check-words.ts'
import { commitAt } from './resolve-commit.ts'

export const checkOperations = {
  'checks/create': inRepository('checks:write', 'write', createRun),
  'checks/update': inRepository('checks:write', 'write', (call) => {
    const run = runAt(call)
    if (run.app.id !== checkerOf(call).id)
      throw new Refusal(
        403,
        'Invalid app_id `' +
          checkerOf(call).id +
          '` - check run can only be modified by the GitHub App that created it.',
      )
    change(call, run)
    if (run.status === 'completed') tell(call, run, 'completed')
    return ok(checkRunView(call.world, call.repository, run))
  }),
  'checks/get': inRepository('checks:read', 'read', (call) =>
    ok(checkRunView(call.world, call.repository, runAt(call))),
  ),
  'checks/list-for-ref': inRepository('checks:read', 'read', async (call) => {
    const { world, repository, path, query } = call
    const { oid } = await commitAt(repository, textAt(path, 'ref') ?? '')
    const [name, status, app] = [textAt(query, 'check_name'), textAt(query, 'status'), numberAt(query, 'app_id')]
    const all = [...repository.checkRuns.values()].filter((run) => run.head === oid)
    const found = (textAt(query, 'filter') === 'all' ? all : newestRuns(repository, oid)).filter(
      (run) =>
        (name === undefined || run.name === name) &&
        (status === undefined || run.status === status) &&
        (app === undefined || run.app.id === app),
    )
    const wrap = (check_runs: readonly unknown[], total_count: number) => ({ total_count, check_runs })
    return listOf(found.toReversed(), (run) => checkRunView(world, repository, run), wrap)
  }),
  'checks/list-suites-for-ref': inRepository('checks:read', 'read', async ({ world, repository, path, query }) => {
    const { oid } = await commitAt(repository, textAt(path, 'ref') ?? '')
    const app = numberAt(query, 'app_id')
    const found = [...repository.checkSuites.values()].filter(
      (suite) => suite.head === oid && (app === undefined || suite.app.id === app),
    )
    const wrap = (check_suites: readonly unknown[], total_count: number) => ({ total_count, check_suites })
    return listOf(found, (suite) => suiteView(world, repository, suite), wrap)
  }),
} satisfies Operations

async function createRun(call: RepositoryCall) {
  const { world, repository, body } = call
  const head = textAt(body, 'head_sha') ?? ''
  if ((await readCommit(repository.objects, head)) === undefined)
    throw new Refusal(422, `No commit found for SHA: ${head}`)
  const app = checkerOf(call)
  const branch = openPulls(repository).find((pull) => pull.head === head)?.headBranch ?? null
  const run: CheckRun = {
    id: world.nextId(),
    suite: suiteOf(world, repository, head, app, branch),
    head,
    app,
    name: textAt(body, 'name') ?? '',
    status: 'queued',
    conclusion: null,
    externalId: null,
    detailsUrl: null,
    output: { title: null, summary: null, text: null },
    startedAt: world.now(),
    completedAt: null,
  }
  repository.checkRuns.set(run.id, run)
  change(call, run)
  tell(call, run, 'created')
  if (run.status === 'completed') tell(call, run, 'completed')
  return created(checkRunView(world, repository, run))
}

/** A check is an App's: ours, or another that the sandbox has as a bot. */
function checkerOf(call: RepositoryCall): Checker {
  const { app } = call.world
  const { account, kind } = authorOf(call)
  if (kind === 'installation') return { id: app.id, slug: app.slug }
  if (account.type === 'Bot') return { id: account.id, slug: account.login.replace(/\[bot\]$/, '') }
  throw new Refusal(403, 'You must authenticate via a GitHub App.')
}

function change({ world, body }: RepositoryCall, run: CheckRun): void {
  const conclusion = textAt(body, 'conclusion')
  const status = conclusion === undefined ? textAt(body, 'status') : 'completed'
  const output = fieldsAt(body, 'output')
  if (isStatus(status)) run.status = status
  run.conclusion = isConclusion(conclusion) ? conclusion : run.status === 'completed' ? run.conclusion : null
  run.completedAt = run.status === 'completed' ? (run.completedAt ?? world.now()) : null
  run.name = textAt(body, 'name') ?? run.name
  run.externalId = textAt(body, 'external_id') ?? run.externalId
  run.detailsUrl = textAt(body, 'details_url') ?? run.detailsUrl
  if (output !== undefined) run.output = outputOf(output, run)
}

const outputOf = (output: Fields, run: CheckRun) => ({
  title: textAt(output, 'title') ?? run.output.title,
  summary: textAt(output, 'summary') ?? null,
  text: textAt(output, 'text') ?? null,
})

function runAt({ repository, path }: RepositoryCall): CheckRun {
  const run = repository.checkRuns.get(numberAt(path, 'check_run_id') ?? 0)
  if (run === undefined) throw notFound()
  return run
}

function tell(call: RepositoryCall, run: CheckRun, action: string): void {
  const { world, repository } = call
  run.suite.updatedAt = world.now()
  // Webhooks show the whole suite where the API shows its id.
  const suite = checkSuiteView(world, repository, run.suite, {})
  const shown = { ...checkRunView(world, repository, run), check_suite: suite }
  announce(world, { repository, sender: authorOf(call).account, event: 'check_run', action }, { check_run: shown })
  considerAutoMerge(world, repository)
  if (action === 'completed') world.background.start(async () => tellSuite(call, run))
}

async function tellSuite(call: RepositoryCall, run: CheckRun): Promise<void> {
  const { world, repository } = call
  const view = await suiteView(world, repository, run.suite)
  if (view.status !== 'completed') return
  announce(
    world,
    { repository, sender: authorOf(call).account, event: 'check_suite', action: 'completed' },
    { check_suite: view },
  )
}
