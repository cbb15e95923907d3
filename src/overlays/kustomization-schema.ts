import { z } from 'zod'

const anything = z.unknown().optional()
const paths = z.array(z.string()).nullish()

const patch = z.strictObject({
  path: z.string().optional(),
  patch: z.string().optional(),
  target: anything,
  options: anything,
})
const replacement = z.strictObject({ path: z.string().optional(), source: anything, targets: anything })
const generator = z.strictObject({
  name: z.string().optional(),
  namespace: z.string().optional(),
  behavior: z.string().optional(),
  type: z.string().optional(),
  options: anything,
  literals: anything,
  files: paths,
  envs: paths,
  env: z.string().optional(),
})
const image = z.strictObject({
  name: z.string(),
  newName: anything,
  newTag: anything,
  digest: anything,
  tagSuffix: anything,
})

/**
 * Every key that a kustomization may have here, exactly written: kustomize itself matches keys in any case, and what this
 * list does not know could name a file, a host or a program.
 */
export const kustomizationSchema = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.enum(['Kustomization', 'Component']).optional(),
  metadata: anything,
  resources: paths,
  bases: paths,
  components: paths,
  crds: paths,
  configurations: paths,
  patches: z.array(patch).nullish(),
  patchesStrategicMerge: paths,
  patchesJson6902: z.array(patch).nullish(),
  replacements: z.array(replacement).nullish(),
  configMapGenerator: z.array(generator).nullish(),
  secretGenerator: z.array(generator).nullish(),
  images: z.array(image).nullish(),
  generatorOptions: anything,
  replicas: anything,
  namespace: anything,
  namePrefix: anything,
  nameSuffix: anything,
  labels: anything,
  commonLabels: anything,
  commonAnnotations: anything,
  vars: anything,
  buildMetadata: z.array(z.string()).nullish(),
  sortOptions: anything,
})

export type Kustomization = z.infer<typeof kustomizationSchema>

const plugin = 'it makes kustomize run something of the repository, which Sluice never does'
const helm = 'Helm charts are not inflated; render the chart into the repository, or let a HelmRelease name it'

/** Keys that kustomize knows and Sluice refuses, with the reason that the report gives. */
export const refusedKeys: ReadonlyMap<string, { readonly reason: string; readonly why: string }> = new Map([
  ['generators', { reason: 'render.plugin', why: plugin }],
  ['transformers', { reason: 'render.plugin', why: plugin }],
  ['validators', { reason: 'render.plugin', why: plugin }],
  ['openapi', { reason: 'render.unsupported-key', why: 'a schema of its own would change what a patch means' }],
  ['helmCharts', { reason: 'render.helm', why: helm }],
  ['helmGlobals', { reason: 'render.helm', why: helm }],
  ['helmChartInflationGenerator', { reason: 'render.helm', why: helm }],
])
