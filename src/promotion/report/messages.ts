import { partsOfSlot, short } from '../../domain/ids.ts'
import type { Release } from '../../domain/release.ts'
import type { EffectOf } from '../effects.ts'
import { writeTrailers } from '../trailers.ts'
import { inline } from './markdown.ts'

/** A release as people name it: its tags where it has any, else twelve digits. */
export const releaseName = (release: Release): string => release.alias ?? short(release.id)

export function openingTitle({ slot, trailers, brings }: EffectOf<'open-pull'>): string {
  const { application, environment } = partsOfSlot(slot)
  if (trailers.kind === 'promotion') return plain(`Promote ${application} to ${environment}: ${releaseName(brings)}`)
  return plain(`Roll back ${application} in ${environment} to ${releaseName(brings)}`)
}

/**
 * Titles hold text of others (tags): one line, bounded, without characters that hide. Cut between characters, with no blanks at
 * the ends: what the forge would write otherwise than we sealed it would no longer be ours.
 */
const plain = (text: string): string => {
  const visible = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]+/gu, ' ')
  return [...visible].slice(0, 200).join('').trim()
}

export const openingMessage = (effect: EffectOf<'open-pull'>): string =>
  `${openingTitle(effect)}\n\n${writeTrailers(effect.trailers)}`

/** The body that a pull request opens with; the report takes its place once the gates were judged. */
export function openingBody({ slot, trailers, brings, over }: EffectOf<'open-pull'>): string {
  const { application, environment } = partsOfSlot(slot)
  const from = over === null ? 'what is there' : inline(releaseName(over))
  const verb = trailers.kind === 'promotion' ? 'Brings' : 'Takes'
  return `${verb} ${inline(application)} in ${inline(environment)} from ${from} to ${inline(releaseName(brings))}. Its gates are being judged.`
}

export const mergeTitle = ({ pull, title }: EffectOf<'merge-pull'>): string => `${plain(title)} (#${pull})`.trim()
