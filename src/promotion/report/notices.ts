import { applicationSettings } from '../../config/application-settings.ts'
import { ofKind } from '../../domain/directive.ts'
import { digestOf } from '../../domain/hash.ts'
import { partsOfSlot, type SlotKey } from '../../domain/ids.ts'
import { listed } from '../../gates/say.ts'
import { type Effect, urgency } from '../effects.ts'
import { type NotTakenBack, whyNotTakenBack } from '../plan/not-taken-back.ts'
import type { Snapshot } from '../snapshot.ts'
import { inline, quotedText } from './markdown.ts'

/** What needs a person: each is told once, on the pull request that it concerns where there is one. */
export function notices(snapshot: Snapshot, notTakenBack: readonly NotTakenBack[]): readonly Effect[] {
  return [
    ...failures(snapshot, notTakenBack),
    ...quarantines(snapshot),
    ...ungated(snapshot),
    ...breakers(snapshot),
    ...lapsed(snapshot),
    ...untrusted(snapshot),
    ...broken(snapshot),
  ]
}

const notify = (key: string, pull: number | null, text: string): Effect => ({
  kind: 'notify',
  urgency: urgency.tell,
  key,
  pull,
  text,
})

function failures(snapshot: Snapshot, notTakenBack: readonly NotTakenBack[]): readonly Effect[] {
  return notTakenBack.flatMap((one) => {
    const { slot, reason } = one
    if (slot.health.is !== 'failed') return []
    const record = snapshot.records.find((one) => one.slot === slot.key)
    const why = whyNotTakenBack(one, quotedText)
    const text = `${inline(slot.key)} is unhealthy: ${quotedText(slot.health.detail)} (${inline(slot.health.reason)}). Sluice takes nothing back by itself, because ${why} (${inline(reason)}). ${wayOn(one)}`
    return [notify(`failed ${slot.key} ${slot.inputs}`, record?.pull ?? null, withOwnersOf(snapshot, [slot.key], text))]
  })
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
    return [notify(`quarantine ${one.event}`, record.pull, withOwnersOf(snapshot, [one.slot], text))]
  })
}

/** One for each commit, however many slots it changed. */
function ungated(snapshot: Snapshot): readonly Effect[] {
  const byCommit = Map.groupBy(ofKind(snapshot.state.folded.directives, 'ungated'), ({ commit }) => commit)
  return [...byCommit].map(([commit, all]) => {
    const slots = all.map(({ slot }) => slot)
    const [{ pull, why } = { pull: null, why: '' }] = all
    const text = `${listed(slots.map((slot) => inline(slot)))} changed around the gates in ${inline(commit)}: ${quotedText(why)}. Their automation waits for ${inline(`/sluice accept ${commit.slice(0, 12)}`)}.`
    return notify(`ungated ${commit}`, pull, withOwnersOf(snapshot, slots, text))
  })
}

const breakers = (snapshot: Snapshot): readonly Effect[] =>
  snapshot.state.folded.directives.flatMap((one) =>
    one.kind === 'breaker'
      ? [
          notify(
            `breaker ${one.event}`,
            null,
            `The breaker of ${one.environment} is open: ${one.why}. Nothing is promoted or taken back by itself there until /sluice resume ${one.environment}.`,
          ),
        ]
      : [],
  )

/** What somebody ordered and nobody would do in silence. */
const lapsed = ({ state, lapsed: events }: Snapshot): readonly Effect[] =>
  [
    ...new Map(state.folded.directives.filter((one) => events.has(one.event)).map((one) => [one.event, one])).values(),
  ].map((one) =>
    notify(
      `lapsed ${one.event}`,
      one.kind === 'merge' ? one.pull : null,
      `What ${inline(one.byLogin)} ordered (${inline(one.event)}) is not done by itself any more: they no longer have the right to order it. Somebody who has may say it again.`,
    ),
  )

const untrusted = ({ state }: Snapshot): readonly Effect[] =>
  state.trusted === true ? [] : [notify(`untrusted ${state.head ?? 'missing'}`, null, state.trusted.untrusted)]

function broken({ config, audit }: Snapshot): readonly Effect[] {
  const manifests =
    config.broken === null
      ? []
      : [
          notify(
            `config ${digestOf(config.broken)}`,
            null,
            `The manifests of the default branch ${config.neverParsed ? 'never parsed; nothing is governed, and no pull request passes until they do' : 'do not parse; promotions wait'}.\n${config.broken}`,
          ),
        ]
  if (!audit.rewritten) return manifests
  const text = `The default branch no longer holds ${audit.upTo}, which was audited before, on its line of first parents: it was rewritten, or that was merged into something else. Nothing is promoted or taken back until somebody has looked and run \`sluice state repair\`.`
  return [...manifests, notify(`rewritten ${audit.upTo}`, null, text)]
}

/** The one place where Sluice mentions anybody on purpose: the owners of what is in trouble. */
function withOwnersOf(snapshot: Snapshot, slots: readonly SlotKey[], text: string): string {
  const applications = new Set(slots.flatMap((slot) => applicationsIn(snapshot, slot)))
  const owners = [...applications].flatMap((name) => applicationSettings(snapshot.config.checked, name).owners)
  const called = [...new Set(owners)].slice(0, mostCalled)
  return called.length === 0 ? text : `${called.map((owner) => `@${owner}`).join(' ')} ${text}`
}

/** What changes a base or a guard path concerns hundreds; some of them know the others. */
const mostCalled = 10

/** `*` speaks of every application of its environment. */
function applicationsIn({ slots }: Snapshot, slot: SlotKey): readonly string[] {
  const { application, environment } = partsOfSlot(slot)
  if (application !== '*') return [application]
  return [...slots.values()].flatMap((one) => (one.environment === environment ? [one.application] : []))
}
