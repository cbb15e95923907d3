import { UserError } from '../domain/failures.ts'
import { noInitiators } from '../domain/person.ts'
import { noReconcileRequests } from '../ports/reconcile-requests.ts'
import type { Considered } from '../promotion/considered.ts'
import { gatherer } from '../promotion/gather/gather.ts'
import { observer } from '../promotion/observe/observe.ts'
import { allEvents } from '../promotion/observe/state.ts'
import { type Plan, plan } from '../promotion/plan/plan.ts'
import { consider, type World } from '../promotion/reconcile.ts'
import type { RepositoryPorts } from '../promotion/repository-ports.ts'
import type { Snapshot, StateBranch } from '../promotion/snapshot.ts'
import { foldEvents } from '../state/fold.ts'
import { checkoutForge, checkoutRepository, proposedPull } from './checkout-forge.ts'
import type { OpenCheckout, OpenForge } from './world.ts'

export interface Look {
  readonly considered: Considered
  readonly plan: Plan
  /** What this look could not see, in sentences. */
  readonly notes: readonly string[]
}

/** The longest that a command waits for evidence that is slow (a registry) before it says that it is pending. */
const patienceMs = 30_000

/** A repository at the forge, as a round of the server would see it; nothing is applied. */
export async function lookAtRemote(forge: OpenForge, word: { owner: string; name: string }): Promise<Look> {
  const arrivals = arrival()
  const repository = await findRepository(forge, word)
  const { world, close } = await forge.open(repository, arrivals.came)
  try {
    const considered = await considerPatiently(world, arrivals.next)
    if (considered === null) throw noManifests(`${word.owner}/${word.name}`)
    return { considered, plan: plan(considered), notes: [] }
  } finally {
    await close()
  }
}

/** Throws UserError `target.not-installed` with what there is. */
export async function findRepository({ installations }: OpenForge, { owner, name }: { owner: string; name: string }) {
  const all = await installations.repositories()
  const wanted = `${owner}/${name}`.toLowerCase()
  const found = all.find((one) => `${one.owner}/${one.name}`.toLowerCase() === wanted)
  if (found !== undefined) return found
  const names = all.map((one) => `${one.owner}/${one.name}`)
  const shown = names.slice(0, 10).join(', ')
  throw new UserError(
    'target.not-installed',
    `the App is not installed on ${owner}/${name}; it works on ${names.length === 0 ? 'no repository' : shown}${names.length > 10 ? ' and more' : ''}`,
  )
}

/** A checkout without a forge: its default branch as last fetched, and what is checked out as one proposed change. */
export async function lookAtCheckout({ checkout, ports: shared }: OpenCheckout): Promise<Look> {
  const proposed = await proposedPull(checkout)
  const holdsManifests = (await checkout.git.entry(checkout.base, '.sluice'))?.type === 'tree'
  // Before the first manifests are merged there is nothing to compare with: what is checked out is taken as merged.
  const base = holdsManifests ? checkout.base : checkout.head
  const ports: RepositoryPorts = {
    ...shared,
    requests: noReconcileRequests,
    git: { ...checkout.git, fetch: async () => new Map([[checkout.defaultBranch, base]]) },
    repository: checkoutRepository(checkout),
    us: { appId: 0, slug: 'sluice', botId: 0, botLogin: 'sluice[bot]' },
    forge: checkoutForge(holdsManifests ? proposed : null),
  }
  const observe = observer(ports)
  const arrivals = arrival()
  const world = {
    observe: async (stale: Parameters<typeof observe>[0]) => {
      const snapshot = await observe(stale)
      return snapshot === null ? null : asCheckout(snapshot, await stateOf(ports, snapshot, checkout.state))
    },
    gather: gatherer(ports, arrivals.came),
  }
  const considered = await considerPatiently(world, arrivals.next)
  if (considered === null) throw noManifests(checkout.root)
  return { considered, plan: plan(considered), notes: notesOf(checkout, holdsManifests, proposed !== null) }
}

const noManifests = (where: string) =>
  new UserError(
    'config.none',
    `${where} holds no manifests that parse under .sluice; \`sluice validate\` says what is wrong with those of a folder`,
  )

/** Looks again as slow evidence comes, until there is none left to wait for. */
async function considerPatiently(world: Pick<World, 'observe' | 'gather'>, next: (ms: number) => Promise<boolean>) {
  const until = performance.now() + patienceMs
  let considered = await consider(world, [{ is: 'everything' }])
  while (considered !== null && isPending(considered) && performance.now() < until) {
    if (!(await next(until - performance.now()))) break
    considered = await consider(world, [{ is: 'time' }])
  }
  return considered
}

const isPending = ({ judgements }: Considered): boolean =>
  [...judgements.values()].flat().some(({ verdicts }) => verdicts.some((one) => one.reason === 'evidence.pending'))

/** Something that comes, and can be waited for; what came while nobody waited is not lost. */
function arrival() {
  let { promise, resolve } = Promise.withResolvers<boolean>()
  return {
    came: () => resolve(true),
    next: async (milliseconds: number): Promise<boolean> => {
      const { promise: late, resolve: give } = Promise.withResolvers<boolean>()
      const timer = setTimeout(() => give(false), milliseconds)
      const came = await Promise.race([promise, late])
      clearTimeout(timer)
      if (came) ({ promise, resolve } = Promise.withResolvers<boolean>())
      return came
    },
  }
}

/** The state as the checkout holds it. Its seals need a key that is not here, so it is read and not believed blindly: notes say so. */
async function stateOf(
  { git }: RepositoryPorts,
  snapshot: Snapshot,
  head: Snapshot['state']['head'],
): Promise<StateBranch> {
  const events = head === null ? [] : await allEvents(git, head)
  return { head, trusted: true, missing: false, folded: foldEvents(events, snapshot.at), loose: 0 }
}

const asCheckout = (snapshot: Snapshot, state: StateBranch): Snapshot => ({
  ...snapshot,
  state,
  // Nobody can be asked here who may still give an order: what stands is shown as it stands.
  lapsed: new Set(),
  pulls: snapshot.pulls.map((pull) => ({
    ...pull,
    changes: pull.changes.map((change) => ({
      ...change,
      origin: { ...change.origin, in: 'checkout', initiators: noInitiators },
    })),
  })),
})

function notesOf(checkout: OpenCheckout['checkout'], holdsManifests: boolean, isProposed: boolean): readonly string[] {
  const { state, defaultBranch, uncommitted, base } = checkout
  const known = `as this checkout last fetched it (${base.slice(0, 12)})`
  return [
    holdsManifests
      ? `${defaultBranch} is looked at ${known}; pull requests, reviews and checks are not known here`
      : `${defaultBranch} holds no manifests yet: what is checked out is looked at as if it were merged`,
    state === null
      ? 'the state (locks, freezes, health that was seen) is not known: there is no origin/sluice/state here'
      : 'the state is read from origin/sluice/state; whether Sluice wrote it cannot be proven without its key',
    ...(uncommitted.length === 0
      ? []
      : [`${uncommitted.length} uncommitted ${uncommitted.length === 1 ? 'file is' : 'files are'} included`]),
    ...(holdsManifests && !isProposed ? [`what is checked out brings nothing that ${defaultBranch} has not`] : []),
  ]
}
