import type { Sighting } from '../../../domain/health.ts'
import { cut } from '../rules.ts'
import type { Child, ApplicationFacts as Facts, Unwell } from './application-facts.ts'
import { failed, progressing } from './sighting-of.ts'

/** Of how many the words are told, however many are not well. */
const mostTold = 3

export const childrenThatAre = ({ children }: Facts, is: Unwell['is']): readonly Child[] =>
  children.filter(({ sighting }) => sighting.is === is)

/** So many characters leave room for the names of three in what is told of an Application. */
const mostOfEach = 80

export const childrenText =
  (is: Unwell['is']) =>
  (facts: Facts): string => {
    const all = childrenThatAre(facts, is)
    const longest = all.length === 1 ? undefined : mostOfEach
    const texts = all
      .slice(0, mostTold)
      .map(
        ({ object: { kind, namespace, name }, sighting: { reason, detail } }) =>
          `${kind} ${namespace ?? ''}/${name}: ${cut(detail || reason, longest)}`,
      )
    return `${all.length > mostTold ? `${all.length} Applications, among them ` : ''}${texts.join('; ')}`
  }

/** The Applications stand for what fails in them: they are what the promotion may have changed. */
export function failedChildren(facts: Facts, reason: string): Sighting {
  const failing = childrenThatAre(facts, 'failed')
  const sighting = failed({ words: childrenText('failed'), objects: () => blamed(failing) })(facts, reason)
  if (sighting.is !== 'failed') return sighting
  const final = failing.some(({ sighting: child }) => 'final' in child && child.final)
  // Words of one child excuse no other: each was searched for causes where it was judged.
  const { infrastructure: _ofAllWords, ...own } = sighting
  return { ...own, ...infrastructureBehind(failing), final }
}

export function progressingChildren(facts: Facts, reason: string): Sighting {
  const busy = childrenThatAre(facts, 'progressing')
  const sighting = progressing(childrenText('progressing'))(facts, reason)
  const objects = [...(sighting.objects ?? []), ...blamed(busy)]
  return {
    ...infrastructureBehind(busy),
    ...sighting,
    ...(objects.length === 0 ? {} : { objects }),
    ...(busy.some(({ sighting: child }) => 'isCrashing' in child) ? { isCrashing: true } : {}),
  }
}

const blamed = (children: readonly Child[]) => children.filter(({ isToBlame }) => isToBlame).map(({ object }) => object)

/** Where that holds each of them back that would be blamed. */
function infrastructureBehind(children: readonly Child[]): { readonly infrastructure?: string } {
  const causes = children
    .filter(({ isToBlame }) => isToBlame)
    .map(({ sighting }) => ('infrastructure' in sighting ? sighting.infrastructure : undefined))
  const [infrastructure] = causes.every((cause) => cause !== undefined) ? causes : []
  return infrastructure === undefined ? {} : { infrastructure }
}
