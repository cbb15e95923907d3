import type { z } from 'zod'
import type { SluiceFiles } from '../gates/gate.ts'
import type { Diagnostic, Problem } from './diagnostic.ts'
import { type ManifestDocument, mostProblems, placeProblem } from './manifest-document.ts'
import { nearest } from './nearest.ts'
import { problemsOfIssues } from './problems-of-issues.ts'
import { type ApplicationManifest, applicationManifest } from './schema/application.ts'
import { type EnvironmentManifest, environmentManifest } from './schema/environment.ts'
import { supportedApiVersion } from './schema/manifest-header.ts'
import { type RepositoryManifest, repositoryManifest } from './schema/repository.ts'

/** A document whose shape was checked. */
export interface Manifest<Checked> {
  readonly document: ManifestDocument
  readonly checked: Checked
}

/** All manifests of one commit: those with a sound shape, and the names of all, so that one broken does not break others. */
export interface Manifests {
  readonly environments: readonly Manifest<EnvironmentManifest>[]
  readonly applications: readonly Manifest<ApplicationManifest>[]
  readonly repositories: readonly Manifest<RepositoryManifest>[]
  readonly environmentNames: readonly string[]
}

export const manifestSchemas = (files: SluiceFiles) => ({
  Application: applicationManifest(files),
  Environment: environmentManifest(files),
  Repository: repositoryManifest(),
})

const kinds = ['Application', 'Environment', 'Repository'] as const

/** Checks each document by the schema of its kind. */
export function checkShapes(
  documents: readonly ManifestDocument[],
  files: SluiceFiles,
): { readonly manifests: Manifests; readonly diagnostics: readonly Diagnostic[] } {
  const schemas = manifestSchemas(files)
  const diagnostics: Diagnostic[] = []
  const report = (document: ManifestDocument, problems: readonly Problem[]) => {
    if (diagnostics.length < mostProblems)
      diagnostics.push(...problems.slice(0, mostProblems).map((problem) => placeProblem(document, problem)))
  }
  const known = documents.filter((document) => {
    const problem = headerProblem(document)
    if (problem !== undefined) report(document, [problem])
    return problem === undefined
  })
  const of = <Checked>(kind: (typeof kinds)[number], schema: z.ZodType<Checked>): readonly Manifest<Checked>[] =>
    known
      .filter(({ value }) => value.kind === kind)
      .flatMap((document) => {
        const parsed = schema.safeParse(document.value)
        if (parsed.success) return [{ document, checked: parsed.data }]
        report(document, problemsOfIssues(parsed.error.issues.slice(0, mostProblems), document.value))
        return []
      })
  const manifests = {
    environments: of('Environment', schemas.Environment),
    applications: of('Application', schemas.Application),
    repositories: of('Repository', schemas.Repository),
    environmentNames: known.filter(({ value }) => value.kind === 'Environment').flatMap(nameOf),
  }
  return { manifests, diagnostics }
}

function headerProblem({ value }: ManifestDocument): Problem | undefined {
  return (
    unlessOneOf(value.apiVersion, 'apiVersion', [supportedApiVersion], 'config.unknown-api-version') ??
    unlessOneOf(value.kind, 'kind', kinds, 'config.unknown-kind')
  )
}

function unlessOneOf(
  found: unknown,
  key: string,
  allowed: readonly string[],
  code: Problem['code'],
): Problem | undefined {
  if (allowed.some((one) => one === found)) return undefined
  const near = typeof found === 'string' ? nearest(found, allowed) : undefined
  const message =
    found === undefined ? `The key \`${key}\` is missing` : `\`${String(found).slice(0, 80)}\` stands here`
  const words = { allowed: allowed.join(', '), ...(near === undefined ? {} : { nearest: near }) }
  return { code: found === undefined ? 'config.missing-key' : code, path: [key], on: 'value', message, ...words }
}

function nameOf({ value }: ManifestDocument): readonly string[] {
  const metadata = value.metadata
  if (typeof metadata !== 'object' || metadata === null) return []
  const name: unknown = Reflect.get(metadata, 'name')
  return typeof name === 'string' ? [name] : []
}
