import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { type Kube, kubeAt } from './kube.ts'
import { answers, type Program, startProgram, untilReady } from './program.ts'

export interface ControlPlane {
  readonly kube: Kube
  /** Of an administrator, for the controllers. */
  readonly kubeconfig: string
}

export interface Places {
  readonly dir: string
  readonly logs: string
  /** Every program that was started, the last one first. */
  readonly running: Program[]
}

/** etcd, API server, controller manager and scheduler, as a real cluster has them; RBAC and default admission are on. */
export async function startControlPlane(
  { dir, logs, running }: Places,
  bin: { readonly etcd: string; readonly kubernetes: string },
): Promise<ControlPlane> {
  mkdirSync(dir, { recursive: true })
  const ports = await freePorts('etcd', 'peer', 'api')
  const etcdUrl = `http://127.0.0.1:${ports.etcd}`
  const etcd = startProgram({
    name: 'etcd',
    binary: join(bin.etcd, 'server'),
    args: etcdFlags(dir, ports),
    logs,
    running,
  })
  await untilReady(etcd, answers(`${etcdUrl}/health`))
  const token = randomBytes(24).toString('hex')
  const keys = writeKeys(dir, token)
  const url = `https://127.0.0.1:${ports.api}`
  const apiServer = startProgram({
    name: 'kube-apiserver',
    binary: join(bin.kubernetes, 'kube-apiserver'),
    args: apiServerFlags(dir, { etcdUrl, port: ports.api, ...keys }),
    logs,
    running,
  })
  const certificate = join(dir, 'certificates', 'apiserver.crt')
  await untilReady(apiServer, async () => await kubeAt(url, readFileSync(certificate, 'utf8'), token).isReady())
  const kube = kubeAt(url, readFileSync(certificate, 'utf8'), token)
  const kubeconfig = writeKubeconfig(dir, kube)
  startProgram({
    name: 'kube-controller-manager',
    binary: join(bin.kubernetes, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
      `--service-account-private-key-file=${keys.privateKey}`,
      `--root-ca-file=${certificate}`,
      // A node that KWOK plays may be slow to renew its lease on a busy machine; its pods would all turn unready.
      '--node-monitor-grace-period=1h',
    ],
    logs,
    running,
  })
  startProgram({
    name: 'kube-scheduler',
    binary: join(bin.kubernetes, 'kube-scheduler'),
    args: [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'],
    logs,
    running,
  })
  return { kube, kubeconfig }
}

const etcdFlags = (dir: string, ports: { readonly etcd: number; readonly peer: number }): readonly string[] => [
  `--data-dir=${join(dir, 'etcd')}`,
  `--listen-client-urls=http://127.0.0.1:${ports.etcd}`,
  `--advertise-client-urls=http://127.0.0.1:${ports.etcd}`,
  `--listen-peer-urls=http://127.0.0.1:${ports.peer}`,
  `--initial-advertise-peer-urls=http://127.0.0.1:${ports.peer}`,
  `--initial-cluster=default=http://127.0.0.1:${ports.peer}`,
  '--unsafe-no-fsync',
  '--log-level=warn',
]

interface Keys {
  readonly privateKey: string
  readonly publicKey: string
  readonly tokens: string
}

const apiServerFlags = (
  dir: string,
  { etcdUrl, port, privateKey, publicKey, tokens }: Keys & { readonly etcdUrl: string; readonly port: number },
): readonly string[] => [
  `--etcd-servers=${etcdUrl}`,
  `--cert-dir=${join(dir, 'certificates')}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${publicKey}`,
  `--service-account-signing-key-file=${privateKey}`,
  '--service-cluster-ip-range=10.0.0.0/16',
  '--authorization-mode=RBAC',
  `--token-auth-file=${tokens}`,
  // Nothing inside the cluster calls it, and a loopback address is no valid endpoint.
  '--endpoint-reconciler-type=none',
]

function writeKeys(dir: string, token: string): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const write = (name: string, content: string): string => {
    writeFileSync(join(dir, name), content, { mode: 0o600 })
    return join(dir, name)
  }
  return {
    privateKey: write('service-accounts.key', privateKey),
    publicKey: write('service-accounts.pub', publicKey),
    tokens: write('tokens.csv', `${token},admin,admin,system:masters\n`),
  }
}

function writeKubeconfig(dir: string, { url, ca, token }: Kube): string {
  const named = (rest: object) => [{ name: 'rig', ...rest }]
  const file = join(dir, 'kubeconfig')
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: named({ cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }),
    users: named({ user: { token } }),
    contexts: named({ context: { cluster: 'rig', user: 'rig' } }),
    'current-context': 'rig',
  }
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 })
  return file
}
