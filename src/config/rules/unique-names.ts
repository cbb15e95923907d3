import { type ManifestDocument, placeProblem } from '../manifest-document.ts'
import type { Manifest } from '../manifests.ts'
import type { Rule, RuleProblem } from './rule.ts'

/** Every environment and every application rule has a name of its own, and there is at most one Repository. */
export const uniqueNames: Rule = ({ environments, applications, repositories }) => [
  ...repeated(environments, 'Environment', (one) => one.metadata.name),
  ...repeated(applications, 'Application', (one) => one.metadata.name),
  ...repositories.slice(1).map(({ document }) => ({
    ...({ document, code: 'config.duplicate', path: ['kind'], on: 'value' } as const),
    message: `There is a Repository already, in ${repositories[0]?.document.file}`,
  })),
]

function repeated<Checked>(
  manifests: readonly Manifest<Checked>[],
  kind: string,
  nameOf: (checked: Checked) => string,
): readonly RuleProblem[] {
  const first = new Map<string, ManifestDocument>()
  return manifests.flatMap(({ document, checked }) => {
    const name = nameOf(checked)
    const earlier = first.get(name)
    if (earlier === undefined) first.set(name, document)
    if (earlier === undefined) return []
    const message = `${kind} \`${name}\` is described already, at ${placeOfName(earlier)}`
    return [{ document, ...atName, message }]
  })
}

const atName = { code: 'config.duplicate', path: ['metadata', 'name'], on: 'value' } as const

function placeOfName(document: ManifestDocument): string {
  const { file, line } = placeProblem(document, { ...atName, message: '' })
  return `${file}:${line}`
}
