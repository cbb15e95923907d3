import { expect } from 'vitest'
import { type Digest, partsOfSlot, type Sha, type SlotKey, slotKey } from '../../src/domain/ids.ts'
import { readTrailers } from '../../src/promotion/trailers.ts'
import { decodeEvent } from '../../src/state/event-files.ts'
import type { StateEvent } from '../../src/state/events.ts'
import { type Folded, foldEvents } from '../../src/state/fold.ts'
import { trulyHealthyFor } from '../fakes/cluster.ts'
import {
  bot,
  type Company,
  digestAt,
  type EnvironmentName,
  forgeTime,
  type Merge,
  overlayFile,
  sam,
  slotsOf,
  textAt,
  times,
  tom,
} from '../fakes/company.ts'
import type { Universe } from './universe.ts'

/** Judged by what is so in the company, never by what Sluice thinks of it. */
export async function checkInvariants(universe: Universe): Promise<void> {
  const { company } = universe
  for (const merge of company.merges.slice(universe.checked))
    if (merge.by.id === bot.id) await checkMerge(company, merge)
  universe.checked = company.merges.length
  checkOpenPulls(company)
  await checkRevertRate(company)
  await checkDeclines(company)
  checkChecks(universe)
}

interface SlotMove {
  readonly slot: SlotKey
  readonly from: Digest | null
  readonly to: Digest | null
}

async function movesOf(company: Company, { before, commit }: Merge): Promise<readonly SlotMove[]> {
  const moves: SlotMove[] = []
  for (const slot of slotsOf(company)) {
    const [from, to] = [await digestAt(company, before, slot), await digestAt(company, commit, slot)]
    if (from !== to) moves.push({ slot, from, to })
  }
  return moves
}

async function checkMerge(company: Company, merge: Merge): Promise<void> {
  const { message } = await company.git.commit(merge.commit)
  const kind = readTrailers(message)?.kind
  const folded = await stateAt(company, merge)
  const paths = (await company.git.changes(merge.before, merge.commit)).map(({ path }) => path)
  const moves = await movesOf(company, merge)
  for (const move of moves) {
    if (kind === 'rollback') await checkRollback(company, merge, folded, move, paths)
    else await checkForward(company, merge, folded, move)
  }
  if (kind === 'promotion') expect(moves, `an empty promotion of #${merge.pull} was merged`).not.toEqual([])
  const isOfProduction = paths.some((path) => path.includes('/production/') || path.startsWith('.sluice/'))
  const rules = await textAt(company, merge.before, '.sluice/production.yaml')
  const isAsked = rules?.includes('name: approved') || paths.some((path) => path.startsWith('.sluice/'))
  if (kind !== 'rollback' && isOfProduction && isAsked) expectApproval(company, merge)
}

/** I1, I9: by the rules of the default branch, one of acme/sre approved exactly this head. */
function expectApproval(company: Company, { pull, head, at }: Merge): void {
  const reviews = company.reviews.get(pull) ?? []
  const approved = reviews.some((one) => [sam.id, tom.id].includes(one.by.id) && one.head === head && one.at <= at)
  expect(approved, `I1: #${pull} came into production without an approval of its head`).toBe(true)
}

async function checkForward(
  company: Company,
  merge: Merge,
  folded: Folded,
  { slot, from, to }: SlotMove,
): Promise<void> {
  const { application, environment } = partsOfSlot(slot)
  const what = `#${merge.pull} (${company.pulls.get(merge.pull)?.title}) into ${slot}`
  const upstream = (company.path.get(environment as EnvironmentName) ?? []).map((name) => slotKey(application, name))
  for (const source of to === null ? [] : upstream) {
    const soaked = trulyHealthyFor(company, source, to as Digest)
    expect(soaked, `I2: ${what} had not soaked in ${source}`).toBeGreaterThanOrEqual(times.soak)
  }
  const hindrances = folded.directives.filter((one) => {
    if (one.kind === 'freeze') return one.scope === 'all' || one.scope.environment === environment
    if (one.kind === 'hold') return one.pull === merge.pull
    if (one.kind === 'ungated') return one.slot === slot
    if (one.kind === 'quarantine') return one.slot === slot && one.parts.some(({ value }) => value === to)
    return false
  })
  expect(hindrances, `I1, I12: ${what} was merged in spite of these`).toEqual([])
  const shunned = folded.overtaken.filter((one) => one.slot === slot && one.parts.some(({ value }) => value === to))
  const isOurs = company.pulls.get(merge.pull)?.ours === true
  const isOrdered = folded.directives.some((one) => one.kind === 'order' && one.slot === slot)
  expect(isOurs && !isOrdered ? shunned : [], `I12: ${what} was brought back by itself`).toEqual([])
  if (isOurs && !isOrdered) expect(isStepBack(company, slot, upstream, from, to), `${what} is a step back`).toBe(false)
}

/** Whether every environment that it came from, or the slot itself, really had it before what it takes the place of. */
function isStepBack(
  { cluster: { healthy } }: Company,
  slot: SlotKey,
  upstream: readonly SlotKey[],
  from: Digest | null,
  to: Digest | null,
): boolean {
  const first = (where: SlotKey, digest: Digest | null) => healthy.get(`${where} ${digest}`)?.[0]?.from ?? null
  const knowBoth = (where: SlotKey) => first(where, from) !== null && first(where, to) !== null
  const isBefore = (where: SlotKey) => Number(first(where, to)) < Number(first(where, from))
  const known = upstream.filter(knowBoth)
  return (knowBoth(slot) && isBefore(slot)) || (known.length > 0 && known.every(isBefore))
}

async function checkRollback(company: Company, merge: Merge, folded: Folded, move: SlotMove, paths: readonly string[]) {
  const { application, environment } = partsOfSlot(move.slot)
  const what = `#${merge.pull} took ${move.slot} back`
  const file = overlayFile(application, environment)
  expect(paths, `I5: ${what} and touched more`).toEqual([file])
  const quarantine = folded.directives.find(
    (one) => one.kind === 'quarantine' && one.slot === move.slot && one.parts.some(({ value }) => value === move.from),
  )
  // Its own is admitted without a gate: somebody with the right asked for it, or it failed. A step back by order is a promotion.
  const isOurs = company.pulls.get(merge.pull)?.ours === true
  const isOrdered = folded.directives.some((one) => one.kind === 'merge' && one.pull === merge.pull)
  expect(isOurs && quarantine === undefined && !isOrdered, `I1: ${what}, and nobody with the right asked for it`).toBe(
    false,
  )
  if (quarantine?.kind === 'quarantine' && quarantine.by === 0) {
    const wasBad = company.cluster.everBad.has(`${move.slot} ${move.from}`)
    expect(wasBad, `false revert: ${what}, and nothing was wrong with its release: ${quarantine.why}`).toBe(true)
  }
  const [was, is] = [await textAt(company, merge.before, file), await textAt(company, merge.commit, file)]
  const expected = was?.replace(String(move.from), String(move.to))
  expect(is, `I5: ${what} and changed other bytes`).toBe(expected)
}

/** I4. */
function checkOpenPulls(company: Company): void {
  const ours = [...company.pulls.values()].filter((pull) => pull.state === 'open' && pull.ours)
  const branches = ours.map((pull) => pull.headBranch)
  expect(branches, 'I4: two of ours are open on one branch').toEqual([...new Set(branches)])
}

/** What Sluice closed itself is nobody's decline. */
async function checkDeclines(company: Company): Promise<void> {
  const events = await stateEvents(company, company.git.branches.get('sluice/state'))
  const declined = events.flatMap((one) => (one.kind === 'decline' ? [one.pull] : []))
  expect(
    declined.filter((pull) => company.closedByBot.has(pull)),
    'Sluice closed it and took that for a decline',
  ).toEqual([])
}

/** I11, I14. */
async function checkRevertRate(company: Company): Promise<void> {
  const events = await stateEvents(company, company.git.branches.get('sluice/state'))
  const resumed = events.flatMap((one) => (one.kind === 'command' && one.taken.verb === 'resume' ? [one.at] : []))
  const ordered = events.flatMap((one) =>
    one.kind === 'command' && one.taken.verb === 'rollback' ? one.taken.slots : [],
  )
  const quarantines = events.flatMap((one) => (one.kind === 'quarantine' && one.by === undefined ? [one] : []))
  for (const { evidence } of quarantines) expect(evidence, 'I11: an automatic act names its evidence').not.toEqual([])
  const automatic = (await rollbacks(company)).filter(
    ({ slot, release }) =>
      partsOfSlot(slot).environment === 'production' &&
      quarantines.some((one) => one.slot === slot && one.release === release) &&
      !ordered.some((one) => one.slot === slot && one.release === release),
  )
  for (const { at } of automatic) {
    const near = automatic.filter((one) => one.at <= at && one.at > at - times.breaker.within)
    const since = Math.max(0, ...resumed.filter((one) => one <= at))
    const counted = near.filter((one) => one.at > since)
    expect(counted.length, 'I14: more reverts by themselves than the breaker allows').toBeLessThanOrEqual(
      times.breaker.reverts,
    )
  }
}

async function rollbacks(company: Company) {
  const found: { readonly slot: SlotKey; readonly release: string; readonly at: number }[] = []
  for (const { commit, by, at } of company.merges) {
    const trailers = readTrailers((await company.git.commit(commit)).message)
    if (by.id === bot.id && trailers?.kind === 'rollback' && trailers.slot !== null && trailers.replaces !== null)
      found.push({ slot: trailers.slot, release: trailers.replaces, at })
  }
  return found
}

/** T51: a green check is a verdict that somebody else could spend; at rest none is. */
function checkChecks({ company, sluice, faults }: Universe): void {
  const isAtRest = sluice.last()?.outcomes.every(({ is }) => is === 'done' || is === 'already-so') ?? false
  if (!isAtRest || faults.isForgeAway || faults.armed.some((one) => one.in <= 0)) return
  for (const pull of company.pulls.values()) {
    const check = pull.state === 'open' ? company.checks.get(pull.head) : undefined
    if (check?.is === 'success') expect(check.title, `#${pull.number} is green at rest`).toBe('touches no environment')
  }
}

const read = new WeakMap<Company, Map<string, readonly StateEvent[]>>()

/** Every event that the state branch holds at a commit: those of its parent, and the files that it added. */
export async function stateEvents(company: Company, head: Sha | undefined): Promise<readonly StateEvent[]> {
  if (head === undefined) return []
  const kept = read.get(company) ?? new Map<string, readonly StateEvent[]>()
  read.set(company, kept)
  const known = kept.get(head)
  if (known !== undefined) return known
  const { parents, tree } = await company.git.commit(head)
  const empty = await company.git.writeTree(null, new Map())
  const added: StateEvent[] = []
  for (const { path, after } of await company.git.changes(parents[0] ?? empty, tree)) {
    if (after === undefined || !path.startsWith('events/')) continue
    added.push(decodeEvent(new TextDecoder().decode(await company.git.blob(after)), path))
  }
  const all = [...(await stateEvents(company, parents[0])), ...added]
  kept.set(head, all)
  return all
}

const stateAt = async (company: Company, { state, at }: Merge): Promise<Folded> =>
  foldEvents(await stateEvents(company, state), at)

/** I7: everything that somebody said was taken or answered. */
export async function checkNothingLost(company: Company): Promise<void> {
  const events = await stateEvents(company, company.git.branches.get('sluice/state'))
  const taken = new Set(events.flatMap((one) => (one.kind === 'command' ? [one.comment] : [])))
  const replies = company.comments.filter((one) => one.ours).map((one) => one.body)
  const lost = company.comments.filter(
    (one) =>
      !one.ours &&
      one.body.startsWith('/sluice') &&
      !taken.has(one.id) &&
      !replies.some((body) => body.includes(`sluice:reply:${one.id} `)),
  )
  expect(
    lost.map(({ id, body, createdAt }) => `${id} ${body} ${(forgeTime(company) - createdAt) / 1000} s ago`),
    'I7: lost commands',
  ).toEqual([])
}
