import { setDeploymentStatus } from './deployment-status.ts'
import { badnessOf } from './faults.ts'
import { type KubeObject, ownerOf } from './kube-object.ts'
import { keyOf, type ObjectStore } from './object-store.ts'
import { advanceExisting, advancePods } from './owned-pods.ts'
import { imagesOf } from './pods.ts'
import { namespaceOf, replicasOf, templateHash, type WorkloadWorld } from './workload-world.ts'

/** One look at a Deployment: its ReplicaSet and pods, the old ones going when the new ones are ready, its status. */
export function advanceDeployment(world: WorkloadWorld, deployment: KubeObject): void {
  if (isSettled(world, deployment)) return
  const wanted = replicasOf(deployment)
  const hash = templateHash(deployment)
  const current = world.store.put(replicaSet(deployment, hash, wanted))
  const ready = advancePods(world, current, deployment.spec?.template, hash, wanted)
  const others = world.store.ownedBy(deployment).filter((set) => set.metadata.name !== current.metadata.name)
  // Rolling: the old pods stay until the new ones are ready.
  if (ready >= wanted) for (const old of others) scaleDown(world.store, old)
  const oldReady = others.flatMap((old) => advanceExisting(world, old)).filter(Boolean).length
  const oldPods = others.flatMap((old) => world.store.ownedBy(old)).length
  setDeploymentStatus(world, deployment, hash, { wanted, ready, oldReady, oldPods })
  const { uid, generation } = deployment.metadata
  if (ready >= wanted && oldPods === 0) world.memory.settled.set(uid, generation)
  // What went bad after it had settled is looked at until it is well again, also when the fault is gone.
  else world.memory.settled.delete(uid)
}

/** Rolled out as it is now, with nothing that could go wrong: most are so most of the time, and cost nothing. */
function isSettled(world: WorkloadWorld, deployment: KubeObject): boolean {
  const { uid, generation } = deployment.metadata
  if (world.memory.settled.get(uid) !== generation) return false
  const pods = world.store.ownedBy(deployment).flatMap((set) => world.store.ownedBy(set))
  const isBad = (image: string) => badnessOf(world.faults, image, deployment.metadata.namespace) !== undefined
  return pods.length === replicasOf(deployment) && !imagesOf(deployment).some(isBad)
}

function scaleDown(store: ObjectStore, set: KubeObject): void {
  if (set.spec?.replicas !== 0) store.put({ ...set, spec: { ...set.spec, replicas: 0 } })
  for (const pod of store.ownedBy(set)) store.delete(keyOf(pod))
}

const replicaSet = (deployment: KubeObject, hash: string, replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `${deployment.metadata.name}-${hash}`,
    namespace: namespaceOf(deployment),
    labels: { ...deployment.metadata.labels, 'pod-template-hash': hash },
    ownerReferences: [ownerOf(deployment)],
  },
  spec: { replicas, selector: deployment.spec?.selector, template: deployment.spec?.template },
})
