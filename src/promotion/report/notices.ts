import { ofKind } from '../../domain/directive.ts'
import { digestOf } from '../../domain/hash.ts'
import { partsOfSlot, type SlotKey, short } from '../../domain/ids.ts'
import { listed } from '../../gates/say.ts'
import { breakerOf } from '../../state/in-force.ts'
import { type Effect, type NoticeKind, urgency } from '../effects.ts'
import { hopelessOrders } from '../plan/bring.ts'
import { type NotTakenBack, whyNotTakenBack } from '../plan/not-taken-back.ts'
import type { Snapshot } from '../snapshot.ts'
import { cutAt, fenced, inline, quotedText } from './markdown.ts'
import { newestPull, pullBefore, withAllOwners, withOwnersOf } from './whom-to-tell.ts'

/** What needs a person: each is told once, on the pull request that it concerns where there is one. */
export function notices(snapshot: Snapshot, notTakenBack: readonly NotTakenBack[]): readonly Effect[] {
  return [
    ...failures(snapshot, notTakenBack),
    ...quarantines(snapshot),
    ...ungated(snapshot),
    ...breakers(snapshot),
    ...lapsed(snapshot),
    ...hopeless(snapshot),
    ...untrusted(snapshot),
    ...broken(snapshot),
    ...rewritten(snapshot),
  ]
}

const notify = (about: NoticeKind, of: string, pull: number | null, text: string): Effect => ({
  kind: 'notify',
  urgency: urgency.tell,
  about,
  key: `${about} ${of}`,
  pull,
  text,
})

function failures(snapshot: Snapshot, notTakenBack: readonly NotTakenBack[]): readonly Effect[] {
  return notTakenBack.flatMap((one) => {
    const { slot, reason } = one
    if (slot.health.is !== 'failed') return []
    const why = whyNotTakenBack(one, quotedText)
    const text = `${inline(slot.key)} is unhealthy: ${quotedText(slot.health.detail)} (${inline(slot.health.reason)}). Sluice takes nothing back by itself, because ${why} (${inline(reason)}). ${wayOn(one)}`
    return [
      notify('failed', occurrence(snapshot, one), pullOf(snapshot, slot.key), withOwnersOf(snapshot, [slot.key], text)),
    ]
  })
}

/** Once per content; what was told of it before does not say that a breaker opened since. */
function occurrence({ state }: Snapshot, { slot, reason }: NotTakenBack): string {
  const key = `${slot.key} ${slot.inputs}`
  return reason === 'rollback.breaker' ? `${key} ${breakerOf(state.folded, slot.environment)?.event}` : key
}

function wayOn({ slot: { environment, application }, reason }: NotTakenBack): string {
  // Until then commands are refused.
  if (reason === 'rollback.untrusted')
    return `Somebody who runs Sluice has to look, and ${inline('sluice state repair')}.`
  const back = `To take the last promotion back: ${inline(`/sluice rollback ${environment} --app ${application} --reason "…"`)}`
  return reason === 'rollback.breaker'
    ? `${back}; automation goes on after ${inline(`/sluice resume ${environment}`)}.`
    : back
}

function quarantines(snapshot: Snapshot): readonly Effect[] {
  return snapshot.state.folded.directives.flatMap((one) => {
    if (one.kind !== 'quarantine' || one.by !== 0) return []
    const { environment } = partsOfSlot(one.slot)
    const record = snapshot.records.find((record) => record.slot === one.slot && record.release.id === one.release)
    if (record === undefined) return []
    const when = snapshot.config.checked.environments.get(environment)?.rollback.when
    const next =
      when === 'unhealthy'
        ? 'Sluice takes the promotion back.'
        : `Sluice proposes to take it back; ${inline('/sluice merge')} on that pull request does it.`
    const text = `This release is quarantined in ${inline(environment)}: ${quotedText(one.why)}. ${next} It does not come back by itself; it is out of quarantine when a later release without it is healthy here, or when somebody says ${inline(`/sluice unquarantine ${environment} ${one.release.slice(0, 12)}`)}.`
    return [notify('quarantine', one.event, record.pull, withOwnersOf(snapshot, [one.slot], text))]
  })
}

/** One for each commit, however many slots it changed; where it was pushed, on what was promoted there last. */
function ungated(snapshot: Snapshot): readonly Effect[] {
  const byCommit = Map.groupBy(ofKind(snapshot.state.folded.directives, 'ungated'), ({ commit }) => commit)
  return [...byCommit].flatMap(([commit, all]) => {
    const [first] = all
    if (first === undefined) return []
    const slots = all.map(({ slot }) => slot)
    const text = `${listed(slots.map((slot) => inline(slot)))} changed around the gates in ${inline(commit)}: ${quotedText(first.why)}. Their automation waits for ${inline(`/sluice accept ${commit.slice(0, 12)}`)}.`
    const pull = first.pull ?? pullBefore(snapshot, slots, first.at)
    return [notify('ungated', commit, pull, withOwnersOf(snapshot, slots, text))]
  })
}

/** For the log and the alert; who fails under it is told on each one's own promotion, among the failures. */
const breakers = ({ state }: Snapshot): readonly Effect[] =>
  ofKind(state.folded.directives, 'breaker').map(({ event, environment, why }) =>
    notify(
      'breaker',
      event,
      null,
      `The breaker of ${environment} is open: ${why}. Nothing is promoted or taken back by itself there until /sluice resume ${environment}.`,
    ),
  )

/** What somebody ordered and nobody would do in silence. */
const lapsed = ({ state, lapsed: events }: Snapshot): readonly Effect[] =>
  [
    ...new Map(state.folded.directives.filter((one) => events.has(one.event)).map((one) => [one.event, one])).values(),
  ].map((one) =>
    notify(
      'lapsed',
      one.event,
      one.kind === 'merge' ? one.pull : null,
      `What ${inline(one.byLogin)} ordered (${inline(one.event)}) is not done by itself any more: they no longer have the right to order it. Somebody who has may say it again.`,
    ),
  )

/** Of a release that failed upstream since, or left it before it had soaked: what comes after it is not kept waiting. */
const hopeless = (snapshot: Snapshot): readonly Effect[] =>
  hopelessOrders(snapshot).map((one) =>
    notify(
      'lapsed',
      `${one.event} hopeless`,
      null,
      `What ${inline(one.byLogin)} ordered for ${inline(one.slot)} (${inline(short(one.release))}) cannot pass any more: it failed upstream since, or left it before it had soaked. Releases after it are no longer kept waiting.`,
    ),
  )

const untrusted = (snapshot: Snapshot): readonly Effect[] =>
  snapshot.state.trusted === true
    ? []
    : [
        notify(
          'untrusted',
          snapshot.state.head ?? 'missing',
          newestPull(snapshot),
          withAllOwners(snapshot, snapshot.state.trusted.untrusted),
        ),
      ]

/** One for each change of the folder that leaves it broken, where it was merged. */
function broken(snapshot: Snapshot): readonly Effect[] {
  const { config, brokenBy } = snapshot
  if (config.broken === null) return []
  const now = config.neverParsed
    ? 'never parsed; nothing is governed, and no pull request passes until they do'
    : 'do not parse; promotions wait'
  const text = `The manifests of the default branch ${now}.\n\n${fenced('', cutAt(config.broken, longestDiagnostics))}`
  return [
    notify(
      'config',
      brokenBy?.commit ?? digestOf(config.broken),
      brokenBy?.pull ?? null,
      withAllOwners(snapshot, text),
    ),
  ]
}

const longestDiagnostics = 20_000

function rewritten(snapshot: Snapshot): readonly Effect[] {
  const { audit } = snapshot
  if (!audit.rewritten) return []
  const text = `The default branch no longer holds ${audit.upTo}, which was audited before, on its line of first parents: it was rewritten, or that was merged into something else. Nothing is promoted or taken back until somebody has looked and run \`sluice state repair\`.`
  return [notify('rewritten', audit.upTo, newestPull(snapshot), withAllOwners(snapshot, text))]
}

/** The newest promotion or rollback of a slot. */
const pullOf = ({ records }: Snapshot, slot: SlotKey): number | null =>
  records.find((one) => one.slot === slot)?.pull || null
