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

export interface FluxMore {
  readonly helm: Program
  readonly notification: Program
  /** Where its receivers listen. */
  readonly hooks: string
}

export interface FluxParts {
  readonly bin: string
  readonly manifests: string
  readonly kube: Kube
  readonly kubeconfig: string
}

/** Flux' source-controller, which serves what it fetched on a port of its own, and its kustomize-controller. */
export async function startFlux(places: Places, parts: FluxParts): Promise<Flux> {
  await define(parts, ['source-controller', 'kustomize-controller'])
  const { artifacts } = await freePorts('artifacts')
  const served = `127.0.0.1:${artifacts}`
  const [source, kustomize] = await Promise.all([
    startController(places, parts, 'source-controller', [
      `--storage-path=${folderIn(places.dir, 'flux')('artifacts')}`,
      `--storage-addr=${served}`,
      `--storage-adv-addr=${served}`,
      '--requeue-dependency=2s',
      // It doubles from 0.75 s up to 15 minutes for as long as the forge is away.
      '--max-retry-delay=3s',
    ]),
    startController(places, parts, 'kustomize-controller', [
      '--requeue-dependency=2s',
      '--no-remote-bases',
      // Nine tries, 5 s apart at first and 30 s at last, before it says that there is no artifact to fetch.
      '--http-retry=1',
    ]),
  ])
  // Its health says nothing of the server from which the others fetch.
  await untilReady(source, async () => (await fetch(`http://${served}/`)).status > 0)
  return { source, kustomize }
}

/** Its helm-controller and notification-controller. */
export async function startFluxMore(places: Places, parts: FluxParts): Promise<FluxMore> {
  await define(parts, ['helm-controller', 'notification-controller'])
  const { events, hooks } = await freePorts('events', 'hooks')
  const [helm, notification] = await Promise.all([
    startController(places, parts, 'helm-controller', ['--requeue-dependency=2s']),
    startController(places, parts, 'notification-controller', [
      `--events-addr=127.0.0.1:${events}`,
      `--receiverAddr=127.0.0.1:${hooks}`,
    ]),
  ])
  return { helm, notification, hooks: `http://127.0.0.1:${hooks}` }
}

async function define({ kube, manifests }: FluxParts, controllers: readonly string[]): Promise<void> {
  const definitions = controllers.flatMap((controller) =>
    objectsIn(join(manifests, 'github.com/fluxcd', controller, 'config/crd/bases')),
  )
  await kube.apply(namespace('flux-system'), ...definitions)
  await kube.untilServed(definitions)
}

async function startController(
  { dir, logs, running }: Places,
  { bin, kubeconfig }: FluxParts,
  name: string,
  own: readonly string[],
): Promise<Program> {
  const ports = await freePorts('health', 'metrics')
  const program = startProgram({
    name,
    binary: join(bin, name),
    args: [
      '--enable-leader-election=false',
      '--log-level=debug',
      '--watch-all-namespaces',
      // A worker that waits for health does nothing else for half a minute.
      '--concurrent=16',
      `--health-addr=127.0.0.1:${ports.health}`,
      `--metrics-addr=127.0.0.1:${ports.metrics}`,
      ...own,
    ],
    env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system', TMPDIR: folderIn(dir, 'flux')(`${name}-tmp`) },
    logs,
    running,
  })
  await untilReady(program, answers(`http://127.0.0.1:${ports.health}/readyz`))
  return program
}
