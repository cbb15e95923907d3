import { dirname, join } from 'node:path'
import { type ClusterAccess, kubernetesDelivery } from '../../src/adapters/delivery/kubernetes-delivery.ts'
import { deliveryName } from '../../src/domain/delivery.ts'
import type { Sighting } from '../../src/domain/health.ts'
import { toInstant } from '../../src/domain/ids.ts'
import type { Delivery, ExpectedDelivery } from '../../src/ports/delivery.ts'
import { asPerson, type Person } from '../../src/sandbox/forge/person.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/start-forge.ts'
import { tool } from '../tools.ts'
import { type AppOptions, appFiles, overlayOf, overlayPath } from './app-files.ts'
import { type Controllers, deliveryObjects, kindOf } from './delivery-objects.ts'
import { kindsOf, record } from './recording.ts'
import { type ApiDoor, openDoor } from './rig/api-door.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import type { FamilyName } from './rig/families.ts'
import { namespace } from './rig/manifests.ts'
import { type Rig, startRig } from './rig/start-rig.ts'
import { type Sightings, watchSightings } from './sightings.ts'
import { accessToSpoke, spokeFor } from './spoke.ts'

/** The rig, a forge whose repositories the real controllers pull, and Sluice's own eyes. */
export interface World {
  readonly rig: Rig
  readonly forge: SandboxForge
  readonly delivery: Delivery
  /** An application with a repository, a namespace and a delivery object of its own, so that stories do not meet. */
  app(name: string, by: Controllers, options?: AppOptions): Promise<App>
  end(): Promise<void>
}

export interface App {
  readonly repository: string
  readonly person: Person
  readonly namespace: string
  readonly expected: ExpectedDelivery
  /** Where Sluice sees this application, and no other. */
  readonly door: ApiDoor
  /** The delivery object. */
  readonly object: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
  }
  /** Merges a pull request that brings the digest; hands back the merge commit. */
  release(digest: string): Promise<string>
  commit(files: Readonly<Record<string, string | null>>, message: string): Promise<string>
  /** Its controllers cannot fetch the repository until what is handed back is called. */
  cutOff(): () => void
  /** Everything that Sluice sees of it from now on. */
  readonly sightings: Sightings
}

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`

/** In a folder of its own. */
export async function startWorld(
  dir: string,
  wanted: readonly Controllers[],
  {
    argoCdResyncSeconds,
    ...options
  }: {
    readonly fluxMore?: boolean
    readonly argoCdResyncSeconds?: number
  } = {},
): Promise<World> {
  const families: readonly FamilyName[] = ['etcd', 'kubernetes', 'kwok', ...wanted]
  const built = await buildBinaries(families, () => {})
  const resync = argoCdResyncSeconds === undefined ? {} : { resyncSeconds: argoCdResyncSeconds }
  const argoCd = wanted.includes('argo-cd')
    ? { kustomizeFolder: dirname(await tool('kustomize')), ...resync }
    : undefined
  const rig = await startRig({
    dir: join(dir, 'rig'),
    built,
    flux: wanted.includes('flux'),
    ...options,
    ...(argoCd === undefined ? {} : { argoCd }),
  })
  const forge = await startForge({ dir: join(dir, 'forge') })
  const person = asPerson(forge.apiUrl, forge.createUser('ann').token)
  const delivery = eyes(rig, rig.door, [])
  const watching: { stop(): Promise<void> }[] = []
  const recordings = process.env['SLUICE_TEST_RECORD']
  return {
    rig,
    forge,
    delivery,
    app: async (name, by, options = {}) => {
      const app = await bringUp({ rig, forge, person }, name, by, options)
      watching.push({
        stop: async () => {
          await app.sightings.stop()
          await app.door.close()
        },
      })
      if (recordings !== undefined) {
        const about = {
          expected: app.expected,
          kinds: kindsOf(by, name),
          source: `real ${by}, from npm run test:cluster`,
        }
        watching.push(record(rig.kube, join(recordings, `${by}-${name}.json`), about))
      }
      return app
    },
    end: async () => {
      await Promise.all(watching.map(({ stop }) => stop()))
      await rig.stop()
      await forge.stop()
    },
  }
}

const eyes = (rig: Rig, door: ApiDoor, more: readonly ClusterAccess[]): Delivery =>
  kubernetesDelivery({
    clusters: [{ name: 'rig', server: door.url, token: rig.sluiceToken }, ...more],
    now: () => toInstant(Date.now()),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    timeoutMs: 3_000,
  })

interface Stage {
  readonly rig: Rig
  readonly forge: SandboxForge
  readonly person: Person
}

async function bringUp(stage: Stage, name: string, by: Controllers, options: AppOptions): Promise<App> {
  const { rig, forge, person } = stage
  const repository = `ann/${name}`
  const created = await forge.createRepository({ owner: 'ann', name, files: appFiles(name, options) })
  const object = { ...kindOf[by], name, ...(options.isInOwnNamespace === true ? { namespace: name } : {}) }
  const place = { name, at: object.namespace, into: name, repoUrl: created.cloneUrl, path: overlayPath }
  const spoke = options.inSpoke === true ? spokeFor[by](rig, name) : undefined
  await rig.kube.apply(
    namespace(name),
    ...(spoke === undefined ? [] : [spoke.secret]),
    ...deliveryObjects(by, { ...options, ...place, spec: spoke?.spec }),
  )
  const commit: App['commit'] = async (files, message) => {
    const branch = `change-${Date.now()}`
    await person.commitFiles(repository, branch, files, message)
    const pull = await person.openPull({ repo: repository, title: message, head: branch, base: 'main' })
    await forge.settled()
    return await person.mergePull(repository, pull)
  }
  const expected: ExpectedDelivery = {
    spec: { type: by, cluster: 'rig', namespace: object.namespace, name },
    repositoryUrls: [created.cloneUrl],
    branch: 'main',
    path: overlayPath,
    ...(options.closely === undefined ? {} : { closely: options.closely }),
  }
  const door = await openDoor(rig.kube)
  const delivery = eyes(rig, door, spoke === undefined ? [] : [accessToSpoke(rig, spoke.called)])
  const look = async (): Promise<Sighting> => {
    const reading = (await delivery.read([expected])).get(deliveryName(expected.spec))
    if (reading === undefined) throw new Error(`nothing was read of ${name}`)
    return reading.sighting
  }
  return {
    repository,
    person,
    namespace: name,
    expected,
    door,
    object,
    release: (digest) =>
      commit({ [`${overlayPath}/kustomization.yaml`]: overlayOf(name, digest) }, `Release ${digest}`),
    commit,
    cutOff: () =>
      forge.faults.add({
        operation: 'git-list',
        kind: 'error-before',
        status: 503,
        where: ({ path }) => path.startsWith(`/${repository}`),
      }).remove,
    sightings: watchSightings(look),
  }
}
