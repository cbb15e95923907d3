import type { Change } from '../domain/change.ts'
import { covers, type Directive, type DirectiveOf, ofKind } from '../domain/directive.ts'
import { type Instant, partsOfSlot, type SlotKey, short } from '../domain/ids.ts'
import { holdsParts } from '../domain/release.ts'
import type { StateFacts } from './evidence.ts'
import { fillSentence } from './fill-sentence.ts'
import type { Gate, GateBase, Judged } from './gate.ts'
import { type Basis, listed, say, sharedReasons, whenKnown } from './say.ts'

export type StateSettings = Readonly<Record<never, never>>

const reasons = {
  'state.clear': 'Nothing holds it.',
  'state.untrusted':
    'The state branch cannot be trusted ({detail}); an operator repairs it with `sluice state repair`.',
  'state.pushed-over': 'Somebody pushed {commit} onto the branch of Sluice; close the pull request to start again.',
  'config.broken': 'The manifests on the default branch are broken: {detail}',
  'render.unsupported': sharedReasons['render.unsupported'],
  'release.unreadable': 'What the overlay runs cannot be read: {place}: {detail} ({cause}).',
  'image.unpinned': 'Only digests travel, and an image has only a tag. Write: {lines}',
  'state.ungated':
    '{commit} changed this environment around the gates; look at it and comment `/sluice accept {commit}`.',
  'state.frozen': '{scope} is frozen by {by}{until}: {why}',
  'state.locked': '{scope} is locked by {by}{until}: {why}',
  'state.held': 'This pull request is held by {by}: {why}',
  'state.draft': 'This pull request is a draft.',
  'state.declined': '{by} declined release {release} here (#{pull}). To bring it all the same, comment `{command}`.',
  'state.quarantined': 'Release {release} is in quarantine here: {why}',
  'state.quarantine-similar':
    'It holds everything that release {release}, which is in quarantine here, changed: {parts}.',
  'state.foreign':
    'It would overwrite in {environment} what did not come from upstream: {parts}. Bring that upstream first, or comment `{command}`.',
  'state.divergence':
    'It would overwrite in {environment} what never existed upstream: {parts}. Bring that upstream first, or comment `{command}`.',
} as const

type Reason = keyof typeof reasons

/** One thing that holds a change, with the words for it and when it ends by itself. */
interface Hindrance {
  readonly reason: Reason
  readonly is?: 'fail'
  readonly values: Readonly<Record<string, string>>
  readonly who?: readonly string[]
  readonly until?: Instant
}

type Rule = (change: Change, facts: StateFacts) => readonly Hindrance[]

/** Implied: passes when nothing that somebody ordered, or that was found, holds this change. */
export const state: Gate<StateSettings, GateBase<'state'> & StateSettings> = {
  settings: null,
  mayBindRollback: true,

  needs: (_spec, change) => [{ kind: 'state', key: { slot: change.slot, pull: change.origin.pull } }],

  judge: (_spec, change, evidence, { now }) =>
    whenKnown('state', evidence.find('state', { slot: change.slot, pull: change.origin.pull }), now, (facts, basis) =>
      judgeState(change, { ...facts, directives: facts.directives.filter((one) => isStanding(one, now)) }, basis),
    ),

  reasons,
}

function judgeState(change: Change, facts: StateFacts, basis: Basis): Judged {
  const found = rulesFor(change).flatMap((rule) => rule(change, facts))
  const [first, ...rest] = [...found.filter(({ is }) => is === 'fail'), ...found.filter(({ is }) => is !== 'fail')]
  if (first === undefined) return say('pass', 'state.clear', basis)
  const also = rest.map(({ reason, values }) => fillSentence(reasons[reason], values)).join(' ')
  const values = also === '' ? first.values : { ...first.values, also }
  const who = [...new Set(found.flatMap((one) => one.who ?? []))]
  const ends = found.map(({ until }) => until)
  // It cannot pass before the last of them ends, and only if each ends by itself.
  const nextLook = ends.every((end) => end !== undefined) ? ends.toSorted((a, b) => b - a)[0] : undefined
  return say(
    first.is ?? 'wait',
    first.reason,
    basis,
    nextLook === undefined ? { values, who } : { values, who, nextLook },
  )
}

const untrusted: Rule = (_change, { trusted }) =>
  trusted === true ? [] : [{ reason: 'state.untrusted', values: { detail: trusted.untrusted }, who: ['an operator'] }]

const foreignCommit: Rule = (_change, facts) =>
  facts.foreignCommit === null
    ? []
    : [{ reason: 'state.pushed-over', values: { commit: short(facts.foreignCommit) }, who: ['anybody with write'] }]

// What mends the manifests must not wait for itself; one that breaks them anew is not merged whatever the gates say.
const brokenConfig: Rule = ({ guardPaths }, facts) =>
  facts.brokenConfig === null || guardPaths.some((path) => path.startsWith('.sluice/'))
    ? []
    : [{ reason: 'config.broken', values: { detail: facts.brokenConfig } }]

const unsupported: Rule = ({ difference }) =>
  difference.is === 'rendered' ? [] : [{ reason: 'render.unsupported', is: 'fail', values: placed(difference.problem) }]

const unreadable: Rule = ({ release }) =>
  release.is === 'unreadable' ? [{ reason: 'release.unreadable', is: 'fail', values: placed(release.problem) }] : []

const unpinned: Rule = ({ release }) => {
  if (release.is !== 'unpinned') return []
  const lines = release.images.map(
    ({ name, tag, file, line }) =>
      `in ${file}:${line}, under ${name}, \`digest: sha256:…\`${tag === undefined ? '' : ` of the tag ${tag}`}`,
  )
  return [{ reason: 'image.unpinned', values: { lines: listed(lines) } }]
}

const ungated: Rule = (change, facts) =>
  ofKind(facts.directives, 'ungated')
    .filter(({ slot }) => isSameSlot(slot, change))
    .map(({ commit }) => ({
      reason: 'state.ungated',
      values: { commit: short(commit) },
      who: ['anybody with maintain'],
    }))

const frozen: Rule = (change, facts) =>
  ofKind(facts.directives, 'freeze')
    .filter(({ scope }) => covers(scope, partsOfSlot(change.slot)))
    .map((freeze) => ({ reason: 'state.frozen', ...ordered(freeze), who: ['anybody with maintain'] }))

// The one who locked may go on: with pull requests of their own, and with what they ordered.
const locked: Rule = (change, facts) =>
  ofKind(facts.directives, 'lock')
    .filter(
      ({ scope, by }) =>
        covers(scope, partsOfSlot(change.slot)) && by !== change.origin.author.id && by !== facts.orderedBy,
    )
    .map((lock) => ({ reason: 'state.locked', ...ordered(lock), who: [`@${lock.byLogin}`, 'anybody with maintain'] }))

const held: Rule = (change, facts) =>
  ofKind(facts.directives, 'hold')
    .filter(({ pull }) => pull === change.origin.pull)
    .map(({ byLogin, why }) => ({
      reason: 'state.held',
      values: { by: `@${byLogin}`, why: reasonOr(why) },
      who: ['anybody with write'],
    }))

/** Of our own pull request anybody with write may say that it is ready: the bot will not. */
function draft({ origin: { author } }: Change, facts: StateFacts): readonly Hindrance[] {
  const who = author.kind === 'bot' ? 'anybody with write' : `@${author.login}`
  return facts.draft ? [{ reason: 'state.draft', values: {}, who: [who] }] : []
}

const declined: Rule = (change, facts) =>
  ofKind(facts.directives, 'decline')
    .filter(({ slot, release }) => slot === change.slot && brings(change, release))
    .map(({ byLogin, release, pull }) => ({
      reason: 'state.declined',
      values: {
        ...{ by: byLogin === '' ? 'Somebody' : `@${byLogin}`, release: short(release), pull: String(pull) },
        command: `${promotes(change.slot)} --release ${short(release)}`,
      },
      who: ['anybody with write'],
    }))

function promotes(slot: SlotKey): string {
  const { application, environment } = partsOfSlot(slot)
  return `/sluice promote ${environment} --app ${application}`
}

const quarantined: Rule = (change, facts) =>
  ofKind(facts.directives, 'quarantine')
    .filter(({ slot }) => slot === change.slot)
    .flatMap((quarantine) => quarantineOf(change, quarantine))

function quarantineOf(change: Change, { release, parts, why }: DirectiveOf<'quarantine'>): readonly Hindrance[] {
  const who = ['anybody with maintain']
  if (brings(change, release))
    return [{ reason: 'state.quarantined', values: { release: short(release), why: reasonOr(why) }, who }]
  if (!bringsParts(change, parts)) return []
  const names = listed(parts.map(({ part }) => part))
  return [{ reason: 'state.quarantine-similar', values: { release: short(release), parts: names }, who }]
}

function foreign(change: Change, facts: StateFacts): readonly Hindrance[] {
  if (change.kind !== 'promotion') return []
  const { environment } = partsOfSlot(change.slot)
  const command = promotes(change.slot)
  return facts.foreign.map(({ is, parts }) => ({
    reason: `state.${is}`,
    values: { environment, parts: listed(parts), command },
    who: ['anybody with write'],
  }))
}

// The order is the gravity: the first that holds is the verdict, the others are told beside it.
const always: readonly Rule[] = [untrusted, foreignCommit, held, draft, declined]
const unlessRollback: readonly Rule[] = [
  ...[brokenConfig, unsupported, unreadable, unpinned, ungated],
  ...[frozen, locked, quarantined, foreign],
]

// A revert never waits for a freeze or another's lock (I13); its shape is what admits it.
const rulesFor = (change: Change): readonly Rule[] =>
  change.kind === 'rollback' ? always : [...always.slice(0, 2), ...unlessRollback, ...always.slice(2)]

const isStanding = (directive: Directive, now: Instant): boolean =>
  !('until' in directive) || directive.until === undefined || directive.until > now

/** A guard path that was changed around the gates holds every application of its environment. */
function isSameSlot(slot: Change['slot'], change: Change): boolean {
  const ours = partsOfSlot(change.slot)
  const { application, environment } = partsOfSlot(slot)
  return (
    environment === ours.environment &&
    (application === ours.application || application === '*' || ours.application === '*')
  )
}

/** Whether the change brings the release in; one that the slot runs already is not brought (a fix beside it may pass). */
const brings = ({ release, replaces }: Change, id: string): boolean =>
  release.is === 'pinned' && release.release.id === id && !(replaces.is === 'pinned' && replaces.release.id === id)

const bringsParts = ({ release, replaces }: Change, parts: DirectiveOf<'quarantine'>['parts']): boolean =>
  release.is === 'pinned' &&
  holdsParts(release.release, parts) &&
  !(replaces.is === 'pinned' && holdsParts(replaces.release, parts))

function ordered(directive: DirectiveOf<'lock' | 'freeze'>): Pick<Hindrance, 'values' | 'until'> {
  const { scope, byLogin, why, until } = directive
  const ends = until === undefined ? '' : ` until ${new Date(until).toISOString()}`
  const command = liftedBy(directive)
  const values = { scope: scopeInWords(scope), by: `@${byLogin}`, until: ends, why: reasonOr(why), command }
  return until === undefined ? { values } : { values, until }
}

/** The command that lifts this one and no other: what was frozen everywhere is not thawed for one environment. */
function liftedBy({ kind, scope }: DirectiveOf<'lock' | 'freeze'>): string {
  const verb = kind === 'lock' ? 'unlock' : 'thaw'
  if (scope === 'all') return `/sluice ${verb} all`
  return `/sluice ${verb} ${scope.environment}${scope.application === undefined ? '' : ` --app ${scope.application}`}`
}

const scopeInWords = (scope: DirectiveOf<'lock'>['scope']): string => {
  if (scope === 'all') return 'Every environment'
  return scope.application === undefined ? scope.environment : `${scope.application} in ${scope.environment}`
}

const reasonOr = (why: string): string => (why === '' ? 'no reason was given.' : why)

const placed = ({ file, line, detail, reason }: { file: string; line?: number; detail: string; reason: string }) => ({
  place: line === undefined ? file : `${file}:${line}`,
  detail,
  cause: reason,
})
