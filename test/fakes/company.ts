import { digestOf } from '../../src/domain/hash.ts'
import { type Digest, type Instant, type Sha, type SlotKey, slotKey, toInstant } from '../../src/domain/ids.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Role } from '../../src/domain/role.ts'
import type { OwnCheck } from '../../src/ports/forge/checks.ts'
import type { Comment } from '../../src/ports/forge/comments.ts'
import type { ForgeRepository } from '../../src/ports/forge/forge.ts'
import type { PullRequest } from '../../src/ports/forge/pull-requests.ts'
import type { Review } from '../../src/ports/forge/reviews.ts'
import type { BranchRules } from '../../src/ports/forge/rules.ts'
import { type Cluster, newCluster } from './cluster-facts.ts'
import { inSeconds, type MemoryGit, memoryGit } from './memory-git.ts'

/** Everything that is so, whatever Sluice knows of it: the forge, the repository, the clusters, the people, the clock. */
export interface Company {
  readonly path: Path
  now: number
  nextId: number
  readonly git: MemoryGit
  readonly pulls: Map<number, { -readonly [K in keyof PullRequest]: PullRequest[K] } & { mergedBy: Person | null }>
  readonly comments: { -readonly [K in keyof Comment]: Comment[K] }[]
  readonly reviews: Map<number, Review[]>
  readonly checks: Map<Sha, OwnCheck>
  /** Of the default branch; nobody in this forge holds to them but Sluice. */
  rules: BranchRules
  /** People who may do nothing here any more, by id. */
  readonly gone: Set<number>
  /** What was merged through the forge, in order. */
  readonly merges: Merge[]
  /** Pull requests that Sluice closed, or whose branch it deleted. */
  readonly closedByBot: Set<number>
  readonly cluster: Cluster
}

export interface Merge {
  readonly pull: number
  readonly by: Person
  readonly head: Sha
  readonly before: Sha
  readonly commit: Sha
  readonly at: Instant
  /** The state branch at that moment. */
  readonly state: Sha | undefined
}

export const bot: Person = { id: 1, login: 'sluice[bot]', kind: 'bot' }
export const ann: Person = { id: 11, login: 'ann', kind: 'person' }
export const sam: Person = { id: 12, login: 'sam', kind: 'person' }
export const eve: Person = { id: 13, login: 'eve', kind: 'person' }
export const tom: Person = { id: 14, login: 'tom', kind: 'person' }
/** Ann writes code, Sam and Tom are of acme/sre and maintain, Eve may only read. */
export const roleOf: Readonly<Record<number, Role>> = { 11: 'write', 12: 'maintain', 13: 'read', 14: 'maintain' }
export const groups: Readonly<Record<string, readonly number[]>> = { 'acme/sre': [12, 14], 'acme/platform': [11] }

export const repository: ForgeRepository = {
  ...{ id: 77, installation: 5, owner: 'acme', name: 'config', defaultBranch: 'main' },
  ...{ url: 'https://forge.example/acme/config', cloneUrl: 'https://forge.example/acme/config.git' },
  allowsMergeCommits: true,
}

export const applications = ['api', 'web', 'worker'] as const
export type Application = (typeof applications)[number]
export type EnvironmentName = 'dev' | 'staging' | 'east' | 'west' | 'production'
/** Each environment with those that it promotes from. */
export type Path = ReadonlyMap<EnvironmentName, readonly EnvironmentName[]>
export const oneAfterAnother: Path = new Map([
  ['dev', []],
  ['staging', ['dev']],
  ['production', ['staging']],
])
/** Releases enter two environments, each by pull requests of its own, and production takes what both let through. */
export const twoUpstream: Path = new Map([
  ['east', []],
  ['west', []],
  ['production', ['east', 'west']],
])
export const firstOf = (path: Path): readonly EnvironmentName[] =>
  [...path].flatMap(([name, from]) => (from.length === 0 ? [name] : []))
export const overlayFile = (application: string, environment: string): string =>
  `apps/${application}/overlays/${environment}/kustomization.yaml`
export const imageOf = (application: string): string => `ghcr.io/acme/${application}`
export const digestNamed = (name: string): Digest => digestOf(name)

/** The durations that the manifests below give, in milliseconds. */
export const times = {
  ...{ soak: 60_000, settle: 5_000, confirm: 20_000, deadline: 300_000, watch: 1_800_000 },
  breaker: { reverts: 2, within: 900_000 },
} as const

const environment = (name: EnvironmentName, more: string): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${name} }
spec:
  overlay: apps/{application}/overlays/${name}
  health: { settle: 5s, confirm: 20s, deadline: 5m, watch: 30m }
  delivery:
    - { type: flux, kustomization: "flux-system/{application}-${name}", cluster: here }
${more}`

const manifests = (path: Path): Readonly<Record<string, string>> => ({
  '.sluice/applications.yaml':
    'apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: "*" }\nspec:\n  owners: ["acme/platform"]\n',
  ...Object.fromEntries(
    [...path].map(([name, from]) => [`.sluice/${name}.yaml`, environment(name, rulesOf(name, from))]),
  ),
})

function rulesOf(name: EnvironmentName, from: readonly EnvironmentName[]): string {
  if (from.length === 0) return '  entry: auto\n'
  const promotes = `  promotesFrom: [${from.join(', ')}]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: 1m }
`
  if (name !== 'production') return promotes
  return `${promotes}    - { name: approved, type: approvals, count: 1, from: [acme/sre] }
  rollback: { when: unhealthy, by: [acme/sre], breaker: { reverts: 2, within: 15m } }
`
}

export const overlayText = (application: string, environment: string, digest: Digest, note = ''): string =>
  `# ${application} in ${environment}${note}
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${environment}
resources:
  - ../../base
images:
  - name: ${imageOf(application)}   # promoted by Sluice
    digest: ${digest}
`

const base = (name: string): Readonly<Record<string, string>> => ({
  [`apps/${name}/base/kustomization.yaml`]: 'resources:\n  - deployment.yaml\n',
  [`apps/${name}/base/deployment.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  template:
    spec:
      containers: [{ name: ${name}, image: ${imageOf(name)} }]
`,
})

const rules: BranchRules = {
  ...{ pullRequestRequired: true, requiredApprovals: 0, lastPushApproval: false, otherDemands: [] },
  ...{ requiredChecks: [{ name: 'sluice', app: 9 }], upToDate: false, allowsForcePush: false, allowsDeletion: false },
  ...{ allowedMergeMethods: ['merge'], bypass: 'pull-request' },
}

/** A company in which every environment runs `<application> 0` and is healthy. */
export async function newCompany(path = oneAfterAnother): Promise<Company> {
  const git = memoryGit()
  const files: Record<string, string> = { ...manifests(path) }
  for (const name of applications) {
    Object.assign(files, base(name))
    for (const where of path.keys())
      files[overlayFile(name, where)] = overlayText(name, where, digestNamed(`${name} 0`))
  }
  const company: Company = {
    path,
    ...{ now: Date.UTC(2026, 5, 1, 9), nextId: 100, git, pulls: new Map(), comments: [], reviews: new Map() },
    ...{
      checks: new Map(),
      merges: [],
      closedByBot: new Set<number>(),
      gone: new Set<number>(),
      cluster: newCluster(),
      rules,
    },
  }
  const first = await commitFiles(company, null, files, 'Begin', ann)
  git.branches.set('main', first)
  return company
}

export const slotsOf = ({ path }: Pick<Company, 'path'>): readonly SlotKey[] =>
  applications.flatMap((name) => [...path.keys()].map((where) => slotKey(name, where)))
export const instant = (company: Pick<Company, 'now'>): Instant => toInstant(company.now)
export const forgeTime = (company: Pick<Company, 'now'>): Instant => inSeconds(instant(company))
export const headOfMain = ({ git }: Company): Sha => git.branches.get('main') as Sha

/** By path: a text, null to remove it, or something with a mode of its own (`120000`: where a link leads; `160000`: a commit). */
export type Files = Readonly<Record<string, string | null | { readonly mode: string; readonly text: string }>>

/** A commit of somebody's that sets files on top of another. */
export async function commitFiles(
  { git, now }: Pick<Company, 'git' | 'now'>,
  parent: Sha | null,
  files: Files,
  message: string,
  by: Person,
): Promise<Sha> {
  const edits = new Map<string, { readonly oid: Sha; readonly mode?: string } | null>()
  for (const [path, content] of Object.entries(files)) {
    const { text, ...mode } = typeof content === 'string' ? { text: content } : (content ?? { text: null })
    edits.set(path, text === null ? null : { oid: await git.writeBlob(new TextEncoder().encode(text)), ...mode })
  }
  const tree = await git.writeTree(parent, edits)
  const author = { name: by.login, email: `${by.login}@acme.example` }
  return git.writeCommit({ tree, parents: parent === null ? [] : [parent], author, at: toInstant(now), message })
}

export async function textAt({ git }: Pick<Company, 'git'>, treeish: Sha, path: string): Promise<string | null> {
  const entry = await git.entry(treeish, path)
  return entry === undefined ? null : new TextDecoder().decode(await git.blob(entry.oid))
}

/** The digest that a slot's overlay names at a commit; null where it names none. */
export async function digestAt(company: Pick<Company, 'git'>, treeish: Sha, slot: SlotKey): Promise<Digest | null> {
  const [application = '', environment = ''] = slot.split('/')
  const text = await textAt(company, treeish, overlayFile(application, environment))
  return (/digest: (sha256:[0-9a-f]{64})/.exec(text ?? '')?.[1] as Digest | undefined) ?? null
}
