import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { readFileOr } from './read-file.ts'
import { Secret } from './secret.ts'
import { text, url } from './words.ts'

export type ClusterSettings = {
  readonly name: string
  /** Whether Sluice may ask Flux and Argo CD there to look now, by their own annotations; the one thing that it writes. */
  readonly reconcileRequests: boolean
  /** What Argo CD and Flux of other clusters that apply to it call it, beside its server's address. */
  readonly knownAs: readonly string[]
} & (
  | {
      readonly by: 'token'
      readonly server: string
      /** A file is read again at each use, since Kubernetes replaces projected tokens. */
      readonly token: { readonly value: Secret } | { readonly file: string } | null
      /** PEM. */
      readonly ca: string | null
    }
  | {
      readonly by: 'kubeconfig'
      readonly file: string
      readonly context: string | null
      /** Whether the file may name a program that Sluice runs for a token. */
      readonly allowExecPlugins: boolean
    }
)

const clusterName = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a lower-case name')
const common = { name: clusterName, reconcileRequests: z.boolean().default(false), knownAs: z.array(text).default([]) }
const clusterSchema = z.union([
  z.strictObject({
    ...common,
    server: url,
    token: text.optional(),
    tokenFile: text.optional(),
    ca: text.optional(),
    caFile: text.optional(),
  }),
  z.strictObject({
    ...common,
    kubeconfig: text,
    context: text.optional(),
    allowExecPlugins: z.boolean().default(false),
  }),
])
type ClusterEntry = z.output<typeof clusterSchema>

/** The clusters of the file that `SLUICE_CLUSTERS` names; what is wrong with it joins the problems. */
export function readClusters(file: string | undefined, problems: string[]): readonly ClusterSettings[] {
  if (file === undefined) return []
  const content = readFileOr(file, (why) => problems.push(`SLUICE_CLUSTERS: ${why}`))
  const entries = content === undefined ? [] : parseClusters(content, problems)
  for (const name of repeated(entries.map((entry) => entry.name))) {
    problems.push(`SLUICE_CLUSTERS names the cluster ${name} more than once`)
  }
  for (const name of repeated(entries.flatMap(({ knownAs }) => [...new Set(knownAs)]))) {
    problems.push(`SLUICE_CLUSTERS: more than one cluster is known as ${name}`)
  }
  return entries.map((entry) => clusterOf(entry, problems))
}

function parseClusters(content: string, problems: string[]): readonly ClusterEntry[] {
  const result = z.array(clusterSchema).safeParse(yamlOr(content))
  if (result.success) return result.data
  problems.push(
    ...result.error.issues.map(
      ({ path }) =>
        `SLUICE_CLUSTERS${path.map((step) => `[${String(step)}]`).join('')} must be a list of {name, server, token or tokenFile, ca or caFile, reconcileRequests, knownAs} or {name, kubeconfig, context, allowExecPlugins, reconcileRequests, knownAs}`,
    ),
  )
  return []
}

function yamlOr(content: string): unknown {
  try {
    return parseYaml(content)
  } catch {
    return undefined // not YAML: refused by the schema, as anything else that is no list
  }
}

function clusterOf(entry: ClusterEntry, problems: string[]): ClusterSettings {
  const { name, reconcileRequests, knownAs } = entry
  const named = { name, reconcileRequests, knownAs }
  if ('kubeconfig' in entry) {
    const { kubeconfig: file, context = null, allowExecPlugins } = entry
    return { ...named, by: 'kubeconfig', file, context, allowExecPlugins }
  }
  const { server, token, tokenFile, ca, caFile } = entry
  if (token !== undefined && tokenFile !== undefined) {
    problems.push(`SLUICE_CLUSTERS: ${name} has token and tokenFile, keep one of them`)
  }
  const read = () => caFile && readFileOr(caFile, (why) => problems.push(`SLUICE_CLUSTERS: ${name}: ${why}`))
  const credential = tokenFile !== undefined ? { file: tokenFile } : token && { value: new Secret(token) }
  return { ...named, by: 'token', server, token: credential || null, ca: ca ?? (read() || null) }
}

const repeated = (names: readonly string[]) => new Set(names.filter((name, index) => names.indexOf(name) !== index))
