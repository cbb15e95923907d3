import type { Overview } from '../promotion/report/overview.ts'
import type { PullView } from '../promotion/report/pull-view.ts'
import type { SlotView } from '../promotion/report/slot-view.ts'
import { columns } from './terminal.ts'

const shortId = (id: string): string => id.slice(0, 12)

/** `1.4.2 (3f786850e387)`, or the twelve digits alone where they are its name. */
export const releaseWords = (release: SlotView['release']): string => {
  if (release === null) return 'unreadable'
  const id = shortId(release.id)
  return release.name === id ? id : `${release.name} (${id})`
}

export const healthWords = ({ is, since, reason, detail }: SlotView['health']): string =>
  [is, since === null ? '' : ` since ${since}`, reason === null ? '' : `: ${detail} (${reason})`].join('')

/** For tables; `explain` says the rest. */
export const shortHealth = ({ is, since, reason }: SlotView['health']): string =>
  [is, since === null ? '' : ` since ${since}`, reason === null ? '' : ` (${reason})`].join('')

export const nextWords = ({ next }: SlotView): string =>
  next.reason === null ? next.says : `nothing: ${next.says} (${next.reason})`

export type OverviewHead = Pick<
  Overview,
  'repository' | 'defaultBranch' | 'base' | 'at' | 'state' | 'broken' | 'neverParsed' | 'setAside'
>

export const headLine = ({ repository, defaultBranch, base, at }: OverviewHead): string =>
  `${repository}, ${defaultBranch} at ${shortId(base)}, looked at ${at}`

/** What is wrong with the repository as a whole, before any slot. */
export function warnings({ state, broken, neverParsed, setAside }: OverviewHead): readonly string[] {
  return [
    ...(state.trusted ? [] : [`! the state branch is not trusted: ${state.detail}`]),
    ...(broken === null ? [] : [`! ${neverParsed ? noneParse : olderParse}:\n${broken}`]),
    ...setAside.map(({ what, why }) => `! ${what} is set aside: ${why}`),
  ]
}

const olderParse = 'the newest manifests do not parse; the newest that do are used'
const noneParse = 'the manifests do not parse, and none ever did: nothing is governed, and no pull request passes'

export function pullLines(pull: PullView): readonly string[] {
  const name = pull.number === 0 ? pull.title : `#${pull.number} ${pull.title}`
  const head = `${name}: ${pull.says}${pull.nextCommand === null ? '' : `; next: ${pull.nextCommand}`}`
  return [head, ...pull.changes.flatMap((change) => changeLines(change))]
}

function changeLines({ slot, kind, verdicts }: PullView['changes'][number]): readonly string[] {
  const rows = verdicts.map((verdict) => [
    verdict.is,
    verdict.gate,
    [
      `${verdict.says} (${verdict.reason})`,
      ...(verdict.is === 'pass' || verdict.who.length === 0 ? [] : [`unblocked by ${verdict.who.join(', ')}`]),
      ...(verdict.is === 'pass' || verdict.nextLook === null ? [] : [`looked at again ${verdict.nextLook}`]),
    ].join('; '),
  ])
  return [`  ${slot.replace('*/', 'what decides about ')} (${kind})`, columns(rows, '    ')]
}

export const inForceLines = ({ inForce }: Overview): string =>
  columns(
    inForce.map(({ kind, where, by, why, until }) => [
      kind,
      where,
      `by ${by}`,
      `${why}${until === null ? '' : `, until ${until}`}`,
    ]),
    '  ',
  )

/** A heading with what stands below it; nothing where there is nothing. */
export const section = (title: string, body: string): readonly string[] => (body === '' ? [] : [`${title}\n${body}`])
