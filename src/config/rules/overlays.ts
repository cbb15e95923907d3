import { overlayShape } from '../overlay-paths.ts'
import { namePattern } from '../schema/fields.ts'
import type { Rule } from './rule.ts'

const placeholder = '{application}'

/** `{application}` stands at most once: one folder name is one application. */
export const onePlaceholder: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.overlay.split(placeholder).length > 2)
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'overlay'], on: 'value' } as const),
      message: `${placeholder} may stand in an overlay once`,
    }))

/** Either the placeholder finds the applications, or `applications` names them. */
export const applicationsAreNamedOnce: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.overlay.includes(placeholder) && checked.spec.applications !== undefined)
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'applications'], on: 'key' } as const),
      message: `The applications are those that ${placeholder} finds in \`overlay\`; \`applications\` is for an overlay without it`,
    }))

/** No folder is the overlay of two environments: a change of it would be two changes. */
export const overlaysDiffer: Rule = ({ environments }) => {
  const overlays = environments.map(({ document, checked: { metadata, spec } }) => {
    return { document, name: metadata.name, overlay: spec.overlay, shape: overlayShape(spec.overlay) }
  })
  const shapes = overlays.filter(({ shape }) => shape !== undefined)
  const firstWith = Map.groupBy(overlays, ({ overlay }) => overlay)
  // A name holds no braces, so an overlay with a placeholder lies in no other's shape: only those without are compared.
  const shapeOf = (folder: string) => shapes.find(({ shape }) => shape?.nameIn(folder) !== undefined)
  return overlays.flatMap((one) => {
    const first = firstWith.get(one.overlay)?.[0]
    const other = first !== one ? first : one.shape === undefined ? shapeOf(one.overlay) : undefined
    // One that is described twice is told as that.
    if (other === undefined || other.name === one.name) return []
    const message = `This can be the same folder as \`${other.overlay}\` of environment \`${other.name}\``
    return [{ document: one.document, code: 'config.contradiction', path: ['spec', 'overlay'], on: 'value', message }]
  })
}

/** A shared overlay whose environment names no applications holds one, named after the repository. */
export const sharedOverlaysName =
  (repositoryName: string | undefined): Rule =>
  ({ environments }) =>
    repositoryName !== undefined && namePattern.test(repositoryName)
      ? []
      : environments
          .filter(
            ({ checked }) => !checked.spec.overlay.includes(placeholder) && checked.spec.applications === undefined,
          )
          .map(({ document }) => ({
            ...({ document, code: 'config.missing-key', path: ['spec', 'overlay'], on: 'key' } as const),
            message: `An overlay without ${placeholder} needs \`applications\`: the names of who lives in it`,
          }))
