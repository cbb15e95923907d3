import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type ClusterAccess, kubernetesDelivery } from '../../src/adapters/delivery/kubernetes-delivery.ts'
import { toInstant } from '../../src/domain/ids.ts'
import { tool } from '../tools.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import { type KubeObject, kubeAt } from './rig/kube.ts'
import { namespace, objectsIn, objectsOf } from './rig/manifests.ts'
import { type Rig, startRig } from './rig/start-rig.ts'
import { rigFolder } from './rig-folder.ts'
import { tellWhy } from './tell-why.ts'

const folder = rigFolder()
let rig: Rig
beforeAll(async () => {
  const built = await buildBinaries(['etcd', 'kubernetes', 'kwok', 'flux', 'argo-cd'], () => {})
  rig = await startRig({ dir: join(folder(), 'rig'), built })
  // Their kinds alone: rights are asked of the API server, whoever runs behind it.
  const definitions = [
    ...objectsIn(join(built.flux ?? '', 'manifests/github.com/fluxcd/source-controller/config/crd/bases')),
    ...objectsIn(join(built.flux ?? '', 'manifests/github.com/fluxcd/kustomize-controller/config/crd/bases')),
    ...objectsIn(join(built['argo-cd'] ?? '', 'manifests/github.com/argoproj/argo-cd/v3/manifests/crds')),
    rollouts,
  ]
  await rig.kube.apply(...definitions, namespace('shop'))
  await rig.kube.untilServed(definitions)
  await rig.kube.apply(...(await builtAccess()))
  // Listed with patience: for a while after that the API has no storage for them.
  for (const { spec } of definitions)
    await rig.kube.list({ apiVersion: `${spec.group}/${spec.versions.at(-1).name}`, kind: spec.names.kind })
})
afterAll(() => rig?.stop())
beforeEach((context) => tellWhy(context, rig))
afterEach(() => vi.unstubAllEnvs())

/** The kind of Argo Rollouts, as far as rights go. */
const rollouts: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'rollouts.argoproj.io' },
  spec: {
    group: 'argoproj.io',
    names: { kind: 'Rollout', listKind: 'RolloutList', plural: 'rollouts', singular: 'rollout' },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

/** Whatever the install would grant, in any of its files. */
async function builtAccess(): Promise<readonly KubeObject[]> {
  const args = ['build', fileURLToPath(new URL('../../manifests/', import.meta.url))]
  const { stdout } = await execa(await tool('kustomize'), args)
  return objectsOf(stdout).filter(
    ({ apiVersion, kind }) => kind === 'ServiceAccount' || apiVersion.startsWith('rbac.authorization.k8s.io/'),
  )
}

/** As the ServiceAccount that `manifests/` installs. */
const ask = async (method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<number> => {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const headers = { authorization: `Bearer ${rig.sluiceToken}`, 'content-type': type, ...more }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(rig.door.url + path, { method, headers, ...sent })
  await response.body?.cancel()
  return response.status
}

/** What is read of a cluster, by where its API has it. */
const apis = {
  kustomizations: 'kustomize.toolkit.fluxcd.io/v1',
  gitrepositories: 'source.toolkit.fluxcd.io/v1',
  applications: 'argoproj.io/v1alpha1',
  appprojects: 'argoproj.io/v1alpha1',
  deployments: 'apps/v1',
  replicasets: 'apps/v1',
  statefulsets: 'apps/v1',
  daemonsets: 'apps/v1',
  jobs: 'batch/v1',
  rollouts: 'argoproj.io/v1alpha1',
  pods: 'v1',
  events: 'v1',
} as const
type Plural = keyof typeof apis
const readable = Object.keys(apis) as Plural[]
const apiOf = (plural: Plural): string => `/${apis[plural] === 'v1' ? 'api' : 'apis'}/${apis[plural]}`
const inShop = (plural: Plural): string => `${apiOf(plural)}/namespaces/shop/${plural}`

test.concurrent.for(readable)('I10 the role of the install reads %s, and changes none of them', async (plural) => {
  const everywhere = `${apiOf(plural)}/${plural}`
  const reads = [everywhere, inShop(plural), `${inShop(plural)}/none`, `${everywhere}?watch=true&timeoutSeconds=1`]
  expect(await Promise.all(reads.map((path) => ask('GET', path)))).toEqual([200, 200, 404, 200])
  expect(await Promise.all(writesTo(plural))).toEqual([403, 403, 403, 403, 403, 403])
})

const annotated = { metadata: { annotations: { a: 'b' } } }
const writesTo = (plural: Plural): Promise<number>[] => [
  ask('POST', inShop(plural), { metadata: { name: 'forged' } }),
  ask('PUT', `${inShop(plural)}/forged`, { metadata: { name: 'forged' } }),
  ask('PATCH', `${inShop(plural)}/forged`, annotated),
  ask('PATCH', `${inShop(plural)}/forged/status`, { status: {} }),
  ask('DELETE', `${inShop(plural)}/forged`),
  ask('DELETE', inShop(plural)),
]

test('I10 it may neither read what is secret, nor run anything, nor become somebody who may', async () => {
  const pod = `${inShop('pods')}/any`
  const accounts = (namespace: string) => `/api/v1/namespaces/${namespace}/serviceaccounts`
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const answers = await Promise.all([
    ask('GET', '/api/v1/secrets'),
    ask('GET', '/api/v1/namespaces/shop/secrets/any'),
    ask('GET', '/api/v1/configmaps'),
    ask('GET', '/api/v1/nodes'),
    ask('GET', `${pod}/log`),
    ask('GET', `${pod}/proxy/`),
    ask('POST', `${pod}/exec?command=sh`),
    ask('POST', `${pod}/attach`),
    ask('POST', `${pod}/portforward`),
    ask('PATCH', `${pod}/ephemeralcontainers`, { spec: {} }),
    ask('POST', `${pod}/eviction`, { metadata: { name: 'any' } }),
    ask('PATCH', `${inShop('deployments')}/any/scale`, { spec: { replicas: 0 } }),
    ask('POST', `${accounts('shop')}/default/token`, { spec: {} }),
    ask('POST', `${accounts('sluice')}/sluice/token`, { spec: {} }),
    ask('POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'forged' } }),
    ask('PATCH', `${rbac}/clusterroles/sluice-reader`, { rules: [] }),
    ask('GET', '/api/v1/pods', undefined, { 'impersonate-user': 'admin' }),
  ])
  expect(answers).toEqual(answers.map(() => 403))
})

/** Everything that the bearer of a token may do in any namespace, by the API server's own word. */
async function rightsOf(token: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const asBearer = kubeAt(rig.kube.url, rig.kube.ca, token)
  const rights = async (within: string) => {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: within },
    }
    const { status } = await asBearer.create('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', review)
    expect(status.incomplete).toBe(false)
    return [...(status.resourceRules as readonly Rule[]).flatMap(words), ...pathsIn(status.nonResourceRules)].toSorted()
  }
  const namespaces = (await rig.kube.list({ apiVersion: 'v1', kind: 'Namespace' })).map(({ metadata }) => metadata.name)
  return new Map(await Promise.all(namespaces.map(async (name) => [name, await rights(name)] as const)))
}

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
}

const words = ({ verbs, apiGroups, resources, resourceNames = [] }: Rule): readonly string[] =>
  verbs.flatMap((verb) =>
    apiGroups.flatMap((group) => resources.map((one) => [`${verb} ${group}/${one}`, ...resourceNames].join(' '))),
  )

interface PathRule {
  readonly verbs: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

const pathsIn = (rules: readonly PathRule[] = []): readonly string[] =>
  rules.flatMap(({ verbs, nonResourceURLs }) => verbs.flatMap((verb) => nonResourceURLs.map((url) => `${verb} ${url}`)))

/** What whoever has signed in may do: ask who they are, what they may do, and what the API has. */
async function rightsOfAnybody(): Promise<ReadonlyMap<string, readonly string[]>> {
  await rig.kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'anybody', namespace: 'shop' } })
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const { status } = await rig.kube.create('/api/v1/namespaces/shop/serviceaccounts/anybody/token', request)
  return rightsOf(status.token)
}
const groupOf = (plural: Plural): string => (apis[plural] === 'v1' ? '' : (apis[plural].split('/')[0] ?? ''))
const ofTheInstall = readable.flatMap((plural) =>
  ['get', 'list', 'watch'].map((verb) => `${verb} ${groupOf(plural)}/${plural}`),
)
const optional = ['patch argoproj.io/applications', 'patch source.toolkit.fluxcd.io/gitrepositories']

test('I10 what it may do is that and nothing else, and the optional role adds the patch of two kinds', async () => {
  const anybody = await rightsOfAnybody()
  expect([...anybody.keys()]).toEqual(expect.arrayContaining(['kube-system', 'shop', 'sluice']))
  for (const listed of anybody.values()) expect(listed.filter((one) => /pods|secrets|\*\/|^\*/.test(one))).toEqual([])
  const allAnd = (more: readonly string[]) =>
    new Map([...anybody].map(([name, listed]) => [name, [...listed, ...more].toSorted()] as const))
  expect(await rightsOf(rig.sluiceToken)).toEqual(allAnd(ofTheInstall))
  await rig.kube.apply(...objectsIn(fileURLToPath(new URL('../../manifests/reconcile-requests/', import.meta.url))))
  // Rights take a moment to be known.
  const withOptional = allAnd([...ofTheInstall, ...optional])
  await vi.waitFor(async () => expect(await rightsOf(rig.sluiceToken)).toEqual(withOptional), {
    timeout: 20_000,
    interval: 200,
  })
  for (const plural of readable) {
    const patchable = optional.includes(`patch ${groupOf(plural)}/${plural}`)
    // There is none of that name: who may not is refused before that is looked at.
    expect(await Promise.all(writesTo(plural)), plural).toEqual([403, 403, patchable ? 404 : 403, 403, 403, 403])
  }
})

const seesOf = (clusters: readonly ClusterAccess[]) =>
  kubernetesDelivery({
    clusters,
    now: () => toInstant(Date.now()),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  }).clusters()

/** A file as people have it: their own context is the current one. */
function kubeconfig(user: object): string {
  const file = join(folder(), 'people.kubeconfig')
  const cluster = { server: rig.kube.url, 'certificate-authority-data': Buffer.from(rig.kube.ca).toString('base64') }
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'wrong',
    clusters: [{ name: 'rig', cluster }],
    users: [
      { name: 'wrong', user: { token: 'nobody-knows-it' } },
      { name: 'sluice', user },
    ],
    contexts: ['wrong', 'sluice'].map((name) => ({ name, context: { cluster: 'rig', user: name } })),
  }
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 })
  return file
}

test('T55 the context is the one that the operator names, and the current one only where none is named', async () => {
  const file = kubeconfig({ token: rig.sluiceToken })
  expect(await seesOf([{ name: 'rig', kubeconfig: file, context: 'sluice' }])).toEqual([{ cluster: 'rig' }])
  expect(await seesOf([{ name: 'rig', kubeconfig: file }])).toEqual([
    { cluster: 'rig', problem: expect.stringContaining('cluster.refused') },
  ])
})

test('T55 a cluster that only the environment names is not there', async () => {
  vi.stubEnv('KUBECONFIG', rig.kubeconfig)
  expect(await seesOf([])).toEqual([])
})

test('T55 a program for a token runs only where the operator allows it', async () => {
  const ran = join(folder(), 'ran')
  const program = join(folder(), 'get-token')
  const credential = {
    ...{ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' },
    status: { token: rig.sluiceToken },
  }
  writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`)
  chmodSync(program, 0o700)
  const exec = { apiVersion: credential.apiVersion, command: program, interactiveMode: 'Never' }
  const access = { name: 'rig', kubeconfig: kubeconfig({ exec }), context: 'sluice' }
  expect(() => seesOf([access])).toThrow(/allowExecPlugins/)
  expect(existsSync(ran)).toBe(false)
  expect(await seesOf([{ ...access, allowExecPlugins: true }])).toEqual([{ cluster: 'rig' }])
  expect(existsSync(ran)).toBe(true)
})
