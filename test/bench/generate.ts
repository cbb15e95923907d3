import { createHash } from 'node:crypto'

/** The path of every generated application; each holds one overlay of it. */
export const path = ['dev', 'staging', 'production'] as const
export type PathEnvironment = (typeof path)[number]

/** How many objects the overlay of `big` renders. */
export const bigObjects = 200

export interface RepositoryFacts {
  readonly applications: number
  /** Whether production takes from staging; where not, a train ends in staging. */
  readonly promotesToProduction: boolean
  /** `127.0.0.1:PORT`. */
  readonly registry: string
  /** PEM. */
  readonly publicKey: string
  /** Of the image that `watched` runs in the beginning: it exists in the registry. */
  readonly watchedDigest: string
  /** Of the image that `big` runs in the beginning. */
  readonly bigDigest: string
}

/**
 * A config repository of so many applications on the path dev → staging → production, without delivery, so that no cluster
 * stands in for what is measured. Beside them `watched`, which a cluster delivers (watched-first → watched-last), and `big`,
 * whose one overlay renders 200 objects behind a signature.
 */
export function generateRepository(facts: RepositoryFacts): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    '.sluice/keys/build.pub': facts.publicKey,
    '.sluice/path.yaml': pathManifests(facts),
    '.sluice/special.yaml': specialManifests(facts),
    ...watchedFiles(facts),
    ...bigFiles(facts),
  }
  for (const name of applicationNames(facts.applications)) {
    files[`apps/${name}/base/kustomization.yaml`] = 'resources:\n  - deployment.yaml\n  - service.yaml\n'
    files[`apps/${name}/base/deployment.yaml`] = deployment(name, imageName(name))
    files[`apps/${name}/base/service.yaml`] = service(name)
    for (const environment of path) files[overlayFile(name, environment)] = overlay(name, environment, '1.0.0')
  }
  return files
}

export const applicationNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => applicationName(index))

export const applicationName = (index: number): string => `app-${String(index + 1).padStart(4, '0')}`

export const overlayFile = (application: string, environment: PathEnvironment): string =>
  `apps/${application}/overlays/${environment}/kustomization.yaml`

/** The same name gives the same digest; nobody ever pulls it. */
const digestFor = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const imageName = (application: string): string => `registry.example/acme/${application}`

export const overlay = (application: string, environment: PathEnvironment, version: string): string =>
  overlayOf({
    namespace: environment,
    image: imageName(application),
    tag: version,
    digest: digestFor(`${application} ${version}`),
    resource: '../../base',
  })

export const watchedFile = (environment: 'first' | 'last'): string =>
  `watched/overlays/${environment}/kustomization.yaml`

export const watchedOverlay = (
  environment: 'first' | 'last',
  registry: string,
  image: { readonly tag: string; readonly digest: string },
): string => overlayOf({ namespace: environment, image: `${registry}/acme/watched`, ...image, resource: '../../base' })

export const bigFile = 'big/overlays/gated/kustomization.yaml'

export const bigOverlay = (registry: string, image: { readonly tag: string; readonly digest: string }): string =>
  overlayOf({ namespace: 'gated', image: `${registry}/acme/big`, ...image, resource: '../../base' })

interface OverlayContent {
  readonly namespace: string
  readonly image: string
  readonly tag: string
  readonly digest: string
  readonly resource: string
}

const overlayOf = ({ namespace, image, tag, digest, resource }: OverlayContent): string => `namespace: ${namespace}
resources:
  - ${resource}

images:
  # Promoted by Sluice.
  - name: ${image}
    newTag: "${tag}"
    digest: ${digest}
`

function watchedFiles({ registry, watchedDigest }: RepositoryFacts): Record<string, string> {
  const image = { tag: '1.0.0', digest: watchedDigest }
  return {
    'watched/base/kustomization.yaml': 'resources:\n  - deployment.yaml\n',
    'watched/base/deployment.yaml': deployment('watched', `${registry}/acme/watched`),
    [watchedFile('first')]: watchedOverlay('first', registry, image),
    [watchedFile('last')]: watchedOverlay('last', registry, image),
  }
}

function bigFiles({ registry, bigDigest }: RepositoryFacts): Record<string, string> {
  const services = Array.from({ length: bigObjects - 1 }, (_, index) => service(`big-${index}`))
  return {
    'big/base/kustomization.yaml': 'resources:\n  - deployment.yaml\n  - services.yaml\n',
    'big/base/deployment.yaml': deployment('big', `${registry}/acme/big`),
    'big/base/services.yaml': services.join('---\n'),
    [bigFile]: bigOverlay(registry, { tag: '1.0.0', digest: bigDigest }),
  }
}

const pathManifests = ({ promotesToProduction }: RepositoryFacts): string => {
  const more: Readonly<Record<PathEnvironment, readonly string[]>> = {
    dev: ['entry: auto'],
    staging: promoted('dev'),
    production: promotesToProduction ? promoted('staging') : [],
  }
  return path
    .map((name) =>
      environmentManifest(name, {
        overlay: `apps/{application}/overlays/${name}`,
        delivery: '{ type: none }',
        more: more[name],
      }),
    )
    .join('---\n')
}

const specialManifests = ({ registry }: RepositoryFacts): string =>
  [
    environmentManifest('watched-first', {
      overlay: 'watched/overlays/first',
      delivery: '{ type: flux, kustomization: flux-system/watched-first, cluster: sandbox }',
      more: ['applications: [watched]', 'entry: auto'],
    }),
    environmentManifest('watched-last', {
      overlay: 'watched/overlays/last',
      delivery: '{ type: flux, kustomization: flux-system/watched-last, cluster: sandbox }',
      more: [
        'applications: [watched]',
        ...promoted('watched-first'),
        'rollback: { when: unhealthy, breaker: { reverts: 100, within: 1m } }',
      ],
    }),
    environmentManifest('gated', {
      overlay: 'big/overlays/gated',
      delivery: '{ type: none }',
      more: [
        'applications: [big]',
        'gates:',
        '  - name: signed by its build',
        '    type: signature',
        `    images: ["${registry}/acme/big*"]`,
        '    key: .sluice/keys/build.pub',
      ],
    }),
  ].join('---\n')

const promoted = (from: string): readonly string[] => [
  `promotesFrom: [${from}]`,
  'merge: auto',
  'inFlight: 1000',
  'gates:',
  '  - { name: soaked, type: upstream, soak: 0s }',
]

const environmentManifest = (
  name: string,
  spec: { readonly overlay: string; readonly delivery: string; readonly more: readonly string[] },
): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${name} }
spec:
  overlay: ${spec.overlay}
  render: { as: flux }
  delivery:
    - ${spec.delivery}
  health: { settle: 0s, confirm: 1s, deadline: 60s, watch: 30m }
${spec.more.map((line) => `  ${line}\n`).join('')}`

const deployment = (name: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: ${name}
          image: ${image}
`

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports:
    - port: 80
`
