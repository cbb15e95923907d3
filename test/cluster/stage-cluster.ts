import { dirname } from 'node:path'
import { environments } from '../../src/demo/config-repository.ts'
import type { OpenCluster, OverlayDelivery, StageCluster } from '../../src/demo/stage-cluster.ts'
import { crashPods } from './crash-pods.ts'
import { deliveryObjects } from './delivery-objects.ts'
import { demandRedis } from './rig/argo-cd.ts'
import { buildBinaries, familyVersion } from './rig/build-binaries.ts'
import { demandGo } from './rig/demand-go.ts'
import type { FamilyName } from './rig/families.ts'
import type { KubeObject } from './rig/kube.ts'
import { namespace } from './rig/manifests.ts'
import { killPrograms } from './rig/program.ts'
import { type Rig, startRig } from './rig/start-rig.ts'

/** For `sluice demo --cluster`, which loads this file by its name. Rejects where this machine lacks something. */
export async function findRigCluster(): Promise<OpenCluster> {
  // An hour of building should not end in what could be said at once.
  await demandGo()
  await demandRedis()
  return openRigCluster
}

const families = ['etcd', 'kubernetes', 'kwok', 'flux', 'argo-cd'] as const satisfies readonly FamilyName[]

const openRigCluster: OpenCluster = async ({ dir, kustomize, onProgress, interrupted }) => {
  const built = await buildBinaries(families, onProgress, interrupted)
  interrupted.throwIfAborted()
  // What is being started then gives up by itself; later nobody waits for a gentle end either.
  interrupted.addEventListener('abort', killPrograms, { once: true })
  const what = await whatRuns()
  onProgress(`starting ${what}`)
  const rig = await startRig({ dir, built, flux: true, argoCd: { kustomizeFolder: dirname(kustomize) } })
  return stageClusterOn(rig, what)
}

async function whatRuns(): Promise<string> {
  const [etcd, kubernetes, kwok, flux, argoCd] = await Promise.all(families.map(familyVersion))
  return `etcd ${etcd}, Kubernetes ${kubernetes}, KWOK ${kwok}, Flux ${flux}, Argo CD ${argoCd}`
}

const stageClusterOn = (rig: Rig, what: string): StageCluster => ({
  name: 'rig',
  url: rig.kube.url,
  about:
    `The cluster is real, each part a process of this machine: ${what}; only the node is played, by KWOK. ` +
    'Real controllers take their time: Flux looks at health every 5 s and gives what is ill 30 s to get well.',
  page: null,
  access: { server: rig.door.url, token: rig.sluiceToken },
  patience: { soak: '10s', settle: '2s', confirm: '5s', deadline: '5m', evidenceWithin: '5s' },
  invitations: [
    {
      title: 'Look into the cluster, where kubectl is installed:',
      lines: [`kubectl --kubeconfig ${rig.kubeconfig} get kustomizations,applications,deployments -A`],
    },
  ],
  deliver: async (deliveries) => {
    await rig.kube.apply(...environments.map(namespace), ...deliveries.flatMap(objectsOf))
  },
  running: async (application, within) => {
    const pods = await rig.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: within })
    return pods.filter(({ metadata }) => metadata.labels?.['app'] === application).flatMap(containersOf)
  },
  crash: async (digest, within) => {
    await rig.badImage(digest, 'crash', within)
    await crashPods(rig.kube, within, digest)
  },
  // As a network that lets nothing through would: only between Sluice and the API server.
  goDark: (isDark) => rig.door.set(isDark ? 'reset' : 'open'),
  stop: rig.stop,
})

const objectsOf = ({ application, environment, by, repoUrl, path }: OverlayDelivery): readonly KubeObject[] =>
  deliveryObjects(by, {
    name: `${application}-${environment}`,
    at: by === 'flux' ? 'flux-system' : 'argocd',
    repoUrl,
    path,
    into: environment,
    source: 'config',
  })

/** A pod that was made a moment ago has containers, and no status of them yet. */
const containersOf = ({ spec, status }: KubeObject): readonly { readonly digest: string; readonly ready: boolean }[] =>
  spec.containers.map(({ name, image }: { readonly name: string; readonly image: string }) => ({
    digest: image.slice(image.indexOf('@') + 1),
    ready: status?.containerStatuses?.find((one: { readonly name: string }) => one.name === name)?.ready === true,
  }))
