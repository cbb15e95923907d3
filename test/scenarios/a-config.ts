import { createHash } from 'node:crypto'
import type { StageOptions } from '../../src/demo/stage.ts'

export const environments = ['dev', 'staging', 'production'] as const
export type EnvironmentName = (typeof environments)[number]

/** Lines of an environment's `spec`, per environment, after those that every scenario has. */
export interface Rules {
  readonly staging?: string
  readonly production?: string
}

export interface ConfigWishes {
  readonly applications: readonly string[]
  readonly rules?: Rules
  readonly delivery?: DeliveryWishes
}

/** What applies the overlays, and how patient Sluice is with it. */
export interface DeliveryWishes {
  readonly by: 'flux' | 'argo-cd'
  /** The durations of an environment's `health`. */
  readonly health: string
}

const quick: DeliveryWishes = { by: 'flux', health: 'settle: 500ms, confirm: 3s, deadline: 20s, watch: 30m' }

export const overlayFolder = (application: string, environment: EnvironmentName): string =>
  `apps/${application}/overlays/${environment}`
export const overlayFile = (application: string, environment: EnvironmentName): string =>
  `${overlayFolder(application, environment)}/kustomization.yaml`
export const environmentFile = (environment: EnvironmentName): string => `.sluice/${environment}.yaml`

/** What an application runs everywhere at the beginning: nobody ever verifies it, so nothing need be built for it. */
export const firstDigest = (application: string): string =>
  `sha256:${createHash('sha256').update(`${application} 1.0.0`).digest('hex')}`

/** A config repository like the demonstration's, with as many applications as wanted and with little patience. */
export const configOf =
  ({ applications, rules = {}, delivery = quick }: ConfigWishes): NonNullable<StageOptions['files']> =>
  (files) => {
    const registry = registryIn(Object.values(files).join('\n'))
    const result: Record<string, string> = {
      'README.md': '# Acme, what runs where\n',
      '.sluice/keys/build.pub': files['.sluice/keys/build.pub'] ?? '',
      '.sluice/applications.yaml': applicationManifest,
      [environmentFile('dev')]: environmentManifest('dev', '  entry: auto', delivery),
      [environmentFile('staging')]: environmentManifest('staging', rules.staging ?? stagingRules(registry), delivery),
      [environmentFile('production')]: environmentManifest(
        'production',
        rules.production ?? productionRules(registry),
        delivery,
      ),
    }
    for (const name of applications) Object.assign(result, applicationFiles(name, registry))
    return result
  }

const registryIn = (text: string): string => {
  const host = /127\.0\.0\.1:\d+/.exec(text)?.[0]
  if (host === undefined) throw new Error('the demonstration names no registry')
  return host
}

export const applicationManifest = `apiVersion: sluice.dev/v1alpha1
kind: Application
metadata: { name: "*" }
spec:
  source: acme/{application}
  owners: ["acme/platform"]
`

const environmentManifest = (
  name: EnvironmentName,
  rules: string,
  { by, health }: DeliveryWishes,
): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${name} }
spec:
  overlay: apps/{application}/overlays/${name}
  render: { as: ${by} }
${rules}
${name === 'dev' ? '' : '  inFlight: 20\n'}  health: { ${health} }
  delivery:
    - { type: ${by}, ${objectOf[by]}/{application}-${name}", cluster: sandbox }
`

const objectOf = { flux: 'kustomization: "flux-system', 'argo-cd': 'application: "argocd' } as const

const soakedFor = (soak: string): string => `    - { name: soaked, type: upstream, soak: ${soak} }`
const soaked = soakedFor('2s')

const signed = (registry: string): string => `    - name: signed by its build
      type: signature
      images: ["${registry}/acme/{application}*"]
      key: .sluice/keys/build.pub
      evidenceWithin: 2s`

const stagingRules = (registry: string): string => `  promotesFrom: [dev]
  merge: auto
  gates:
${soaked}
${signed(registry)}`

const productionRules = (registry: string): string => `  promotesFrom: [staging]
  merge: auto
  gates:
${soaked}
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }
${signed(registry)}
  rollback: { when: unhealthy, by: [acme/sre], breaker: { reverts: 50, within: 15m } }`

/** Production without signatures and approvals: what passes upstream goes on by itself. */
export const soakingFor = (soak: string) =>
  ({
    staging: `  promotesFrom: [dev]\n  merge: auto\n  gates:\n${soakedFor(soak)}`,
    production: `  promotesFrom: [staging]
  merge: auto
  gates:
${soakedFor(soak)}
  rollback: { when: unhealthy, by: [acme/sre], breaker: { reverts: 50, within: 15m } }`,
  }) as const satisfies Rules

export const quickRules = soakingFor('2s')

function applicationFiles(name: string, registry: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    [`apps/${name}/base/kustomization.yaml`]: 'resources:\n  - deployment.yaml\n',
    [`apps/${name}/base/deployment.yaml`]: deployment(name, registry),
  }
  for (const environment of environments)
    files[overlayFile(name, environment)] = overlay(name, environment, {
      registry,
      tag: '1.0.0',
      digest: firstDigest(name),
    })
  return files
}

export const overlay = (
  application: string,
  environment: EnvironmentName,
  image: { readonly registry: string; readonly tag: string; readonly digest: string | null },
): string => `# ${application} in ${environment}
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

namespace: ${environment}
resources:
  - ../../base

images:
  # Built and signed by CI.
  - name: ${image.registry}/acme/${application}
    newTag: "${image.tag}"
${image.digest === null ? '' : `    digest: ${image.digest}\n`}
replicas:
  - name: ${application}
    count: 1   # see the capacity plan
`

const deployment = (name: string, registry: string): string => `apiVersion: apps/v1
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
          image: ${registry}/acme/${name}
`
