import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { eventually as look } from '../../src/demo/eventually.ts'
import { openSandboxCluster } from '../../src/demo/sandbox-cluster.ts'
import { type Stage, setStage } from '../../src/demo/stage.ts'
import {
  configOf,
  type EnvironmentName,
  environments,
  firstDigest,
  overlay,
  overlayFile,
  overlayFolder,
  quickRules,
} from '../scenarios/a-config.ts'
import { type PullView, repo, type SlotView } from '../scenarios/scenario.ts'
import { tool } from '../tools.ts'
import { crashPods } from './crash-pods.ts'
import { deliveryObjects } from './delivery-objects.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import { namespace } from './rig/manifests.ts'
import { type Rig, startRig } from './rig/start-rig.ts'

const applications = ['api', 'web', 'shop', 'cart'] as const
type Application = (typeof applications)[number]

let dir: string
let rig: Rig
let stage: Stage

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-rig-'))
  const built = await buildBinaries(['etcd', 'kubernetes', 'kwok', 'flux'], () => {})
  rig = await startRig({ dir: join(dir, 'rig'), built, flux: true })
  const clusters = join(dir, 'clusters.yaml')
  writeFileSync(clusters, JSON.stringify([{ name: 'sandbox', server: rig.door.url, token: rig.sluiceToken }]), {
    mode: 0o600,
  })
  stage = await setStage({
    dir: join(dir, 'stage'),
    openCluster: openSandboxCluster,
    tools: { kustomize: await tool('kustomize'), cosign: await tool('cosign'), registry: await tool('registry') },
    searchPath: process.env['PATH'] ?? '',
    onProgress: () => {},
    allowFlawedCosign: true,
    quota: { requestsPerHour: 1e6, creationsPerMinute: 1e6, creationsPerHour: 1e6 },
    settings: { SLUICE_SWEEP_INTERVAL: '3s', SLUICE_CLUSTERS: clusters },
    files: configOf({ applications, rules: quickRules }),
  })
  await deliver()
  await stage.server.start()
})
afterAll(async () => {
  await stage?.stop()
  await rig?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** The same names as the sandbox cluster of the stage has, which idles here. */
async function deliver(): Promise<void> {
  for (const environment of environments) {
    await rig.kube.apply(namespace(environment))
    for (const application of applications) {
      const objects = deliveryObjects('flux', {
        name: `${application}-${environment}`,
        at: 'flux-system',
        source: 'config',
        repoUrl: `${stage.forge.url}/${repo}.git`,
        path: overlayFolder(application, environment),
        into: environment,
      })
      await rig.kube.apply(...objects)
    }
  }
}

const tellWhy = (): void =>
  onTestFailed(() => {
    const log = readFileSync(join(dir, 'stage', 'server.log'), 'utf8').split('\n')
    const lines = log.filter((line) => !line.includes('"level":"debug"')).slice(-20)
    process.stderr.write(`${lines.join('\n')}\n${rig.lastWords()}\n`)
  })

const eventually = <T>(awaited: string, seen: () => Promise<T | undefined>): Promise<T> =>
  look(seen, { awaited, within: 120_000 })

const get = async <T>(path: string): Promise<T> => (await stage.people.root.request('GET', path)) as T
const pulls = () => get<readonly PullView[]>(`/repos/${repo}/pulls?state=all&per_page=100`)
const ours = async (kind: 'promote' | 'rollback', application: Application, environment: EnvironmentName) =>
  (await pulls()).filter(({ head }) => head.ref === `sluice/${kind}/${environment}/${application}`)

async function slot(application: Application, environment: EnvironmentName): Promise<SlotView | undefined> {
  const [round] = (await (await fetch(`${stage.server.url}/status`)).json()) as readonly {
    readonly slots: readonly SlotView[]
  }[]
  return round?.slots.find((one) => one.slot === `${application}/${environment}`)
}

async function file(path: string): Promise<string> {
  const { content } = await get<{ readonly content: string }>(`/repos/${repo}/contents/${path}`)
  return Buffer.from(content, 'base64').toString()
}

/** Git says so, Sluice sees it, and the pods run it. */
const healthy = (application: Application, environment: EnvironmentName, digest: string): Promise<true> =>
  eventually(`${application} is healthy in ${environment} with ${digest.slice(0, 19)}`, async () => {
    if (!(await file(overlayFile(application, environment))).includes(digest)) return undefined
    if ((await slot(application, environment))?.health.is !== 'healthy') return undefined
    const pods = await rig.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: environment })
    const images = pods.filter(({ metadata }) => metadata.labels?.['app'] === application)
    return images.length > 0 && images.every(({ spec }) => spec.containers[0].image.endsWith(digest)) ? true : undefined
  })

/** Merged by Sluice into dev, from where it goes on by itself. */
async function bring(application: Application, tag: string, digest?: string): Promise<string> {
  const built = digest ?? (await stage.build(application, tag))
  const branch = `${application}-${tag}`
  const written = overlay(application, 'dev', { registry: stage.registry.host, tag, digest: built })
  await stage.people.ann.commitFiles(repo, branch, { [overlayFile(application, 'dev')]: written }, branch, {
    from: 'main',
  })
  await stage.people.ann.openPull({ repo, title: branch, head: branch, base: 'main' })
  return built
}

const started = (application: Application) =>
  Promise.all(environments.map((environment) => healthy(application, environment, firstDigest(application))))

test('a promotion is applied by the real kustomize-controller, and judged healthy for that content', async () => {
  tellWhy()
  await started('api')
  const digest = await bring('api', '1.1.0')
  for (const environment of environments) await healthy('api', environment, digest)
  expect(await ours('rollback', 'api', 'production')).toEqual([])
})

test('a release that crashes in production is reverted, byte for byte, and production gets healthy again', async () => {
  tellWhy()
  await started('web')
  const path = overlayFile('web', 'production')
  const before = await file(path)
  const digest = await bring('web', '2.0.0')
  await healthy('web', 'production', digest)
  await crashPods(rig.kube, 'production', digest)
  const degraded = performance.now()
  await eventually('it is taken back', async () => ((await file(path)) === before ? true : undefined))
  const reverted = performance.now()
  await healthy('web', 'production', firstDigest('web'))
  const [told] = [Math.round(reverted - degraded), Math.round(performance.now() - reverted)].map(String)
  process.stderr.write(
    `degraded → reverted: ${told} ms; reverted → healthy again: ${Math.round(performance.now() - reverted)} ms\n`,
  )
  expect(await ours('rollback', 'web', 'production')).toHaveLength(1)
})

test('a digest that crashes from its first moment in dev never leaves it', async () => {
  tellWhy()
  await started('shop')
  const digest = await stage.build('shop', '3.0.0')
  await rig.badImage(digest, 'crash')
  await bring('shop', '3.0.0', digest)
  await eventually('dev is seen to fail', async () =>
    (await slot('shop', 'dev'))?.health.is === 'failed' ? true : undefined,
  )
  expect((await ours('promote', 'shop', 'staging')).filter(({ merged_at }) => merged_at !== null)).toEqual([])
})

test('a minute without sight of the cluster reverts nothing and loses no promotion', async () => {
  tellWhy()
  await started('cart')
  const digest = await bring('cart', '1.1.0')
  await healthy('cart', 'dev', digest)
  rig.door.set('errors')
  await pause(20_000)
  rig.door.set('reset')
  await pause(20_000)
  rig.door.set('silent')
  await pause(20_000)
  for (const environment of environments) expect(await ours('rollback', 'cart', environment)).toEqual([])
  rig.door.set('open')
  await healthy('cart', 'production', digest)
})
