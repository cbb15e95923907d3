import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AskedRequest, apiServer } from './api-server.ts'
import { isSkipped, reconcileApplication, seenOfApplication } from './application.ts'
import { manifestBuilder } from './build-manifests.ts'
import { type Controller, controlLoop, pause, type World } from './controller.ts'
import { type Badness, type Darkness, type Faults, noFaults } from './faults.ts'
import { reconcileGitRepository } from './git-repository.ts'
import { gitSources } from './git-source.ts'
import { defaultIntervals, type Intervals } from './intervals.ts'
import { collectionOf, type KubeObject } from './kube-object.ts'
import { artifactRevision, reconcileKustomization } from './kustomization.ts'
import { ObjectStore } from './object-store.ts'
import { page } from './page.ts'
import { fluxRequest, isRefreshAsked } from './reconcile-requests.ts'
import { type RunningImage, runningImages } from './running-images.ts'
import { workloadController } from './workloads.ts'

export type { AskedRequest } from './api-server.ts'
export { argoApplication, fluxKustomization } from './delivery-objects.ts'
export type { Badness, Darkness } from './faults.ts'
export type { Intervals } from './intervals.ts'
export type { KubeObject } from './kube-object.ts'
export type { RunningImage } from './running-images.ts'

export interface ClusterOptions {
  /** A folder of its own, for mirrors and checkouts. */
  readonly dir: string
  readonly name: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** The absolute path of the kustomize program. */
  readonly kustomize: string
  readonly intervals?: Partial<Intervals>
  readonly now?: () => number
}

export interface SandboxCluster {
  readonly name: string
  readonly url: string
  /** May only read. */
  readonly token: string
  /** May read, and patch what Flux and Argo CD are asked by. */
  readonly requesterToken: string
  readonly adminToken: string
  /** Creates or replaces, as `kubectl apply` would. */
  apply(...objects: readonly KubeObject[]): void
  /** The live object, or undefined. */
  get(
    kind: { readonly apiVersion: string; readonly kind: string },
    namespace: string,
    name: string,
  ): KubeObject | undefined
  /** What runs now: one entry for every container of every pod. */
  state(): readonly RunningImage[]
  /** What the API was asked so far. */
  asked(): readonly AskedRequest[]
  /** From now on pods of an image with this digest misbehave, everywhere or in one namespace; `afterMs` for `flap` and `degrade-after`. */
  badImage(digest: string, how: Badness, afterMs?: number, namespace?: string): void
  goodImage(digest: string): void
  /** Images that the node does not hold yet cannot be pulled. */
  registryAway(away: boolean): void
  /** The API does not answer, while the controllers go on. The page at `/` stays. */
  goDark(dark: Darkness): void
  /** Whoever is no administrator is answered this code for collections such as `v1/pods`; null ends it. */
  refuse(collection: string, code: 403 | 500 | null): void
  /** Watches stay open and say nothing, as where a proxy has lost its other side. */
  muteWatches(muted: boolean): void
  suspend(kind: 'Kustomization' | 'GitRepository', namespace: string, name: string, suspended?: boolean): void
  /** Closes or opens the sync window of every Argo CD project. */
  syncWindow(closed: boolean): void
  /** Flux and Argo CD stop, or go on; the cluster itself runs. */
  stopController(stopped: boolean): void
  stop(): Promise<void>
}

/**
 * A cluster on this machine: a Kubernetes-like API without kinds of its own, behind it Flux and Argo CD in small, which
 * really fetch Git repositories and really run kustomize, and workloads that roll out, or fail as they were told to.
 */
export async function startCluster(options: ClusterOptions): Promise<SandboxCluster> {
  await mkdir(options.dir, { recursive: true })
  const clock = options.now ?? Date.now
  const faults = noFaults()
  const store = new ObjectStore(() => new Date(clock()).toISOString())
  const stopping = new AbortController()
  const world: World = {
    store,
    faults,
    clock,
    intervals: { ...defaultIntervals, ...options.intervals },
    sources: gitSources(options.dir),
    build: manifestBuilder(options.kustomize),
    stopping: stopping.signal,
  }
  const token = () => randomBytes(16).toString('hex')
  const tokens = { admin: token(), reader: token(), requester: token() }
  const asked: AskedRequest[] = []
  const server = createServer(handler(options.name, store, apiServer(store, faults, tokens, asked)))
  await listen(server, options.port ?? 0)
  const loops = startControllers(world)
  return {
    name: options.name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: tokens.reader,
    requesterToken: tokens.requester,
    adminToken: tokens.admin,
    apply: (...objects) => void objects.map((object) => store.put(object)),
    get: (kind, namespace, name) => store.get({ collection: collectionOf(kind), namespace, name }),
    state: () => runningImages(store),
    asked: () => [...asked],
    ...controls(world, server, faults),
    async stop() {
      stopping.abort()
      server.closeAllConnections()
      await Promise.all([...loops, new Promise((resolve) => server.close(resolve))])
    },
  }
}

function startControllers(world: World): readonly Promise<void>[] {
  const { fetchMs, reconcileMs } = world.intervals
  const controllers: readonly Controller[] = [
    {
      collection: 'source.toolkit.fluxcd.io/v1/gitrepositories',
      everyMs: fetchMs,
      reconcile: (source) => reconcileGitRepository(world, source),
      trigger: fluxRequest,
    },
    {
      collection: 'kustomize.toolkit.fluxcd.io/v1/kustomizations',
      everyMs: reconcileMs,
      reconcile: (kustomization) => reconcileKustomization(world, kustomization),
      trigger: (kustomization) => `${artifactRevision(world, kustomization)} ${fluxRequest(kustomization)}`,
    },
    {
      collection: 'argoproj.io/v1alpha1/applications',
      everyMs: reconcileMs,
      reconcile: (application) => reconcileApplication(world, application),
      trigger: (application) => seenOfApplication(world, application),
      isAsked: (application) => isRefreshAsked(application) && !isSkipped(application),
    },
  ]
  return [...controllers.map((controller) => controlLoop(world, controller)), runWorkloads(world)]
}

async function runWorkloads(world: World): Promise<void> {
  const workloads = workloadController(world)
  while (!world.stopping.aborted) {
    workloads.tick()
    await pause(world, 100)
  }
}

function controls(world: World, server: Server, faults: Faults) {
  const { store } = world
  return {
    badImage: (digest: string, how: Badness, afterMs = 0, namespace?: string) =>
      void faults.badImages.set(digest, { how, afterMs, namespace }),
    goodImage: (digest: string) => void faults.badImages.delete(digest),
    registryAway(away: boolean) {
      faults.registryAway = away
    },
    stopController(stopped: boolean) {
      faults.controllersStopped = stopped
    },
    refuse(collection: string, code: 403 | 500 | null) {
      if (code === null) faults.refused.delete(collection)
      else faults.refused.set(collection, code)
    },
    muteWatches(muted: boolean) {
      faults.watchesMuted = muted
    },
    goDark(dark: Darkness) {
      faults.dark = dark
      // Watches that are open break too, as they would.
      if (dark !== false) server.closeAllConnections()
    },
    suspend(kind: 'Kustomization' | 'GitRepository', namespace: string, name: string, suspended = true) {
      const group = kind === 'Kustomization' ? 'kustomize' : 'source'
      const collection = collectionOf({ apiVersion: `${group}.toolkit.fluxcd.io/v1`, kind })
      const found = store.get({ collection, namespace, name })
      if (found === undefined) throw new Error(`there is no ${kind} ${namespace}/${name}`)
      store.put({ ...found, spec: { ...found.spec, suspend: suspended } })
    },
    syncWindow(closed: boolean) {
      const window = { kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'], manualSync: true }
      for (const project of store.list('argoproj.io/v1alpha1/appprojects'))
        store.put({ ...project, spec: { ...project.spec, syncWindows: closed ? [window] : [] } })
    },
  }
}

const handler =
  (name: string, store: ObjectStore, api: (request: IncomingMessage, response: ServerResponse) => Promise<void>) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === '/' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      return void response.end(page(name, store))
    }
    api(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  }

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
