import type { Instant, Sha } from '../../domain/ids.ts'
import type { BranchRules } from '../../ports/forge/rules.ts'
import { concerns, type Stale } from '../../ports/stale.ts'
import { stateBranch } from '../branches.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { ConfigFacts, Snapshot } from '../snapshot.ts'
import { type CommentFacts, observeAsked } from './asked.ts'
import { type Audited, observeAudit } from './audit.ts'
import { closedPulls } from './closed-pulls.ts'
import { observeConfig } from './config.ts'
import { observeDelivery, type Tracks } from './delivery.ts'
import { withFirstNames } from './first-names.ts'
import { type GitFacts, observeGitFacts } from './git-facts.ts'
import { type HeadSince, headMemory } from './head-memory.ts'
import { initiatorMemory } from './initiators.ts'
import { lapsedOrders } from './lapsed-orders.ts'
import { observePullList, type PullList, unlisted, untoldMerges } from './pull-list.ts'
import { observePulls, type PullMemory } from './pulls.ts'
import { broughtIn, type History, namedState } from './records.ts'
import { slotsOf } from './slots.ts'
import { observeState, type StateMemory } from './state.ts'
import { observeUnmatched, type Unmatched } from './unmatched.ts'
import { whoBroke } from './who-broke.ts'

/** Everything that one look leaves for the next. Losing it costs time and never truth. */
interface Memory {
  readonly config: ConfigFacts
  readonly git: GitFacts
  readonly state: StateMemory | null
  readonly list: PullList
  readonly pulls: PullMemory
  readonly tracks: Tracks
  readonly unmatched: Unmatched
  readonly comments: CommentFacts | null
  readonly rules: BranchRules
  readonly audited: Audited
}

export type Observe = (stale: readonly Stale[]) => Promise<Snapshot | null>

/** Re-reads what is stale and serves the rest from memory. Null where the repository holds no manifests, and never did. */
export function observer(ports: RepositoryPorts): Observe {
  const initiators = initiatorMemory(ports)
  const headSince = headMemory()
  const failures = new Map<number, number>()
  let memory: Memory | null = null
  return async (stale) => {
    const kept = { initiators, headSince, failures }
    const first = await lookAt(ports, stale, memory, kept)
    const look = first && (await withCommentedPulls(first, (more, known) => lookAt(ports, more, known, kept)))
    memory = look?.memory ?? memory
    return look?.snapshot ?? null
  }
}

/**
 * Comments are listed after pull requests, so one may be on a pull request that was opened in between. Each such is looked at
 * once before its command is answered: what it is about would be refused else, or merged unseen.
 */
async function withCommentedPulls(
  first: Look,
  lookAgain: (stale: readonly Stale[], memory: Memory) => Promise<Look | null>,
): Promise<Look | null> {
  const looked = new Set<number>()
  let look: Look | null = first
  for (;;) {
    const commented: readonly number[] = look?.snapshot.asked.map(({ comment }) => comment.pull) ?? []
    const unseen = look === null ? [] : unlisted(look.memory.list, commented).filter((pull) => !looked.has(pull))
    if (look === null || unseen.length === 0) return look
    for (const pull of unseen) looked.add(pull)
    look = await lookAgain(
      unseen.map((pull) => ({ is: 'pull', pull })),
      look.memory,
    )
  }
}

/** What a look that failed leaves behind as well. */
interface Kept {
  readonly initiators: ReturnType<typeof initiatorMemory>
  readonly headSince: HeadSince
  readonly failures: Map<number, number>
}

interface Look {
  readonly snapshot: Snapshot
  readonly memory: Memory
}

/** The order is the order in which facts depend on each other. */
async function lookAt(
  ports: RepositoryPorts,
  stale: readonly Stale[],
  before: Memory | null,
  { initiators, headSince, failures }: Kept,
): Promise<Look | null> {
  const { forge, repository } = ports
  const at = ports.now()
  const list = await observePullList(forge, repository.defaultBranch, stale, before?.list ?? null)
  const branches = await ports.git.fetch({ pulls: fromForks(list) })
  const base = branches.get(repository.defaultBranch)
  const config =
    base === undefined ? null : await observeConfig(ports.git, repository.name, base, before?.config ?? null)
  if (base === undefined || config === null) return null
  const git = await observeGitFacts(ports, base, config, before?.git ?? null)
  const state = await observeState(
    stateContext(ports, at, git.history),
    branches.get(stateBranch),
    before?.state ?? null,
  )
  const { folded } = state.branch
  const common = { base, config: config.checked, overlays: git.overlays, stale }
  const { audit, audited } = await observeAudit({ ...ports, ...common }, folded, before?.audited ?? null)
  const delivery = await observeDelivery(ports, base, config.checked, git.overlays, before?.tracks ?? new Map())
  const context = {
    ...common,
    recordOf: git.recordOf.get.bind(git.recordOf),
    folded,
    initiators,
    headSince,
    failures,
  }
  const pulls = await observePulls(ports, context, list.open, before?.pulls ?? new Map())
  const unmatched = await observeUnmatched(ports, git, folded, before?.unmatched ?? new Map())
  const slots = withFirstNames(slotsOf(git, delivery, unmatched), folded.witnessed)
  const brought = broughtIn(git.history)
  const lapsed = await lapsedOrders(forge.people, {
    ...{ config, state: state.branch, pulls: pulls.pulls, slots, brought },
  })
  const rules =
    before !== null && !concerns(stale, 'everything')
      ? before.rules
      : await forge.rules.ofBranch(repository.defaultBranch)
  const since = await genesisTime(ports, folded.genesis)
  const applications = [...new Set([...git.overlays.bySlot.values()].map((one) => one.application))]
  const asking = { ...common, at, folded, since, applications, open: list.open }
  const comments = await observeAsked(forge, asking, before?.comments ?? null)
  const closed = await closedPulls(ports, config.checked, list.closed, folded)
  return {
    memory: {
      ...{ config, git, state: state.memory, list, pulls: pulls.memory, comments, rules, audited },
      tracks: delivery.tracks,
      unmatched,
    },
    snapshot: {
      at,
      repository,
      us: ports.us,
      base,
      branches,
      config,
      brokenBy: await whoBroke(ports, base, config, git.history),
      state: state.branch,
      slots,
      pulls: pulls.pulls,
      records: [...git.recordOf.values()].toSorted((a, b) => b.mergedAt - a.mergedAt),
      brought,
      audit,
      asked: comments.asked,
      lapsed,
      closed,
      untold: untoldMerges(list),
      finished: new Set(list.closed.filter((pull) => pull.ours).map((pull) => pull.head)),
      rules,
      unread: pulls.unread,
    },
  }
}

const fromForks = ({ open }: PullList): readonly number[] =>
  open.filter((pull) => !pull.sameRepository).map((pull) => pull.number)

const stateContext = ({ git, repository, stateKeys }: RepositoryPorts, at: Instant, history: History) => ({
  git,
  repository: repository.id,
  keys: stateKeys,
  at,
  mustDescendFrom: namedState(history.merges),
})

const genesisTime = async ({ git }: RepositoryPorts, genesis: Sha | null): Promise<Instant | null> =>
  genesis === null ? null : (await git.commit(genesis)).at
