import { join } from 'node:path'
import type { Places } from './control-plane.ts'
import { freePorts } from './free-ports.ts'
import type { Kube } from './kube.ts'
import { namespace, objectsIn } from './manifests.ts'
import { playSource } from './play-source.ts'
import { answers, type Program, startProgram, untilReady } from './program.ts'

export interface Flux {
  readonly source: Program
  readonly kustomize: Program
}

/** Flux' real kustomize-controller with the definitions of both controllers, and a played source-controller. */
export async function startFlux(
  { dir, logs }: Places,
  { bin, manifests, kube, kubeconfig }: { bin: string; manifests: string; kube: Kube; kubeconfig: string },
): Promise<Flux> {
  const definitions = ['source-controller', 'kustomize-controller'].flatMap((controller) =>
    objectsIn(join(manifests, 'github.com/fluxcd', controller, 'config/crd/bases')),
  )
  await kube.apply(namespace('flux-system'), ...definitions)
  await kube.untilServed(definitions)
  const ports = await freePorts('health', 'metrics')
  const source = await playSource(kube, join(dir, 'flux-sources'))
  const kustomize = startProgram({
    name: 'kustomize-controller',
    binary: join(bin, 'kustomize-controller'),
    args: [
      '--enable-leader-election=false',
      '--log-level=debug',
      '--watch-all-namespaces',
      '--no-remote-bases',
      '--requeue-dependency=2s',
      `--health-addr=127.0.0.1:${ports.health}`,
      `--metrics-addr=127.0.0.1:${ports.metrics}`,
    ],
    env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system' },
    logs,
  })
  await untilReady(kustomize, answers(`http://127.0.0.1:${ports.health}/readyz`))
  return { source, kustomize }
}
