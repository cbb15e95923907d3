import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
  soakingFor,
} from '../scenarios/a-config.ts'
import { type CommentView, type PullView, repo, type SlotView } from '../scenarios/scenario.ts'
import { tool } from '../tools.ts'
import { whatNodeKeeps } from '../what-node-keeps.ts'
import { type Controllers, deliveryObjects, kindOf } from './delivery-objects.ts'
import { podsOf } from './pods.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import { namespace } from './rig/manifests.ts'
import { type Rig, startRig } from './rig/start-rig.ts'

/** The whole server between the sandbox forge and real controllers, which apply three environments of each application. */
export interface Served {
  readonly rig: Rig
  readonly stage: Stage
  readonly by: Controllers
  /** Merged by Sluice into dev, from where it goes on by itself; hands back the digest. */
  bring(application: string, tag: string, digest?: string): Promise<string>
  /** Git says so, Sluice sees it, and the pods run it. */
  healthy(application: string, environment: EnvironmentName, digest: string): Promise<true>
  /** Every environment is healthy with what it held at the beginning. */
  started(application: string): Promise<unknown>
  slot(application: string, environment: EnvironmentName): Promise<SlotView | undefined>
  /** A file on the default branch. */
  file(path: string): Promise<string>
  ours(kind: 'promote' | 'rollback', application: string, environment: EnvironmentName): Promise<readonly PullView[]>
  /** The numbers of the pull requests of ours that are merged: of any kind and application, where none is named. */
  merged(kind?: 'promote' | 'rollback', application?: string): Promise<readonly number[]>
  /** The number of every pull request that took something back, of any application. */
  takenBack(): Promise<readonly number[]>
  /** Comments of our bot on one pull request. */
  said(pull: number): Promise<string>
  /** A command of ann's, on the newest pull request. */
  say(text: string): Promise<void>
  eventually<T>(awaited: string, seen: () => Promise<T | undefined>): Promise<T>
  /** What the server and the programs wrote last. */
  lastWords(): string
  end(): Promise<void>
}

export interface ServedWishes {
  /** A folder of its own. */
  readonly dir: string
  readonly by: Controllers
  readonly applications: readonly string[]
  /** At what it applied of this one Flux looks more often than it takes to settle; at the others' every ten seconds. */
  readonly oftenLookedAt?: string
  /** Flux fetches the repository for this one apart from the others, as the user `flux-for-` and its name. */
  readonly fetchedApart?: string
  readonly files?: (files: Files) => Files
}

type Files = Readonly<Record<string, string>>

export const soakSeconds = 8
// Stretches of health add up to a soak once each has settled: longer than a flapping pod is well, so that it never does. It is
// longer than Flux' shortest interval as well: its looks at what it has applied must not begin settling anew.
const health = 'settle: 5s, confirm: 5s, deadline: 55s, watch: 30m'

export async function startServed(wishes: ServedWishes): Promise<Served> {
  const { dir, by, applications, files: changed } = wishes
  await using started = new AsyncDisposableStack()
  const built = await buildBinaries(['etcd', 'kubernetes', 'kwok', by], () => {})
  const kustomize = await tool('kustomize')
  const controllers = by === 'flux' ? { flux: true } : { argoCd: { kustomizeFolder: dirname(kustomize) } }
  const rig = await startRig({ dir: join(dir, 'rig'), built, ...controllers })
  started.defer(() => rig.stop())
  const clusters = join(dir, 'clusters.yaml')
  // The name of the stage's own cluster, which idles here.
  writeFileSync(clusters, JSON.stringify([{ name: 'sandbox', server: rig.door.url, token: rig.sluiceToken }]), {
    mode: 0o600,
  })
  const made = configOf({ applications, rules: soakingFor(`${soakSeconds}s`), delivery: { by, health } })
  const stage = await setStage({
    dir: join(dir, 'stage'),
    openCluster: openSandboxCluster,
    tools: { kustomize, cosign: await tool('cosign'), registry: await tool('registry') },
    searchPath: process.env['PATH'] ?? '',
    onProgress: () => {},
    allowFlawedCosign: true,
    quota: { requestsPerHour: 1e6, creationsPerMinute: 1e6, creationsPerHour: 1e6 },
    settings: { ...whatNodeKeeps, SLUICE_SWEEP_INTERVAL: '3s', SLUICE_CLUSTERS: clusters },
    files: (files) => changed?.(made(files)) ?? made(files),
  })
  started.defer(() => stage.stop())
  await deliver(rig, stage, wishes)
  await stage.server.start()
  const everything = started.move()
  return { rig, stage, by, ...wordsOf(rig, stage, dir), end: () => everything.disposeAsync() }
}

/** The same names as the sandbox cluster of the stage has. */
async function deliver(
  rig: Rig,
  stage: Stage,
  { by, applications, oftenLookedAt, fetchedApart }: ServedWishes,
): Promise<void> {
  const asUser = fetchedApart === undefined ? undefined : fetcherOf(stage, fetchedApart)
  for (const environment of environments) {
    await rig.kube.apply(namespace(environment))
    for (const application of applications)
      await rig.kube.apply(
        ...deliveryObjects(by, {
          name: `${application}-${environment}`,
          at: kindOf[by].namespace,
          into: environment,
          ...(application === fetchedApart ? asUser : { source: 'config' }),
          repoUrl: `${stage.forge.url}/${repo}.git`,
          path: overlayFolder(application, environment),
          ...(application === oftenLookedAt ? {} : { lookEvery: '10s' }),
        }),
      )
  }
}

/** Who fetches for Flux what it fetches apart. */
export const fetcherFor = (application: string): string => `flux-for-${application}`

function fetcherOf(stage: Stage, application: string) {
  const username = fetcherFor(application)
  const { token: password } = stage.forge.createUser(username)
  return { source: `config-for-${application}`, credentials: { username, password } }
}

function wordsOf(rig: Rig, stage: Stage, dir: string): Omit<Served, 'rig' | 'stage' | 'by' | 'end'> {
  const { ann, root } = stage.people
  const get = async <T>(path: string): Promise<T> => (await root.request('GET', path)) as T
  const pulls = async () => {
    const found = await get<readonly PullView[]>(`/repos/${repo}/pulls?state=all&per_page=100`)
    if (found.length === 100) throw new Error('there may be more pull requests than one page holds')
    return found
  }
  const eventually: Served['eventually'] = (awaited, seen) => look(seen, { awaited, within: 240_000 })
  const slot: Served['slot'] = async (application, environment) => {
    const [round] = (await (await fetch(`${stage.server.url}/status`)).json()) as readonly {
      readonly slots: readonly SlotView[]
    }[]
    return round?.slots.find((one) => one.slot === `${application}/${environment}`)
  }
  const file: Served['file'] = async (path) => {
    const { content } = await get<{ readonly content: string }>(`/repos/${repo}/contents/${path}`)
    return Buffer.from(content, 'base64').toString()
  }
  const isRunning = async (application: string, environment: EnvironmentName, digest: string): Promise<boolean> => {
    const pods = await podsOf(rig.kube, environment, application)
    return pods.length > 0 && pods.every(({ spec }) => spec.containers[0].image.endsWith(digest))
  }
  const healthy: Served['healthy'] = (application, environment, digest) =>
    eventually(`${application} is healthy in ${environment} with ${digest.slice(0, 19)}`, async () => {
      if (!(await file(overlayFile(application, environment))).includes(digest)) return undefined
      if ((await slot(application, environment))?.health.is !== 'healthy') return undefined
      return (await isRunning(application, environment, digest)) ? true : undefined
    })
  return {
    eventually,
    slot,
    file,
    healthy,
    started: (application) =>
      Promise.all(environments.map((environment) => healthy(application, environment, firstDigest(application)))),
    ours: async (kind, application, environment) =>
      (await pulls()).filter(({ head }) => head.ref === `sluice/${kind}/${environment}/${application}`),
    merged: async (kind, application) =>
      (await pulls())
        .filter(({ head, merged_at }) => {
          const [whose, what, , named] = head.ref.split('/')
          const isNamed = what === (kind ?? what) && named === (application ?? named)
          return merged_at !== null && whose === 'sluice' && isNamed
        })
        .map(({ number }) => number),
    takenBack: async () =>
      (await pulls()).filter(({ head }) => head.ref.startsWith('sluice/rollback/')).map(({ number }) => number),
    said: async (pull) =>
      (await get<readonly CommentView[]>(`/repos/${repo}/issues/${pull}/comments?per_page=100`))
        .filter(({ user }) => user.login === stage.forge.app.botLogin)
        .map(({ body }) => body)
        .join('\n\n'),
    say: async (text) => {
      const [newest] = await pulls()
      await ann.comment(repo, newest?.number ?? 0, text)
    },
    bring: async (application, tag, given) => {
      const digest = given ?? (await stage.build(application, tag))
      const branch = `${application}-${tag}`
      const written = overlay(application, 'dev', { registry: stage.registry.host, tag, digest })
      await ann.commitFiles(repo, branch, { [overlayFile(application, 'dev')]: written }, branch, { from: 'main' })
      await ann.openPull({ repo, title: branch, head: branch, base: 'main' })
      return digest
    },
    lastWords: () => {
      const log = readFileSync(join(dir, 'stage', 'server.log'), 'utf8').split('\n')
      const lines = log.filter((line) => !line.includes('"level":"debug"')).slice(-20)
      return [...lines, rig.lastWords()].join('\n')
    },
  }
}

/** The delivery object of a slot. */
export const deliveryOf = ({ by }: Served, application: string, environment: EnvironmentName) => ({
  ...kindOf[by],
  name: `${application}-${environment}`,
})
