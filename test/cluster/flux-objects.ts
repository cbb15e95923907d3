import { setTimeout as pause } from 'node:timers/promises'
import { deployment } from './app-files.ts'
import type { Kube } from './rig/kube.ts'

/** A chart of one Deployment `worker`, in the same repository. */
export const chart: Readonly<Record<string, string>> = {
  'charts/worker/Chart.yaml': 'apiVersion: v2\nname: worker\nversion: 0.1.0\n',
  'charts/worker/templates/deployment.yaml': deployment('worker', '{{ .Values.image | quote }}'),
}

export const helmRelease = (source: string, digest: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: worker
spec:
  interval: 5s
  timeout: 10s
  chart:
    spec:
      chart: charts/worker
      reconcileStrategy: Revision
      interval: 5s
      sourceRef: { kind: GitRepository, namespace: flux-system, name: ${source} }
  values:
    image: registry.invalid/acme/worker@${digest}
`

/** Lets the forge tell Flux of pushes, as GitHub would; hands back the path of its webhook once it is listened to. */
export async function receiver(kube: Kube, source: string, token: string): Promise<string> {
  const at = { namespace: 'flux-system', name: source }
  await kube.apply(
    { apiVersion: 'v1', kind: 'Secret', metadata: at, stringData: { token } },
    {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      metadata: at,
      spec: {
        type: 'github',
        events: ['push'],
        secretRef: { name: source },
        resources: [{ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', name: source }],
      },
    },
  )
  for (;;) {
    const found = await kube.get({ apiVersion: 'notification.toolkit.fluxcd.io/v1', kind: 'Receiver', ...at })
    const path = found?.['status']?.webhookPath
    if (typeof path === 'string' && path !== '') return path
    await pause(100)
  }
}
