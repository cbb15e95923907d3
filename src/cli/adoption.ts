import type { CheckedConfig, Environment, Promotes } from '../config/checked-config.ts'
import { slotKey } from '../domain/ids.ts'
import { changedParts, type OverlayProblem, partsOf, type Release } from '../domain/release.ts'
import { unreadWords } from '../promotion/unread-words.ts'
import type { SlotFacts } from './slot-facts.ts'

/** One application in one environment, beside one environment that it promotes from. */
export interface AdoptionRow {
  readonly application: string
  readonly environment: string
  /** Null in a first environment. */
  readonly upstream: string | null
  readonly is:
    | 'first'
    | 'same'
    | 'behind'
    | 'ahead'
    | 'diverged'
    | 'absent'
    | 'unpinned'
    | 'unrenderable'
    | 'unsupported-layout'
    | 'misnamed'
  readonly detail: string
  /** What a promotion from upstream would set here now. */
  readonly travels: readonly { readonly part: string; readonly from: string | null; readonly to: string }[]
}

export function adoptionOf(
  config: CheckedConfig,
  slots: readonly SlotFacts[],
  promotesOf: (application: string) => Promotes,
): readonly AdoptionRow[] {
  const bySlot = new Map(slots.map((slot) => [slot.key, slot]))
  const applications = [...new Set(slots.map((slot) => slot.application))].toSorted()
  return applications.flatMap((application) =>
    [...config.environments.values()].flatMap((environment) => {
      const at = (name: string) => bySlot.get(slotKey(application, name))
      return rowsOf(environment, application, at, promotesOf(application))
    }),
  )
}

function rowsOf(
  environment: Environment,
  application: string,
  at: (environment: string) => SlotFacts | undefined,
  promotes: Promotes,
): readonly AdoptionRow[] {
  const target = at(environment.name)
  const row = (upstream: string | null, stands: Stands): AdoptionRow => ({
    application,
    environment: environment.name,
    upstream,
    is: stands.is,
    detail: stands.detail ?? '',
    travels: stands.travels ?? [],
  })
  const hurdle = target === undefined ? null : hurdleOf(target)
  if (hurdle !== null) return [row(null, hurdle)]
  if (environment.promotesFrom.length === 0) return target === undefined ? [] : [row(null, firstStands(target))]
  // An application that lives on neither side of the path has no place in it.
  const upstreams = environment.promotesFrom.filter((name) => target !== undefined || at(name) !== undefined)
  return upstreams.map((name) => row(name, stands(target, at(name), promotes)))
}

type Stands = Pick<AdoptionRow, 'is'> & Partial<Pick<AdoptionRow, 'detail' | 'travels'>>

/** What keeps Sluice from reading, rendering or moving a slot, whatever upstream holds. */
function hurdleOf(slot: SlotFacts): Stands | null {
  if (slot.release.is === 'unreadable') return { is: 'unsupported-layout', detail: unreadWords(slot.release) }
  if (slot.rendering !== 'rendered') return { is: 'unrenderable', detail: problemWords(slot.rendering) }
  return slot.release.is === 'unpinned' ? { is: 'unpinned', detail: unreadWords(slot.release) } : null
}

const problemWords = ({ file, line, detail, reason }: OverlayProblem): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${detail} (${reason})`

const firstStands = (slot: SlotFacts): Stands => ({
  is: 'first',
  detail:
    slot.release.is === 'pinned'
      ? `releases enter here; it holds ${partsOf(slot.release.release)
          .map(({ part }) => part)
          .join(', ')}`
      : '',
})

function stands(target: SlotFacts | undefined, upstream: SlotFacts | undefined, promotes: Promotes): Stands {
  if (upstream?.release.is !== 'pinned') return { is: 'absent', detail: 'upstream holds no release that could travel' }
  if (target?.release.is !== 'pinned') return { is: 'absent', detail: 'no overlay is here: a promotion makes none' }
  const [here, there] = [target.release.release, upstream.release.release]
  if (here.id === there.id) return { is: 'same' }
  const travels = travelsBetween(here, there)
  const unmatched = unmatchedParts(here, there)
  if (unmatched.length > 0) return { is: 'diverged', detail: `only on one side: ${unmatched.join(', ')}`, travels }
  if (upstream.before.has(here.id)) return { is: 'behind', travels }
  if (target.before.has(there.id)) return { is: 'ahead', detail: 'upstream holds what was here before', travels }
  const what = promotes.images === 'none' ? 'this content' : 'these digests'
  return { is: 'diverged', detail: `upstream never held ${what}, nor did this environment hold upstream's`, travels }
}

const unmatchedParts = (here: Release, there: Release): readonly string[] => {
  const namesOf = (release: Release) => new Set(partsOf(release).map(({ part }) => part))
  return [...namesOf(here).symmetricDifference(namesOf(there))]
}

function travelsBetween(here: Release, there: Release): AdoptionRow['travels'] {
  const now = new Map(partsOf(here).map(({ part, value }) => [part, value]))
  return changedParts(here, there).map(({ part, value }) => ({
    part,
    from: shown(now.get(part)),
    to: shown(value) ?? value,
  }))
}

/** Ids as people compare them. */
const shown = (value: string | undefined): string | null =>
  value === undefined ? null : value.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]{28,}$/, '$2')
