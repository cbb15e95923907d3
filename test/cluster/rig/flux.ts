import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Places } from './control-plane.ts'
import { freePorts } from './free-ports.ts'
import type { Kube } from './kube.ts'
import { namespace, objectsIn } from './manifests.ts'
import { answers, type Program, startProgram, untilReady } from './program.ts'

export interface Flux {
  readonly source: Program
  readonly kustomize: Program
}

/** Flux' source-controller and kustomize-controller, with their definitions. */
export async function startFlux(
  { dir, logs }: Places,
  { bin, manifests, kube, kubeconfig }: { bin: string; manifests: string; kube: Kube; kubeconfig: string },
): Promise<Flux> {
  const definitions = ['source-controller', 'kustomize-controller'].flatMap((controller) =>
    objectsIn(join(manifests, 'github.com/fluxcd', controller, 'config/crd/bases')),
  )
  await kube.apply(namespace('flux-system'), ...definitions)
  const ports = await freePorts('storage', 'sourceHealth', 'sourceMetrics', 'kustomizeHealth', 'kustomizeMetrics')
  const storage = join(dir, 'flux-artifacts')
  mkdirSync(storage, { recursive: true })
  const env = { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system' }
  const common = ['--enable-leader-election=false', '--log-level=debug', '--watch-all-namespaces']
  const source = startProgram({
    name: 'source-controller',
    binary: join(bin, 'source-controller'),
    args: [
      ...common,
      `--storage-path=${storage}`,
      `--storage-addr=127.0.0.1:${ports.storage}`,
      `--storage-adv-addr=127.0.0.1:${ports.storage}`,
      `--health-addr=127.0.0.1:${ports.sourceHealth}`,
      `--metrics-addr=127.0.0.1:${ports.sourceMetrics}`,
    ],
    env: { ...env, TUF_ROOT: join(dir, 'tuf') },
    logs,
  })
  const kustomize = startProgram({
    name: 'kustomize-controller',
    binary: join(bin, 'kustomize-controller'),
    args: [
      ...common,
      '--no-remote-bases',
      '--requeue-dependency=2s',
      `--health-addr=127.0.0.1:${ports.kustomizeHealth}`,
      `--metrics-addr=127.0.0.1:${ports.kustomizeMetrics}`,
    ],
    env,
    logs,
  })
  await untilReady(source, answers(`http://127.0.0.1:${ports.sourceHealth}/readyz`))
  await untilReady(kustomize, answers(`http://127.0.0.1:${ports.kustomizeHealth}/readyz`))
  return { source, kustomize }
}
