import { quoted } from '../../commands/refusals.ts'
import type { CommandOf, Order } from '../../domain/command.ts'
import type { DirectiveOf } from '../../domain/directive.ts'
import { ofKind } from '../../domain/directive.ts'
import { type ReleaseId, type SlotKey, short, slotKey } from '../../domain/ids.ts'
import { changedParts, includes, type Release } from '../../domain/release.ts'
import type { Resolutions } from '../../state/taken.ts'
import type { Asked, Slot, Snapshot } from '../snapshot.ts'
import { answerAll, manualGates } from './manual-gates.ts'
import { ranIn } from './witness.ts'

/** Why an order cannot be taken as it stands, for the one who gave it. */
export interface Unresolved {
  readonly is: 'unresolved'
  readonly text: string
}

interface Context {
  readonly snapshot: Snapshot
  readonly asked: Asked
}

type Resolvers = {
  readonly [V in Order['verb']]: (context: Context, command: CommandOf<V>) => Resolutions[V] | Unresolved
}

/** What each order means now: whole ids of releases, commits and heads, so that it means the same for ever. */
export const resolvers: Resolvers = {
  promote: resolvePromote,
  merge: (context) => movedSince(context) ?? withPull(context, (head) => ({ head })),
  rollback: resolveRollback,
  lock: () => ({}),
  unlock: () => ({}),
  freeze: () => ({}),
  thaw: () => ({}),
  hold: (context) => withPull(context, () => ({})),
  unhold: (context) => withPull(context, () => ({})),
  unquarantine: resolveUnquarantine,
  resume: () => ({}),
  accept: resolveAccept,
  gate: resolveGate,
}

export const isUnresolved = (resolved: object): resolved is Unresolved =>
  'is' in resolved && resolved.is === 'unresolved'

const unresolved = (reason: string, sentence: string): Unresolved => ({
  is: 'unresolved',
  text: `${sentence} (\`${reason}\`)`,
})

function withPull<T extends object>(
  { snapshot, asked }: Context,
  resolve: (head: Snapshot['base']) => T,
): T | Unresolved {
  const open = snapshot.pulls.find((one) => one.pull.number === asked.pull?.number)
  if (open !== undefined) return resolve(open.pull.head)
  return unresolved('orders.no-pull', 'It takes an open pull request to the default branch, and this is none.')
}

/** The forge tells times in whole seconds. */
const second = 1_000

/** What is said of a pull request is said of the head that it had then. */
function movedSince({ snapshot, asked }: Context): Unresolved | undefined {
  const open = snapshot.pulls.find((one) => one.pull.number === asked.pull?.number)
  if (open === undefined || open.headSince === null) return undefined
  if (asked.comment.createdAt + second > open.headSince) return undefined
  const head = quoted(short(open.pull.head))
  return unresolved(
    'orders.head-moved',
    `The head may have changed since you wrote. It is ${head} now: look, and say it again.`,
  )
}

/** Only a gate that binds the pull request now is answered, and only for what it binds now. */
function resolveGate(context: Context, { gate, refuse }: CommandOf<'gate'>): Resolutions['gate'] | Unresolved {
  const moved = refuse ? undefined : movedSince(context)
  if (moved !== undefined) return moved
  const { snapshot, asked } = context
  const open = snapshot.pulls.find((one) => one.pull.number === asked.pull?.number)
  const answered = open === undefined ? [] : manualGates(snapshot, open, gate)
  if (open !== undefined && answered.length === 0)
    return unresolved('orders.gate-not-here', `The gate ${quoted(gate)} does not bind this pull request as it stands.`)
  if (open !== undefined && answerAll(answered).length === 0) {
    return unresolved(
      'orders.gate-of-several',
      `Several gates named ${quoted(gate)} bind this pull request, and no group may answer them all: split it.`,
    )
  }
  return withPull(context, (head) => ({ head, slots: [...new Set(answered.map(({ slot }) => slot))] }))
}

interface Named {
  readonly environment: string | null
  readonly application: string | null
}

/**
 * The slots that an environment and an application name; what is left out is taken from the pull request at hand, or from what
 * it brought where it is merged and nothing has come there since.
 */
export function slotsMeant({ snapshot, asked }: Context, named: Named): readonly Slot[] {
  const pull = snapshot.pulls.find((one) => one.pull.number === asked.pull?.number)
  const here = pull?.changes.map((change) => change.slot) ?? lastBroughtBy(snapshot, asked.comment.pull)
  const environments =
    named.environment === null ? here.map((slot) => slot.slice(slot.lastIndexOf('/') + 1)) : [named.environment]
  const touched = new Set(here.map((slot) => slot.slice(0, slot.lastIndexOf('/'))))
  const all = [...snapshot.slots.values()].filter((slot) => environments.includes(slot.environment))
  if (named.application !== null) return all.filter((slot) => slot.application === named.application)
  const ofPull = all.filter((slot) => touched.has(slot.application))
  return ofPull.length > 0 ? ofPull : all.length === 1 ? all : []
}

function lastBroughtBy({ records }: Snapshot, pull: number): readonly SlotKey[] {
  const brought = records.filter((one) => one.pull === pull)
  return brought.filter((one) => records.find(({ slot }) => slot === one.slot) === one).map(({ slot }) => slot)
}

const needsApplication = (environment: string | null): Unresolved =>
  unresolved(
    'orders.which-application',
    environment === null
      ? 'It is not clear what is meant: name an environment and an application, `<environment> --app <application>`.'
      : `${quoted(environment)} holds several applications, and this pull request touches none: add \`--app <application>\`.`,
  )

function resolvePromote(context: Context, command: CommandOf<'promote'>): Resolutions['promote'] | Unresolved {
  const slots = slotsMeant(context, command)
  if (slots.length === 0) return needsApplication(command.environment)
  const orders: { slot: SlotKey; release: ReleaseId }[] = []
  for (const slot of slots) {
    const release = upstreamRelease(context, slot, command.release)
    if ('is' in release) return release
    if (!releasesOf(slot).some((running) => includes(running, release)))
      orders.push({ slot: slot.key, release: release.id })
  }
  // An order for what is there already would bring it back over the next release.
  return orders.length > 0 ? { orders } : alreadyThere(slots)
}

const alreadyThere = (slots: readonly Slot[]): Unresolved =>
  unresolved(
    'orders.already-there',
    `${slots.map((slot) => quoted(slot.key)).join(', ')} already runs it: nothing is left to promote.`,
  )

function upstreamRelease({ snapshot }: Context, slot: Slot, wanted: string | null): Release | Unresolved {
  const names = snapshot.config.checked.environments.get(slot.environment)?.promotesFrom ?? []
  if (names.length === 0) {
    return unresolved(
      'orders.first-environment',
      `${quoted(slot.environment)} is the first of its path: releases come there by pull request.`,
    )
  }
  const keys = names.map((name) => slotKey(slot.application, name))
  if (wanted === null) {
    const current = new Map(keys.flatMap((key) => releasesOf(snapshot.slots.get(key))).map((one) => [one.id, one]))
    const [only, ...others] = current.values()
    if (only === undefined)
      return unresolved(
        'orders.nothing-upstream',
        `No environment upstream of ${quoted(slot.key)} runs a pinned release.`,
      )
    if (others.length === 0) return only
    // The first of them may be what hangs back, and nobody orders a step back without naming it.
    const known = newest([...current.values()].map(calledFor))
    const what = `The environments upstream of ${quoted(slot.key)} run several releases; add \`--release <release>\`.`
    return unresolved('orders.which-release', `${what} Known: ${known}.`)
  }
  return named(
    keys.flatMap((key) => [...releasesOf(snapshot.slots.get(key)), ...ranIn(snapshot, key).map((ran) => ran.release)]),
    wanted,
  )
}

const releasesOf = (slot: Slot | undefined): readonly Release[] =>
  slot?.release.is === 'pinned' ? [slot.release.release] : []

/** By the beginning of its id, or by its tags; never by a guess. */
function named(releases: readonly Release[], wanted: string): Release | Unresolved {
  const matching = new Map(releases.filter((one) => isCalled(one, wanted)).map((one) => [one.id, one]))
  const [only, ...others] = matching.values()
  if (only !== undefined && others.length === 0) return only
  const known = newest(new Map(releases.map((one) => [one.id, calledFor(one)])).values())
  const what =
    only === undefined ? `No release ${quoted(wanted)} is known there.` : `${quoted(wanted)} names several releases.`
  return unresolved('orders.which-release', `${what} Known: ${known}.`)
}

const mostListed = 10

/** What could have been meant, the newest first. */
function newest(names: Iterable<string>): string {
  const all = [...names].toReversed()
  if (all.length === 0) return 'none'
  const more = all.length > mostListed ? ` and ${all.length - mostListed} more` : ''
  return `${all.slice(0, mostListed).join(', ')}${more}`
}

/** Fewer digits may be a tag, of a release that is not known, as well. */
const fewestDigits = 7

/** `api:1.4.2, worker:1.4.2` is called so, `api:1.4.2` and `1.4.2`. */
function isCalled({ id, alias = '' }: Pick<Release, 'id' | 'alias'>, wanted: string): boolean {
  if (wanted.length >= fewestDigits && id.startsWith(wanted)) return true
  const tagged = alias.split(', ')
  return [alias, ...tagged, ...tagged.map((one) => one.slice(one.indexOf(':') + 1))].includes(wanted)
}

const calledFor = ({ id, alias }: Pick<Release, 'id' | 'alias'>): string =>
  alias === undefined ? quoted(short(id)) : `${quoted(alias)} (${quoted(short(id))})`

function resolveRollback(context: Context, command: CommandOf<'rollback'>): Resolutions['rollback'] | Unresolved {
  const meant = slotsMeant(context, command)
  if (meant.length === 0) return needsApplication(command.environment)
  const slots: Resolutions['rollback']['slots'][number][] = []
  for (const slot of meant) {
    const resolved = rolledBack(context, slot, command.to)
    if ('is' in resolved) return resolved
    slots.push(resolved)
  }
  return { slots }
}

function rolledBack({ snapshot }: Context, slot: Slot, to: string | null) {
  const [running] = releasesOf(slot)
  if (running === undefined) return unresolved('orders.unpinned', `${quoted(slot.key)} runs no pinned release.`)
  const record = snapshot.records.find((one) => one.slot === slot.key)
  const brought = record?.kind === 'promotion' && record.release.id === running.id ? record : undefined
  if (to === null && brought === undefined) {
    return unresolved(
      'orders.nothing-to-take-back',
      `No promotion of Sluice brought what ${quoted(slot.key)} runs; name the release to restore: \`--to <release>\`.`,
    )
  }
  const parts = changedParts(brought?.replaces, running)
  const what = { slot: slot.key, release: running.id, ...(brought && { brings: brought.brings }), parts }
  if (to === null) return { ...what, to: null }
  const restored = named(
    ranIn(snapshot, slot.key).map((ran) => ran.release),
    to,
  )
  if ('is' in restored) return restored
  if (includes(running, restored)) return unresolved('orders.already-there', `${quoted(slot.key)} runs it now.`)
  return { ...what, to: restored.id }
}

function resolveUnquarantine(
  { snapshot }: Context,
  command: CommandOf<'unquarantine'>,
): Resolutions['unquarantine'] | Unresolved {
  const { directives, overtaken } = snapshot.state.folded
  const held = [...ofKind(directives, 'quarantine'), ...overtaken].flatMap((one) =>
    one.slot.endsWith(`/${command.environment}`) &&
    (command.application === null || one.slot === slotKey(command.application, command.environment))
      ? [{ slot: one.slot, release: knownRelease(snapshot, one) }]
      : [],
  )
  const meant = held.filter(({ release }) => isCalled(release, command.release))
  if (meant.length > 0) return { slots: meant.map(({ slot, release }) => ({ slot, release: release.id })) }
  const known = newest(held.map(({ slot, release }) => `${calledFor(release)} of ${quoted(slot)}`))
  return unresolved(
    'orders.not-quarantined',
    `No release ${quoted(command.release)} is quarantined in ${quoted(command.environment)}. Quarantined there: ${known}.`,
  )
}

const knownRelease = (
  snapshot: Snapshot,
  { slot, release }: DirectiveOf<'quarantine'>,
): Pick<Release, 'id' | 'alias'> =>
  ranIn(snapshot, slot).find((ran) => ran.release.id === release)?.release ?? { id: release }

function resolveAccept({ snapshot }: Context, command: CommandOf<'accept'>): Resolutions['accept'] | Unresolved {
  const ungated = snapshot.state.folded.directives.flatMap((one) => (one.kind === 'ungated' ? [one.commit] : []))
  const commits = new Set(ungated.filter((commit) => commit.startsWith(command.sha)))
  const [only, ...others] = commits
  if (only !== undefined && others.length === 0) return { commit: only }
  const known = newest([...new Set(ungated)].map((commit) => quoted(short(commit))))
  return unresolved(
    'orders.not-ungated',
    `No single commit that begins with ${quoted(command.sha)} waits to be accepted. Waiting: ${known}.`,
  )
}
