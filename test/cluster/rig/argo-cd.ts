import { join } from 'node:path'
import { findOnPath } from '../../../src/toolchain/find-on-path.ts'
import type { Places } from './control-plane.ts'
import { folderIn } from './folder-in.ts'
import { freePorts } from './free-ports.ts'
import type { Kube, KubeObject } from './kube.ts'
import { namespace, objectsIn } from './manifests.ts'
import { answers, type Program, startProgram, untilReady } from './program.ts'
import { RigUnavailable } from './rig-unavailable.ts'

export interface ArgoCd {
  readonly controller: Program
  readonly repoServer: Program
  readonly redis: Program
}

export interface ArgoCdWishes {
  /** The folder that holds kustomize, which the repo-server takes from PATH. */
  readonly kustomizeFolder: string
  /** How often each Application asks the forge for its branch again: every 3 s where absent. */
  readonly resyncSeconds?: number
}

interface ArgoCdParts extends ArgoCdWishes {
  readonly bin: string
  readonly manifests: string
  readonly kube: Kube
  readonly kubeconfig: string
}

/** Argo CD's application controller and repo-server with Redis; started as its own Procfile does. */
export async function startArgoCd(
  { dir, logs, running }: Places,
  { bin, manifests, kube, kubeconfig, kustomizeFolder, resyncSeconds = 3 }: ArgoCdParts,
): Promise<ArgoCd> {
  const definitions = objectsIn(join(manifests, 'github.com/argoproj/argo-cd/v3/manifests/crds'))
  await kube.apply(namespace('argocd'), ...definitions, ...settings(resyncSeconds))
  await kube.untilServed(definitions)
  const ports = await freePorts('redis', 'repo', 'repoMetrics', 'metrics')
  const redis = startProgram({
    name: 'redis',
    binary: await demandRedis(),
    args: ['--port', String(ports.redis), '--bind', '127.0.0.1', '--save', '', '--dir', dir],
    logs,
    running,
  })
  const binary = join(bin, 'cmd')
  const env = (role: string) => ({
    ...folders(dir),
    KUBECONFIG: kubeconfig,
    ARGOCD_BINARY_NAME: role,
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_GPG_ENABLED: 'false',
    HOSTNAME: `${role}-0`,
    PATH: [kustomizeFolder, join(manifests, 'github.com/argoproj/argo-cd/v3/hack'), process.env['PATH']].join(':'),
  })
  const redisAt = `127.0.0.1:${ports.redis}`
  const repoServer = startProgram({
    name: 'argocd-repo-server',
    binary,
    args: [
      ...['--redis', redisAt, '--disable-tls', '--client-ca-path=', '--address', '127.0.0.1'],
      ...['--port', String(ports.repo), '--metrics-address', '127.0.0.1', '--metrics-port', String(ports.repoMetrics)],
    ],
    env: { ...env('argocd-repo-server'), ARGOCD_RECONCILIATION_TIMEOUT: '2s' },
    logs,
    running,
  })
  await untilReady(repoServer, answers(`http://127.0.0.1:${ports.repoMetrics}/healthz`))
  const controller = startProgram({
    name: 'argocd-application-controller',
    binary,
    args: [
      ...[
        '--namespace',
        'argocd',
        '--redis',
        redisAt,
        '--repo-server',
        `127.0.0.1:${ports.repo}`,
        '--repo-server-plaintext',
      ],
      // Minutes by default; each asks the forge for the branch again.
      ...[
        '--app-resync',
        String(resyncSeconds),
        '--repo-error-grace-period-seconds',
        '5',
        '--app-resync-jitter',
        '0',
        '--metrics-port',
        String(ports.metrics),
      ],
      ...['--application-namespaces', '*'],
    ],
    env: env('argocd-application-controller'),
    logs,
    running,
  })
  await untilReady(controller, answers(`http://127.0.0.1:${ports.metrics}/healthz`))
  return { controller, repoServer, redis }
}

function folders(dir: string): Readonly<Record<string, string>> {
  const folder = folderIn(dir, 'argo-cd')
  return {
    ARGOCD_TLS_DATA_PATH: folder('tls'),
    ARGOCD_SSH_DATA_PATH: folder('ssh'),
    ARGOCD_GPG_DATA_PATH: folder('gpg-source'),
    ARGOCD_GNUPGHOME: folder('gpg-keys'),
    ARGOCD_PLUGINSOCKFILEPATH: folder('plugins'),
    TMPDIR: folder('tmp'),
  }
}

/** Where it is. */
export async function demandRedis(): Promise<string> {
  const [found] = await findOnPath('redis-server', process.env['PATH'])
  if (found !== undefined) return found
  throw new RigUnavailable('Argo CD needs redis-server on PATH (Debian: apt-get install redis-server).')
}

const partOf = { 'app.kubernetes.io/part-of': 'argocd' }
const configMap = (name: string, data: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'argocd', labels: { ...partOf, 'app.kubernetes.io/name': name } },
  data,
})

const settings = (resyncSeconds: number): readonly KubeObject[] => [
  // Each app is asked of the forge at every resync: nothing sends the repo-server webhooks here.
  configMap('argocd-cm', {
    'timeout.reconciliation': `${resyncSeconds}s`,
    'timeout.reconciliation.jitter': '0s',
  }),
  configMap('argocd-cmd-params-cm'),
  configMap('argocd-rbac-cm'),
  configMap('argocd-gpg-keys-cm'),
  configMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: '' }),
  configMap('argocd-tls-certs-cm'),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'argocd-secret',
      namespace: 'argocd',
      labels: { ...partOf, 'app.kubernetes.io/name': 'argocd-secret' },
    },
    stringData: { 'server.secretkey': 'a-key-of-the-rig-that-signs-nothing-else' },
  },
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace: 'argocd' },
    spec: {
      sourceRepos: ['*'],
      sourceNamespaces: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  },
]
