import { readFileSync } from 'node:fs'
import type { ClusterAccess } from '../../src/adapters/delivery/kubernetes-delivery.ts'
import type { Controllers } from './delivery-objects.ts'
import type { KubeObject } from './rig/kube.ts'
import type { Rig } from './rig/start-rig.ts'

/**
 * The rig's own cluster once more, by another name: that the controllers apply there as to any other than their own, and
 * that Sluice reaches it by another way than theirs, is all that counts.
 */
export interface Spoke {
  /** What leads the controllers there. */
  readonly secret: KubeObject
  /** Of the delivery object. */
  readonly spec: object
  /** By which Sluice's settings know it. */
  readonly called: string
}

export const spokeFor: Readonly<Record<Controllers, (rig: Rig, namespace: string) => Spoke>> = {
  flux: ({ kubeconfig }) => {
    const name = 'spoke-kubeconfig'
    return {
      secret: secret({ name, namespace: 'flux-system' }, { value: readFileSync(kubeconfig, 'utf8') }),
      spec: { kubeConfig: { secretRef: { name } } },
      called: `flux-system/${name}`,
    }
  },
  'argo-cd': ({ kube }, namespace) => {
    const config = { bearerToken: kube.token, tlsClientConfig: { caData: Buffer.from(kube.ca).toString('base64') } }
    const labels = { 'argocd.argoproj.io/secret-type': 'cluster' }
    const data = { name: 'spoke', server: kube.url, config: JSON.stringify(config) }
    return {
      secret: secret({ name: 'spoke', namespace: 'argocd', labels }, data),
      spec: { destination: { server: kube.url, namespace } },
      called: kube.url,
    }
  },
}

const secret = (metadata: KubeObject['metadata'], stringData: Readonly<Record<string, string>>): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata, stringData },
})

export const accessToSpoke = (rig: Rig, called: string): ClusterAccess => ({
  ...{ name: 'spoke', server: rig.door.url, token: rig.sluiceToken, knownAs: [called] },
})
