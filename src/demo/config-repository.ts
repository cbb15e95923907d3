/** The applications of the demonstration, and who delivers them. */
export const applications = [
  { name: 'api', by: 'flux' },
  { name: 'web', by: 'flux' },
  { name: 'worker', by: 'flux' },
] as const
export const environments = ['dev', 'staging', 'production'] as const
export type EnvironmentName = (typeof environments)[number]

export interface RepositoryFacts {
  /** `127.0.0.1:PORT`. */
  readonly registry: string
  /** PEM. */
  readonly publicKey: string
  /** The digest that each application runs everywhere at the beginning. */
  readonly digests: Readonly<Record<string, string>>
}

/** A config repository as a team writes it: comments, blank lines and all. */
export function configRepository(facts: RepositoryFacts): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    'README.md':
      '# Acme, what runs where\n\nOne folder an application, one overlay an environment. Sluice promotes between them.\n',
    '.sluice/keys/build.pub': facts.publicKey,
    '.sluice/applications.yaml': applicationManifests,
    '.sluice/dev.yaml': devManifest(),
    '.sluice/staging.yaml': stagingManifest(facts),
    '.sluice/production.yaml': productionManifest(facts),
  }
  for (const { name } of applications) {
    files[`apps/${name}/base/kustomization.yaml`] =
      '# What every environment has.\nresources:\n  - deployment.yaml\n  - service.yaml\n'
    files[`apps/${name}/base/deployment.yaml`] = deployment(name, facts)
    files[`apps/${name}/base/service.yaml`] = service(name)
    for (const environment of environments) {
      files[overlayFile(name, environment)] = overlay(name, environment, facts, facts.digests[name] ?? '', '1.0.0')
    }
  }
  return files
}

export const overlayFile = (application: string, environment: EnvironmentName): string =>
  `apps/${application}/overlays/${environment}/kustomization.yaml`

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

const deployment = (name: string, { registry }: RepositoryFacts): string => `apiVersion: apps/v1
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

const applicationManifests = `# What travels, and whose it is.
apiVersion: sluice.dev/v1alpha1
kind: Application
metadata: { name: "*" }
spec:
  source: acme/{application}
  owners: ["acme/platform"]
`

const health = '{ settle: 2s, confirm: 5s, deadline: 60s, watch: 30m }'

const environmentManifest = (name: string, more: string): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${name} }
spec:
  overlay: apps/{application}/overlays/${name}
  render: { as: flux }
${more}
  health: ${health}
  delivery:
    - { type: flux, kustomization: "flux-system/{application}-${name}", cluster: sandbox }
`

const signed = ({ registry }: RepositoryFacts): string => `    - name: signed by its build
      type: signature
      images: ["${registry}/acme/{application}*"]
      key: .sluice/keys/build.pub
      evidenceWithin: 5s`

const devManifest = (): string =>
  environmentManifest('dev', '  entry: auto   # Sluice merges what brings a release in, once its gates pass')

const stagingManifest = (facts: RepositoryFacts): string =>
  environmentManifest(
    'staging',
    `  promotesFrom: [dev]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: 10s }
${signed(facts)}`,
  )

const productionManifest = (facts: RepositoryFacts): string =>
  environmentManifest(
    'production',
    `  promotesFrom: [staging]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: 10s }
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }
${signed(facts)}
  rollback: { when: unhealthy, by: [acme/sre] }`,
  )
