import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ClusterOptions, type SandboxCluster, startCluster } from '../../../src/sandbox/cluster/start-cluster.ts'
import { tool } from '../../tools.ts'

export const goodDigest = `sha256:${'a'.repeat(64)}`
export const nextDigest = `sha256:${'b'.repeat(64)}`
export const image = 'ghcr.io/acme/api'

export interface ClusterWorld {
  readonly cluster: SandboxCluster
  readonly repoUrl: string
  /** Writes files, commits them to `main` and answers the commit. */
  commit(files: Readonly<Record<string, string>>): string
  /** Commits the overlay `apps/api/overlays/staging` with this digest. */
  release(digest: string): string
  /** Nobody can fetch the repository until what is handed back is called. */
  cutOff(): () => void
  end(): Promise<void>
}

/** A repository with one application in two environments, and a cluster that is quick. */
export async function clusterWorld(options: Partial<ClusterOptions> = {}): Promise<ClusterWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-cluster-'))
  const repository = join(dir, 'config')
  git(dir, 'init', '--quiet', '--initial-branch=main', repository)
  const commit = (files: Readonly<Record<string, string>>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, path)), { recursive: true })
      writeFileSync(join(repository, path), content)
    }
    git(repository, 'add', '.')
    git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Change')
    return git(repository, 'rev-parse', 'HEAD').trim()
  }
  const cluster = await startCluster({
    dir: join(dir, 'cluster'),
    name: 'staging',
    kustomize: await tool('kustomize'),
    ...options,
    intervals: {
      fetchMs: 200,
      reconcileMs: 200,
      roundMs: 30,
      rolloutMs: 100,
      progressDeadlineMs: 1_500,
      healthTimeoutMs: 1_000,
      ...options.intervals,
    },
  })
  return {
    cluster,
    repoUrl: `file://${repository}`,
    commit,
    release: (digest) =>
      commit({ ...base, 'apps/api/overlays/staging/kustomization.yaml': overlay('staging', digest) }),
    cutOff: () => {
      renameSync(repository, `${repository}.away`)
      return () => renameSync(`${repository}.away`, repository)
    },
    async end() {
      await cluster.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const base = {
  'apps/api/base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  selector:
    matchLabels: { app: api }
  template:
    metadata:
      labels: { app: api }
    spec:
      containers:
        - name: api
          image: ${image}
`,
  'apps/api/base/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector: { app: api }
  ports: [{ port: 80 }]
`,
  'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml]\n',
}

const overlay = (environment: string, digest: string): string => `resources: [../../base]
namespace: api-${environment}
images:
  - name: ${image}
    newTag: "1.0.0" # for people
    digest: ${digest}
`

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], { cwd, encoding: 'utf8' })
