import { join } from 'node:path'
import type { Places } from './control-plane.ts'
import { freePorts } from './free-ports.ts'
import type { Kube, KubeObject } from './kube.ts'
import { objectsIn } from './manifests.ts'
import { answers, startProgram, untilReady } from './program.ts'

/**
 * How the pods of an image go wrong. `flap`: they crash after a few seconds, come back after as many, and so on. `fail`:
 * they end for good, as those of a Job that are not to be started again.
 */
export type Badness = 'crash' | 'fail' | 'never-ready' | 'no-such-image' | 'registry-away' | 'flap'

export interface Nodes {
  /** Pods that start from now on with an image of this digest go wrong; in one namespace only, where one is named. */
  badImage(digest: string, how: Badness, namespace?: string): Promise<void>
  goodImage(digest: string): Promise<void>
}

/** A node that KWOK plays: pods on it get ready at once, unless their image is a bad one. */
export async function startNodes(
  { logs, running }: Places,
  { bin, manifests, kube, kubeconfig }: { bin: string; manifests: string; kube: Kube; kubeconfig: string },
): Promise<Nodes> {
  const from = join(manifests, 'sigs.k8s.io/kwok/kustomize')
  const definitions = objectsIn(join(from, 'crd/bases')).filter(({ spec }) => spec.names.kind === 'Stage')
  const stages = ['stage/pod/fast', 'stage/node/fast'].flatMap((folder) => objectsIn(join(from, folder)))
  await kube.apply(...definitions, ...stages, node)
  const { server } = await freePorts('server')
  const kwok = startProgram({
    name: 'kwok',
    binary: join(bin, 'kwok'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--manage-all-nodes',
      '--enable-crds=Stage',
      '--node-lease-duration-seconds=40',
      '--cidr=10.244.0.0/16',
      `--server-address=127.0.0.1:${server}`,
    ],
    logs,
    running,
  })
  await untilReady(kwok, answers(`http://127.0.0.1:${server}/healthz`))
  return {
    badImage: (digest, how, where) =>
      kube.apply(...(how === 'flap' ? flapping : [badly(how)]).map(stageOf(digest, where))),
    goodImage: async (digest) => {
      for (const { name } of [badly('crash'), ...flapping])
        await kube.remove({ ...stageKind, name: stageName(name, digest) })
    },
  }
}

const node: KubeObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'node-1',
    labels: { 'kubernetes.io/hostname': 'node-1' },
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
  },
}

const stageKind = { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'Stage' } as const
const stageName = (name: string, digest: string): string => `${name}-${digest.replace(/^.*:/, '').slice(0, 40)}`

/** What happens to pods of a bad image: in which phase, after how long, and their status from then on. */
interface Happening {
  readonly name: string
  readonly phase: 'Pending' | 'Running'
  readonly ready?: 'True' | 'False'
  readonly afterMs?: number
  readonly status: string
}

/** Takes the place of KWOK's `pod-ready`, by its weight. */
const badly = (how: Exclude<Badness, 'flap'>): Happening => ({ name: 'bad', phase: 'Pending', status: statusOf[how] })

const stageOf =
  (digest: string, namespace: string | undefined) =>
  ({ name, phase, ready, afterMs, status }: Happening): KubeObject => ({
    ...stageKind,
    metadata: { name: stageName(name, digest) },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: {
        matchExpressions: [
          { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
          { key: '.status.phase', operator: 'In', values: [phase] },
          { key: '.spec.containers.[].image | sub(".*@"; "")', operator: 'In', values: [digest] },
          ...(namespace === undefined ? [] : [{ key: '.metadata.namespace', operator: 'In', values: [namespace] }]),
          ...(ready === undefined ? [] : [{ key: readyStatus, operator: 'In', values: [ready] }]),
        ],
      },
      weight: 1,
      ...(afterMs === undefined ? {} : { delay: { durationMilliseconds: afterMs } }),
      next: { statusTemplate: status },
    },
  })

const readyStatus = '.status.conditions.[] | select( .type == "Ready" ) | .status'

// One time for good: KWOK plays a stage again at every change of the pod, and a new time would be a change.
const unready = (phase: string, state: string): string => `
{{ $now := .metadata.creationTimestamp }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  restartCount: 3
  state: ${state}
{{ end }}
phase: ${phase}
startTime: {{ $now | Quote }}
`

const waiting = (reason: string, message: string): string =>
  `{ waiting: { reason: ${reason}, message: ${JSON.stringify(message)} } }`

const statusOf: Readonly<Record<Exclude<Badness, 'flap'>, string>> = {
  crash: unready('Running', waiting('CrashLoopBackOff', 'back-off 40s restarting failed container')),
  fail: unready('Failed', '{ terminated: { exitCode: 1, reason: Error, finishedAt: {{ $now | Quote }} } }'),
  'never-ready': unready('Running', '{ running: { startedAt: {{ $now | Quote }} } }'),
  'no-such-image': unready('Pending', waiting('ErrImagePull', 'rpc error: code = NotFound desc = manifest unknown')),
  'registry-away': unready(
    'Pending',
    waiting(
      'ErrImagePull',
      'failed to do request: Head "https://r/v2/": dial tcp 10.0.0.7:443: connect: connection refused',
    ),
  ),
}

const flapMs = 2_000

const flapping: readonly Happening[] = [
  { name: 'flap-down', phase: 'Running', ready: 'True', afterMs: flapMs, status: statusOf.crash },
  {
    name: 'flap-up',
    phase: 'Running',
    ready: 'False',
    afterMs: flapMs,
    status: `
{{ $now := Now }}
conditions:
- { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- { image: {{ .image | Quote }}, imageID: "", name: {{ .name | Quote }}, ready: true, restartCount: 3, state: { running: { startedAt: {{ $now | Quote }} } }, lastState: { terminated: { exitCode: 1, reason: Error, finishedAt: {{ $now | Quote }} } } }
{{ end }}
`,
  },
]
