import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node'
import { OperatorError } from '../../../domain/failures.ts'

/** How to reach a cluster; only ever from the operator's settings, never from a repository or our environment (T55). */
export type ClusterAccess = (DirectAccess | KubeconfigAccess) & {
  /** Whether Sluice may ask Flux and Argo CD there to look now; false where it is missing. */
  readonly reconcileRequests?: boolean
  /** What controllers of other clusters that apply to it call it, beside its server's address: see `knownAs` of the settings. */
  readonly knownAs?: readonly string[]
}

export interface DirectAccess {
  readonly name: string
  /** `https://…`; `http://` only on this machine. */
  readonly server: string
  readonly token?: string
  /** Read again when it changes, since Kubernetes replaces projected tokens. */
  readonly tokenFile?: string
  /** PEM. */
  readonly ca?: string
}

export interface KubeconfigAccess {
  readonly name: string
  readonly kubeconfig: string
  /** The file's current context where it is missing. */
  readonly context?: string
  /** A kubeconfig may name a program to run for a token. It runs only where the operator says so. */
  readonly allowExecPlugins?: boolean
}

/** Throws OperatorError `cluster.settings` with what to change. Nothing is asked of the cluster yet. */
export const kubeConfigFor = (access: ClusterAccess): KubeConfig =>
  'kubeconfig' in access ? fromFile(access) : fromParts(access)

function fromParts({ name, server, token, tokenFile, ca }: DirectAccess): KubeConfig {
  const plain = protocolOf(name, server) === 'http:'
  const config = new KubeConfig()
  const cluster: Cluster = {
    name,
    server: server.replace(/\/+$/, ''),
    // For http the client demands it, and there is no TLS to verify; for https nothing switches verification off.
    skipTLSVerify: plain,
    ...(ca === undefined ? {} : { caData: Buffer.from(ca).toString('base64') }),
  }
  config.loadFromClusterAndUser(cluster, userOf(token, tokenFile))
  return config
}

/** A token never travels unencrypted, but within this machine. */
function protocolOf(name: string, server: string): string {
  const url = URL.parse(server)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw refuse(name, `its server is ${server}; write an address such as https://10.0.0.1:6443`)
  if (url.protocol === 'http:' && !isThisMachine(url))
    throw refuse(name, `${server} would send the token unencrypted; use https`)
  return url.protocol
}

const userOf = (token: string | undefined, tokenFile: string | undefined): User => ({
  name: 'sluice',
  ...(token === undefined ? {} : { token }),
  ...(tokenFile === undefined ? {} : { authProvider: { name: 'tokenFile', config: { tokenFile } } }),
})

function fromFile({ name, kubeconfig, context, allowExecPlugins }: KubeconfigAccess): KubeConfig {
  const config = new KubeConfig()
  try {
    config.loadFromFile(kubeconfig)
  } catch (cause) {
    throw refuse(name, `the kubeconfig ${kubeconfig} cannot be read`, cause)
  }
  const wanted = context ?? config.getCurrentContext()
  if (config.getContextObject(wanted) === null)
    throw refuse(name, `${kubeconfig} has no context ${wanted}; it has ${namesIn(config) || 'none'}`)
  config.setCurrentContext(wanted)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw refuse(name, `the context ${wanted} of ${kubeconfig} names no cluster`)
  protocolOf(name, cluster.server)
  const user = config.getCurrentUser()
  const runs = Boolean(user?.exec) || Boolean(user?.authProvider)
  if (runs && allowExecPlugins !== true)
    throw refuse(
      name,
      `the user of the context ${wanted} gets its token by running a program or plugin, which is off; ` +
        'give Sluice a service account token (tokenFile), or set allowExecPlugins for this cluster if you trust the file',
    )
  return config
}

const namesIn = (config: KubeConfig): string =>
  config
    .getContexts()
    .map(({ name }) => name)
    .join(', ')

const isThisMachine = ({ hostname }: URL): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)

const refuse = (name: string, why: string, cause?: unknown): OperatorError =>
  new OperatorError('cluster.settings', `cluster ${name}: ${why}`, { cause })
