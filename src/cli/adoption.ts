import type { CheckedConfig, Environment, Promotes } from '../config/checked-config.ts'
import { slotKey } from '../domain/ids.ts'
import { changedParts, isEmpty, type OverlayProblem, partsOf, type Release } from '../domain/release.ts'
import { imageName } from '../overlays/unmatched-image.ts'
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
    | 'nothing-travels'
    | 'unmatched'
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
      const promotes = promotesOf(application)
      const nowhere = partsNowhere(
        promotes,
        slots.filter((slot) => slot.application === application),
      )
      return rowsOf(environment, application, at, { promotes, nowhere })
    }),
  )
}

function rowsOf(
  environment: Environment,
  application: string,
  at: (environment: string) => SlotFacts | undefined,
  { promotes, nowhere }: { readonly promotes: Promotes; readonly nowhere: readonly string[] },
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
  if (target !== undefined && holdsNothing(target)) return [row(null, nothingTravels(target, nowhere))]
  if (environment.promotesFrom.length === 0)
    return target === undefined ? [] : [row(null, firstStands(target, nowhere))]
  // An application that lives on neither side of the path has no place in it.
  const upstreams = environment.promotesFrom.filter((name) => target !== undefined || at(name) !== undefined)
  return upstreams.map((name) => row(name, stands(target, at(name), promotes)))
}

type Stands = Pick<AdoptionRow, 'is'> & Partial<Pick<AdoptionRow, 'detail' | 'travels'>>

/** What keeps Sluice from reading, rendering or moving a slot, whatever upstream holds. */
function hurdleOf(slot: SlotFacts): Stands | null {
  if (slot.release.is === 'unreadable') return { is: 'unsupported-layout', detail: unreadWords(slot.release) }
  if (slot.rendering !== 'rendered') return { is: 'unrenderable', detail: problemWords(slot.rendering) }
  if (slot.unmatched !== undefined) return { is: 'unmatched', detail: problemWords(slot.unmatched) }
  return slot.release.is === 'unpinned' ? { is: 'unpinned', detail: unreadWords(slot.release) } : null
}

const problemWords = ({ file, line, detail, reason }: OverlayProblem): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${detail} (${reason})`

const holdsNothing = ({ release }: SlotFacts): boolean => release.is === 'pinned' && isEmpty(release.release)

/** Two releases of nothing are equal, and a promotion between them never comes: that is no state to wait in. */
const nothingTravels = ({ overlay, images }: SlotFacts, nowhere: readonly string[]): Stands => ({
  is: 'nothing-travels',
  detail: [
    images.length === 0 ? `${overlay} renders no image` : `${overlay} renders ${fewOf(images)} and names none of them`,
    ...(nowhere.length === 0 ? [] : [nowhereWords(nowhere)]),
    'give each image an entry with its digest in `images` of its kustomization, or promote `trees`, `files` or `fields` that are there',
  ].join('; '),
})

const fewOf = (words: readonly string[]): string =>
  words.length <= 5 ? words.join(', ') : `${words.slice(0, 5).join(', ')} and ${words.length - 5} more`

const nowhereWords = (parts: readonly string[]): string => `promoted, and in no environment: ${fewOf(parts)}`

/** What is promoted beside `images: all` and no environment of the application holds: mistyped, or in another file. */
function partsNowhere(promotes: Promotes, slots: readonly SlotFacts[]): readonly string[] {
  const releases = slots.flatMap(({ release }) => (release.is === 'pinned' ? release.release : []))
  const held = new Set(releases.flatMap((release) => partsOf(release).map(({ part }) => part)))
  const named = [
    ...(typeof promotes.images === 'string' ? [] : promotes.images.map((name) => `image ${name}`)),
    ...promotes.trees.map((name) => `tree ${name}`),
    ...promotes.files.map((name) => `file ${name}`),
    ...promotes.fields.map(({ file, path }) => `field ${file}#${path}`),
  ]
  return releases.length === 0 ? [] : named.filter((part) => !held.has(part))
}

const firstStands = ({ release }: SlotFacts, nowhere: readonly string[]): Stands => ({
  is: 'first',
  detail:
    release.is === 'pinned'
      ? [
          `releases enter here; it holds ${partsOf(release.release)
            .map(({ part }) => part)
            .join(', ')}`,
          ...(nowhere.length === 0 ? [] : [nowhereWords(nowhere)]),
        ].join('; ')
      : '',
})

function stands(target: SlotFacts | undefined, upstream: SlotFacts | undefined, promotes: Promotes): Stands {
  if (upstream?.release.is !== 'pinned') return { is: 'absent', detail: 'upstream holds no release that could travel' }
  if (target?.release.is !== 'pinned') return { is: 'absent', detail: 'no overlay is here: a promotion makes none' }
  const [here, there] = [target.release.release, upstream.release.release]
  if (here.id === there.id) return { is: 'same' }
  const travels = travelsBetween(here, there)
  const placeless = placelessImages(target, here, there, promotes)
  if (placeless.length > 0) return { is: 'unmatched', detail: placelessWords(placeless, there), travels }
  const unmatched = unmatchedParts(here, there)
  if (unmatched.length > 0) return { is: 'diverged', detail: `only on one side: ${unmatched.join(', ')}`, travels }
  if (upstream.before.has(here.id)) return { is: 'behind', travels }
  if (target.before.has(there.id)) return { is: 'ahead', detail: 'upstream holds what was here before', travels }
  const what = promotes.images === 'none' ? 'this content' : 'these digests'
  return { is: 'diverged', detail: `upstream never held ${what}, nor did this environment hold upstream's`, travels }
}

/**
 * Images of upstream that nothing here renders, where no promoted tree, file or field could bring what runs them: nothing at all is
 * promoted then, rather than a part of a release.
 */
function placelessImages(target: SlotFacts, here: Release, there: Release, promotes: Promotes): readonly string[] {
  if (promotes.trees.length + promotes.files.length + promotes.fields.length > 0) return []
  const rendered = new Set(target.images.map(imageName))
  return Object.keys(there.parts.images).filter((name) => here.parts.images[name] === undefined && !rendered.has(name))
}

function placelessWords(placeless: readonly string[], there: Release): string {
  const rest = Object.keys(there.parts.images).filter((name) => !placeless.includes(name))
  const way = `name what travels in the Application, promotes: { images: [${rest.join(', ')}] }, or bring their containers here`
  return `nothing here renders ${fewOf(placeless)}, so no release of upstream can come: ${way} (release.image-unmatched)`
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
