export const environments = ['dev', 'staging', 'production'] as const
export type EnvironmentName = (typeof environments)[number]

/**
 * The applications of the demonstration, and who delivers them. An environment of Sluice has one way of delivery, so the
 * worker, which Argo CD brings, lives in `workers-dev`, `workers-staging` and `workers-production`.
 */
export const applications = [
  { name: 'api', by: 'flux', folder: 'apps' },
  { name: 'web', by: 'flux', folder: 'apps' },
  { name: 'worker', by: 'argo-cd', folder: 'workers' },
] as const

export interface RepositoryFacts {
  /** `127.0.0.1:PORT`. */
  readonly registry: string
  /** PEM. */
  readonly publicKey: string
  /** The digest that each application runs everywhere at the beginning. */
  readonly digests: Readonly<Record<string, string>>
  readonly cluster: { readonly name: string; readonly patience: Patience }
}

/** How patient the environments of the demonstration are. In earnest these are minutes and hours. */
export interface Patience {
  readonly soak: string
  readonly settle: string
  readonly confirm: string
  readonly deadline: string
  readonly evidenceWithin: string
}

/** A config repository as a team writes it: comments, blank lines and all. */
export function configRepository(facts: RepositoryFacts): Readonly<Record<string, string>> {
  return {
    'README.md': readme,
    '.sluice/keys/build.pub': facts.publicKey,
    '.sluice/applications.yaml': applicationManifest,
    '.sluice/environments.yaml': [flux, argoCd]
      .flatMap((consumer) => environmentManifests(consumer, facts))
      .join('---\n'),
    ...Object.fromEntries(applications.flatMap(({ name }) => applicationFiles(name, facts))),
  }
}

const applicationFiles = (name: string, facts: RepositoryFacts): readonly (readonly [string, string])[] => [
  [`${folderOf(name)}/base/kustomization.yaml`, base],
  [`${folderOf(name)}/base/deployment.yaml`, deployment(name, facts)],
  [`${folderOf(name)}/base/service.yaml`, service(name)],
  ...environments.map(
    (environment) =>
      [overlayFile(name, environment), overlay(name, environment, facts, facts.digests[name] ?? '', '1.0.0')] as const,
  ),
]

const folderOf = (name: string): string => `${applications.find((one) => one.name === name)?.folder ?? 'apps'}/${name}`

/** The folder that the cluster's controller applies. */
export const overlayFolder = (application: string, environment: EnvironmentName): string =>
  `${folderOf(application)}/overlays/${environment}`

export const overlayFile = (application: string, environment: EnvironmentName): string =>
  `${overlayFolder(application, environment)}/kustomization.yaml`

const replicas = { dev: 1, staging: 1, production: 2 } as const

export const overlay = (
  application: string,
  environment: EnvironmentName,
  facts: Pick<RepositoryFacts, 'registry'>,
  digest: string,
  tag: string,
): string => `# ${application} in ${environment}
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

namespace: ${environment}
resources:
  - ../../base

images:
  # Built and signed by CI; promoted by Sluice. The tag is for people, the digest is what runs.
  - name: ${facts.registry}/acme/${application}
    newTag: "${tag}"
    digest: ${digest}

replicas:
  - name: ${application}
    count: ${replicas[environment]}   # see the capacity plan
`

const base = `# What every environment has.
resources:
  - deployment.yaml
  - service.yaml
`

const deployment = (name: string, { registry }: RepositoryFacts): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1   # each overlay says how many
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: ${name}
          image: ${registry}/acme/${name}
          ports:
            - containerPort: 8080
`

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports:
    - port: 80
      targetPort: 8080
`

const readme = `# Acme: what runs where

One folder an application, one overlay an environment. Flux brings what is in \`apps\`, Argo CD what is in \`workers\`.
A pull request brings a release to dev; Sluice carries it on to staging and production by the rules in \`.sluice\`.
`

const applicationManifest = `# What travels, and whose it is.
apiVersion: sluice.dev/v1alpha1
kind: Application
metadata: { name: "*" }
spec:
  source: acme/{application}
  owners: ["acme/platform"]   # asked when something fails; may roll back
`

interface Consumer {
  readonly folder: string
  /** Stands before the environment's name where it is not the usual one. */
  readonly prefix: string
  readonly renderAs: string
  /** On a cluster of that name. */
  readonly delivery: (environment: EnvironmentName, cluster: string) => string
}

const flux: Consumer = {
  folder: 'apps',
  prefix: '',
  renderAs: 'flux',
  delivery: (environment, cluster) =>
    `{ type: flux, kustomization: "flux-system/{application}-${environment}", cluster: ${cluster} }`,
}

const argoCd: Consumer = {
  folder: 'workers',
  prefix: 'workers-',
  renderAs: 'argo-cd',
  delivery: (environment, cluster) =>
    `{ type: argo-cd, application: "argocd/{application}-${environment}", cluster: ${cluster} }`,
}

const environmentManifests = (consumer: Consumer, facts: RepositoryFacts): readonly string[] => [
  environmentManifest(consumer, 'dev', devRules, facts),
  environmentManifest(consumer, 'staging', stagingRules(consumer, facts), facts),
  environmentManifest(consumer, 'production', productionRules(consumer, facts), facts),
]

const environmentManifest = (
  { folder, prefix, renderAs, delivery }: Consumer,
  environment: EnvironmentName,
  rules: string,
  { cluster: { name, patience } }: RepositoryFacts,
): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${prefix}${environment} }
spec:
  overlay: ${folder}/{application}/overlays/${environment}
  render: { as: ${renderAs} }
${rules}
  delivery:
    - ${delivery(environment, name)}
  health: { settle: ${patience.settle}, confirm: ${patience.confirm}, deadline: ${patience.deadline} }
`

const devRules = '  entry: auto   # Sluice merges what brings a release in, once its gates pass'

const stagingRules = ({ prefix }: Consumer, facts: RepositoryFacts): string => `  promotesFrom: [${prefix}dev]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: ${facts.cluster.patience.soak} }
${signed(facts)}`

const productionRules = ({ prefix }: Consumer, facts: RepositoryFacts): string => `  promotesFrom: [${prefix}staging]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: ${facts.cluster.patience.soak} }
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }
${signed(facts)}
  # What a promotion broke is taken back without waiting for anybody.
  rollback: { when: unhealthy, by: [acme/sre] }`

const signed = ({ registry, cluster }: RepositoryFacts): string => `    - name: signed by its build
      type: signature
      images: ["${registry}/acme/{application}*"]
      key: .sluice/keys/build.pub
      evidenceWithin: ${cluster.patience.evidenceWithin}`
