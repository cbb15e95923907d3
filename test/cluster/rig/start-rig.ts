import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ApiDoor, openDoor } from './api-door.ts'
import { type ArgoCd, type ArgoCdWishes, startArgoCd } from './argo-cd.ts'
import type { Built } from './build-binaries.ts'
import { startControlPlane } from './control-plane.ts'
import type { FamilyName } from './families.ts'
import { type Flux, type FluxMore, startFlux, startFluxMore } from './flux.ts'
import type { Kube } from './kube.ts'
import { namespace, objectsIn } from './manifests.ts'
import { type Badness, startNodes } from './nodes.ts'
import type { Program } from './program.ts'

export interface RigOptions {
  /** A folder of its own; the programs' logs are in `logs` below it. */
  readonly dir: string
  readonly built: Built
  readonly flux?: boolean
  /** helm-controller and notification-controller too. */
  readonly fluxMore?: boolean
  readonly argoCd?: ArgoCdWishes
}

/** A Kubernetes API with the real controllers behind it, as plain processes of this machine. */
export interface Rig {
  readonly kube: Kube
  readonly flux: Flux | undefined
  readonly fluxMore: FluxMore | undefined
  readonly argoCd: ArgoCd | undefined
  /** Where Sluice reads the cluster, as the ServiceAccount of `manifests/`. */
  readonly door: ApiDoor
  readonly sluiceToken: string
  /** A file: of an administrator. */
  readonly kubeconfig: string
  /** Pods that start from now on; in one namespace only, where one is named. */
  badImage(digest: string, how: Badness, namespace?: string): Promise<void>
  goodImage(digest: string): Promise<void>
  /** What each program wrote last, for a test that failed. */
  lastWords(): string
  stop(): Promise<void>
}

/** Resolves when everything is ready; where something does not start, ends the rest and says what it wrote. */
export async function startRig({ dir, built, flux, fluxMore, argoCd }: RigOptions): Promise<Rig> {
  const logs = join(dir, 'logs')
  mkdirSync(logs, { recursive: true })
  const running: Program[] = []
  const places = { dir, logs, running }
  const closing: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of closing) await close()
    // What watches the API server ends before it does.
    for (const program of running) await program.stop()
  }
  try {
    const bin = (family: FamilyName): string => join(folderOf(built, family), 'bin')
    const manifests = (family: FamilyName): string => join(folderOf(built, family), 'manifests')
    const plane = await startControlPlane(places, { etcd: bin('etcd'), kubernetes: bin('kubernetes') })
    const common = (family: FamilyName) => ({ ...plane, bin: bin(family), manifests: manifests(family) })
    const nodes = await startNodes(places, common('kwok'))
    const parts = [
      flux === true ? startFlux(places, common('flux')) : undefined,
      fluxMore === true ? startFluxMore(places, common('flux')) : undefined,
      argoCd === undefined ? undefined : startArgoCd(places, { ...common('argo-cd'), ...argoCd }),
    ] as const
    // Where one of them fails, none of the others may start anything after all was ended.
    await Promise.allSettled(parts)
    const [runningFlux, runningMore, runningArgoCd] = await Promise.all(parts)
    const door = await openDoor(plane.kube)
    closing.push(door.close)
    const sluiceToken = await installSluice(plane.kube)
    return {
      kube: plane.kube,
      kubeconfig: plane.kubeconfig,
      flux: runningFlux,
      fluxMore: runningMore,
      argoCd: runningArgoCd,
      door,
      sluiceToken,
      badImage: nodes.badImage,
      goodImage: nodes.goodImage,
      lastWords: () => running.map(({ name, lastWords }) => `--- ${name}\n${lastWords(6)}`).join('\n'),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function folderOf(built: Built, family: FamilyName): string {
  const folder = built[family]
  if (folder === undefined) throw new Error(`${family} was not built`)
  return folder
}

/** As an operator installs it: the role of `manifests/`, and a token of the ServiceAccount that it is bound to. */
async function installSluice(kube: Kube): Promise<string> {
  const folder = fileURLToPath(new URL('../../../manifests/', import.meta.url))
  const wanted = objectsIn(folder).filter(({ kind }) =>
    ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'].includes(kind),
  )
  await kube.apply(
    namespace('sluice'),
    ...wanted.map((object) =>
      object.kind === 'ServiceAccount' ? { ...object, metadata: { ...object.metadata, namespace: 'sluice' } } : object,
    ),
  )
  // A day: the demonstration stays up for as long as somebody looks at it.
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } }
  const answer = await kube.create('/api/v1/namespaces/sluice/serviceaccounts/sluice/token', request)
  return String(answer['status'].token)
}
