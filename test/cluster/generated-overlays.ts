import fc from 'fast-check'
import { stringify as written } from 'yaml'

export interface GeneratedOverlay {
  /** Below a folder of its own, so that every consumer can have its own copy. */
  readonly files: Readonly<Record<string, string>>
  /** From that folder. */
  readonly path: string
}

/** What YAML 1.1 reads otherwise is quoted, as people learn to. */
const stringify = (value: object): string => written(value, { version: '1.1' })

const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`)
const name = fc.stringMatching(/^[a-z]{1,6}$/)
/** Words that YAML 1.1, YAML 1.2 and JSON do not read alike (T23), and what must survive quoting. */
const tricky = fc.constantFrom(
  ...['yes', 'no', 'on', '0777', '1e3', '1_000', '0x1F', '1:30', 'null', '~', '', ' padded ', '2001-01-01', '.inf'],
  ...['true', '=', '<<', 'two\nlines\n', "it's", '"quoted"', '# no comment', 'a: b', '{a}', '$(HOME)', 'ünïcødé', '\t'],
)
const words = fc.dictionary(name, tricky, { minKeys: 1, maxKeys: 4, noNullPrototype: true })
const labels = fc.dictionary(name, fc.constantFrom('a', 'yes', '0777', '1.10', 'x-y_z'), {
  ...{ minKeys: 1, maxKeys: 2, noNullPrototype: true },
})
/** One time in two: of too many wishes at once kustomize refuses the whole. */
const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 1 })

/** Everything that people write into overlays, in every combination, over one base of a few kinds. */
export const generatedOverlay = (namespace: string): fc.Arbitrary<GeneratedOverlay> =>
  fc
    .record({
      shape: fc.constantFrom('plain', ...froms),
      data: words,
      wishes: fc.record({
        namePrefix: sometimes(fc.constantFrom('pre-', 'p')),
        nameSuffix: sometimes(fc.constantFrom('-suf', 's')),
        commonLabels: sometimes(labels),
        labels: sometimes(
          fc
            .record({ pairs: labels, includeSelectors: fc.boolean(), includeTemplates: fc.boolean() })
            .map((one) => [one]),
        ),
        commonAnnotations: sometimes(words),
        images: sometimes(
          fc
            .oneof(
              fc.record({ name: fc.constant('acme/app'), digest }),
              fc.record({ name: fc.constant('acme/app'), newName: fc.constant('mirror:5000/acme/app'), digest }),
              fc.record({ name: fc.constant('acme/app'), newTag: fc.constantFrom('1.10', 'v2', '0777') }),
            )
            .map((one) => [one]),
        ),
        configMapGenerator: sometimes(
          fc
            .record({ literals: words, behaviour: fc.constantFrom('create', 'merge', 'replace') })
            .map(({ literals, behaviour }) => [
              {
                name: behaviour === 'create' ? 'made' : 'generated',
                ...(behaviour === 'create' ? {} : { behavior: behaviour }),
                literals: Object.entries(literals).map(([key, value]) => `${key}=${value}`),
                files: ['hidden.env', 'renamed=patch.yaml'],
              },
            ]),
        ),
        secretGenerator: sometimes(fc.constant([{ name: 'hidden', envs: ['hidden.env'] }])),
        generatorOptions: sometimes(
          fc.record({ disableNameSuffixHash: fc.boolean(), labels: labels, immutable: fc.boolean() }),
        ),
        patchesStrategicMerge: sometimes(fc.constant(['patch.yaml'])),
        patchesJson6902: sometimes(
          fc.constant([
            { target: { group: 'apps', version: 'v1', kind: 'Deployment', name: 'app' }, path: 'json.yaml' },
          ]),
        ),
        configurations: sometimes(fc.constant(['names.yaml'])),
        buildMetadata: sometimes(fc.constant(['originAnnotations', 'transformerAnnotations'])),
        sortOptions: sometimes(fc.constant({ order: 'fifo' })),
        replicas: sometimes(fc.constant([{ name: 'app', count: 0 }])),
        components: sometimes(fc.constant(['../../components/sidecar'])),
        patches: sometimes(
          fc.subarray(
            [
              { path: 'patch.yaml' },
              { target: { kind: 'Deployment' }, patch: '[{"op":"add","path":"/spec/paused","value":true}]' },
              { patch: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\ndata: { patched: "0777" }\n' },
              { patch: '$patch: delete\napiVersion: v1\nkind: Service\nmetadata: { name: app }\n' },
            ],
            { minLength: 1 },
          ),
        ),
        replacements: sometimes(fc.constantFrom([replacement], [{ path: 'replacement.yaml' }])),
      }),
    })
    .map(({ shape, data, wishes }) => ({
      path: 'overlays/here',
      files:
        shape === 'plain' ? plainFiles(namespace, data) : kustomizedFiles(namespace, data, { from: shape, ...wishes }),
    }))

const replacement = {
  source: { kind: 'ConfigMap', name: 'plain', fieldPath: 'metadata.name' },
  targets: [
    {
      select: { kind: 'Deployment' },
      fieldPaths: ['spec.template.metadata.annotations.reads'],
      options: { create: true },
    },
  ],
}

/** By which key the base comes in. Without `resources` of its own Flux writes something into the overlay's kustomization. */
const froms = ['resources', 'bases', 'components'] as const

function kustomizedFiles(
  namespace: string,
  data: object,
  {
    from,
    components = [],
    buildMetadata,
    ...wishes
  }: {
    readonly from: (typeof froms)[number]
    readonly components?: readonly string[] | undefined
    readonly buildMetadata?: readonly string[] | undefined
  },
): Readonly<Record<string, string>> {
  // Without `resources` Flux writes its own, and Sluice refuses an overlay that has some already (`render.no-resources`).
  const asked = from === 'resources' ? { ...wishes, buildMetadata } : wishes
  const set = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  const bases = {
    resources: { resources: ['../../base', 'more.yaml'], components },
    bases: { bases: ['../../base'], components },
    components: { components: ['../../base', ...components] },
  }
  const kind = from === 'components' ? 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n' : ''
  return {
    'base/kustomization.yaml': `${kind}resources: [all.yaml]\nconfigMapGenerator: [{ name: generated, literals: [mode=0777, on=yes] }]\n`,
    'base/all.yaml': documents([deployment, service, configMap(data)]),
    'components/sidecar/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{ path: sidecar.yaml }]\n',
    'components/sidecar/sidecar.yaml': stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app' },
      spec: { template: { spec: { containers: [{ name: 'sidecar', image: 'acme/sidecar:1' }] } } },
    }),
    'overlays/here/kustomization.yaml': stringify({ namespace, ...bases[from], ...set }),
    // A list is taken apart by whoever reads it.
    'overlays/here/more.yaml': stringify({ apiVersion: 'v1', kind: 'List', items: [serviceAccount] }),
    'overlays/here/hidden.env': 'token=0777\nother=yes\n',
    'overlays/here/json.yaml': '- { op: add, path: /spec/template/spec/containers/0/args, value: ["0777", "on"] }\n',
    'overlays/here/names.yaml':
      'nameReference: [{ kind: ConfigMap, version: v1, fieldSpecs: [{ kind: Deployment, path: metadata/annotations/reads }] }]\n',
    'overlays/here/replacement.yaml': stringify(replacement),
    'overlays/here/patch.yaml': stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', annotations: { patched: 'yes' } },
      spec: { template: { spec: { containers: [{ name: 'app', env: [{ name: 'MODE', value: '0777' }] }] } } },
    }),
  }
}

/** Without a kustomization; what Flux makes up for it, folder in folder. */
const plainFiles = (namespace: string, data: object): Readonly<Record<string, string>> => ({
  'overlays/here/all.yaml': documents([deployment, configMap(data)].map((one) => placed(one, namespace))),
  'overlays/here/deeper/service.yml': documents([placed(service, namespace)]),
  'overlays/here/deeper/notes.txt': 'no: manifest\n',
  'overlays/here/own/kustomization.yaml': `namespace: ${namespace}\nresources: [account.yaml]\n`,
  'overlays/here/own/account.yaml': documents([serviceAccount]),
  'overlays/here/own/unused.yaml': documents([{ ...serviceAccount, metadata: { name: 'unused' } }]),
})

const placed = <T extends { readonly metadata: object }>(object: T, namespace: string) => ({
  ...object,
  metadata: { ...object.metadata, namespace },
})

const documents = (objects: readonly object[]): string => objects.map((object) => stringify(object)).join('---\n')

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', annotations: { reads: 'generated' } },
  // Nothing runs: what is applied is compared, not how it fares.
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' } },
      spec: {
        serviceAccountName: 'runner',
        initContainers: [{ name: 'migrate', image: 'acme/app' }],
        containers: [{ name: 'app', image: 'acme/app', envFrom: [{ configMapRef: { name: 'generated' } }] }],
      },
    },
  },
}
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'app' },
  spec: { selector: { app: 'app' }, ports: [{ port: 80 }] },
}
const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } }
const configMap = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'plain' }, data })
