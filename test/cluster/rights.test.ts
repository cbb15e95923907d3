import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type ClusterAccess, kubernetesDelivery } from '../../src/adapters/delivery/kubernetes-delivery.ts'
import { toInstant } from '../../src/domain/ids.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import { kubeAt } from './rig/kube.ts'
import { namespace, objectsIn } from './rig/manifests.ts'
import { type Rig, startRig } from './rig/start-rig.ts'
import { rigFolder } from './rig-folder.ts'

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
  ]
  await rig.kube.apply(...definitions, namespace('shop'))
  await rig.kube.untilServed(definitions)
  // Listed with patience: for a while after that the API has no storage for them.
  for (const { spec } of definitions)
    await rig.kube.list({ apiVersion: `${spec.group}/${spec.versions.at(-1).name}`, kind: spec.names.kind })
})
afterAll(() => rig?.stop())
afterEach(() => vi.unstubAllEnvs())

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

/** Everything that it may do in a namespace, by the API server's own word. */
async function rights(): Promise<readonly string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'shop' } }
  const asSluice = kubeAt(rig.kube.url, rig.kube.ca, rig.sluiceToken)
  const { status } = await asSluice.create('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', review)
  expect(status.incomplete).toBe(false)
  const rules: readonly Rule[] = status.resourceRules
  return rules
    .flatMap(({ verbs, apiGroups, resources }) =>
      verbs.flatMap((verb) => apiGroups.flatMap((group) => resources.map((one) => `${verb} ${group}/${one}`))),
    )
    .toSorted()
}

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
}

/** Whoever has signed in may ask what they may do. */
const ofEverybody = [
  'create authentication.k8s.io/selfsubjectreviews',
  'create authorization.k8s.io/selfsubjectaccessreviews',
  'create authorization.k8s.io/selfsubjectrulesreviews',
]
const groupOf = (plural: Plural): string => (apis[plural] === 'v1' ? '' : (apis[plural].split('/')[0] ?? ''))
const ofTheInstall = readable.flatMap((plural) =>
  ['get', 'list', 'watch'].map((verb) => `${verb} ${groupOf(plural)}/${plural}`),
)
const optional = ['patch argoproj.io/applications', 'patch source.toolkit.fluxcd.io/gitrepositories']

test('I10 what it may do is that and nothing else, and the optional role adds the patch of two kinds', async () => {
  expect(await rights()).toEqual([...ofEverybody, ...ofTheInstall].toSorted())
  await rig.kube.apply(...objectsIn(fileURLToPath(new URL('../../manifests/reconcile-requests/', import.meta.url))))
  // Rights take a moment to be known.
  const withOptional = [...ofEverybody, ...ofTheInstall, ...optional].toSorted()
  await vi.waitFor(async () => expect(await rights()).toEqual(withOptional), { timeout: 20_000, interval: 200 })
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
