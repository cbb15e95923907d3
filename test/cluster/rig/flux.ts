import { join } from 'node:path'
import type { Places } from './control-plane.ts'
import { folderIn } from './folder-in.ts'
import { freePorts } from './free-ports.ts'
import type { Kube } from './kube.ts'
import { namespace, objectsIn } from './manifests.ts'
import { answers, type Program, startProgram, untilReady } from './program.ts'

export interface Flux {
  readonly source: Program
  readonly kustomize: Program
}

/** Flux' source-controller, which serves what it fetched on a port of its own, and its kustomize-controller. */
export async function startFlux(
  { dir, logs }: Places,
  { bin, manifests, kube, kubeconfig }: { bin: string; manifests: string; kube: Kube; kubeconfig: string },
): Promise<Flux> {
  const definitions = ['source-controller', 'kustomize-controller'].flatMap((controller) =>
    objectsIn(join(manifests, 'github.com/fluxcd', controller, 'config/crd/bases')),
  )
  await kube.apply(namespace('flux-system'), ...definitions)
  await kube.untilServed(definitions)
  const { artifacts } = await freePorts('artifacts')
  const served = `127.0.0.1:${artifacts}`
  const folder = folderIn(dir, 'flux')
  const start = async (name: string, own: readonly string[]): Promise<Program> => {
    const ports = await freePorts('health', 'metrics')
    const program = startProgram({
      name,
      binary: join(bin, name),
      args: [
        '--enable-leader-election=false',
        '--log-level=debug',
        '--watch-all-namespaces',
        '--requeue-dependency=2s',
        // A worker that waits for health does nothing else for half a minute.
        '--concurrent=16',
        `--health-addr=127.0.0.1:${ports.health}`,
        `--metrics-addr=127.0.0.1:${ports.metrics}`,
        ...own,
      ],
      env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system', TMPDIR: folder(`${name}-tmp`) },
      logs,
    })
    await untilReady(program, answers(`http://127.0.0.1:${ports.health}/readyz`))
    return program
  }
  const [source, kustomize] = await Promise.all([
    start('source-controller', [
      `--storage-path=${folder('artifacts')}`,
      `--storage-addr=${served}`,
      `--storage-adv-addr=${served}`,
      // It doubles from 0.75 s up to 15 minutes for as long as the forge is away.
      '--max-retry-delay=3s',
    ]),
    start('kustomize-controller', ['--no-remote-bases']),
  ])
  return { source, kustomize }
}
