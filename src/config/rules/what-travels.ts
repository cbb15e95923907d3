import type { Rule } from './rule.ts'

/** An application of which nothing travels has no releases: every promotion of it would be believed and never come. */
export const somethingTravels: Rule = ({ applications }) =>
  applications
    .filter(({ checked: { spec } }) => {
      const { images, trees, files, fields } = spec.promotes
      return images === 'none' && trees.length + files.length + fields.length === 0
    })
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'promotes', 'images'], on: 'value' } as const),
      message: 'Without images nothing travels here: name `trees`, `files` or `fields`, or take `images: none` out',
    }))

/** New names travel beside digests. */
export const renamesNeedImages: Rule = ({ applications }) =>
  applications
    .filter(({ checked: { spec } }) => spec.promotes.renames === 'travel' && spec.promotes.images === 'none')
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'promotes', 'renames'], on: 'key' } as const),
      message: '`renames` is about images, and `images: none` says that none travels: take one of the two out',
    }))
