import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type GitSources, gitSources } from '../../../src/sandbox/cluster/git-source.ts'
import type { Kube, KubeObject } from './kube.ts'
import type { Program } from './program.ts'

const kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' } as const

/**
 * Plays source-controller, which cannot be built everywhere (one of its modules is not served by every module proxy):
 * fetches each GitRepository at its interval, serves the tree as an artifact, and says so in the object's status.
 */
export async function playSource(kube: Kube, dir: string): Promise<Program> {
  mkdirSync(dir, { recursive: true })
  const sources = gitSources(dir)
  const artifacts = new Map<string, Buffer>()
  const server = createServer((asked, answer) => {
    const artifact = artifacts.get(asked.url ?? '')
    if (artifact === undefined) return void answer.writeHead(404).end()
    answer.writeHead(200, { 'content-type': 'application/gzip' }).end(artifact)
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done))
  const served = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stopping = new AbortController()
  const words: string[] = []
  let isFrozen = false
  const looked = new Map<string, number>()
  const playing = (async () => {
    while (!stopping.signal.aborted) {
      if (!isFrozen) await round().catch((error: unknown) => void words.push(String(error)))
      await pause(300)
    }
  })()
  async function round(): Promise<void> {
    for (const source of await kube.list(kind)) {
      const { name, namespace = '' } = source.metadata
      const key = `${namespace}/${name} ${String(source.metadata['generation'])}`
      const isDue = performance.now() - (looked.get(key) ?? Number.NEGATIVE_INFINITY) >= secondsOf(source) * 1_000
      if (!isDue || source['spec'].suspend === true) continue
      looked.set(key, performance.now())
      await reconcile({ kube, sources, artifacts, served }, source)
    }
  }
  return {
    name: 'source-controller (played)',
    freeze: () => {
      isFrozen = true
    },
    thaw: () => {
      isFrozen = false
    },
    stop: async () => {
      stopping.abort()
      await playing
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
    hasEnded: () => stopping.signal.aborted,
    lastWords: (lines = 25) => words.slice(-lines).join('\n'),
  }
}

interface Place {
  readonly kube: Kube
  readonly sources: GitSources
  readonly artifacts: Map<string, Buffer>
  readonly served: string
}

/** As source-controller v1.9 does it, `gitrepository_controller.go`. */
async function reconcile({ kube, sources, artifacts, served }: Place, source: KubeObject): Promise<void> {
  const { name, namespace = '', generation } = source.metadata
  const { url, ref } = source['spec']
  const branch = String(ref?.branch ?? 'master')
  const patch = (status: object) => kube.patch({ ...kind, namespace, name }, { status }, 'status')
  const condition = (type: string, status: string, reason: string, message: string) => {
    const known = source['status']?.conditions?.find((one: { readonly type: string }) => one.type === type)
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now()
    return { type, status, reason, message, observedGeneration: generation, lastTransitionTime }
  }
  try {
    const commit = await sources.fetch(String(url), branch, undefined)
    const revision = `${branch}@sha1:${commit}`
    const words = `stored artifact for revision '${revision}'`
    const conditions = [
      condition('Ready', 'True', 'Succeeded', words),
      condition('ArtifactInStorage', 'True', 'Succeeded', words),
    ]
    if (source['status']?.artifact?.revision === revision && source['status']?.observedGeneration === generation) {
      if (source['status'].conditions?.[0]?.status !== 'True') await patch({ conditions })
      return
    }
    const content = tarOf(await sources.checkout(String(url), commit))
    const path = `/gitrepository/${namespace}/${name}/${commit}.tar.gz`
    artifacts.set(path, content)
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    const artifact = {
      path: path.slice(1),
      url: served + path,
      revision,
      digest,
      size: content.length,
      lastUpdateTime: now(),
    }
    await patch({ observedGeneration: generation, artifact, conditions })
  } catch (error) {
    const words = `failed to checkout and determine revision: ${String(error).split('\n')[0]}`
    const conditions = [
      condition('Ready', 'False', 'GitOperationFailed', words),
      condition('FetchFailed', 'True', 'GitOperationFailed', words),
    ]
    await patch({ conditions })
  }
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`
const tarOf = (folder: string): Buffer => execFileSync('tar', ['-czf', '-', '-C', folder, '.'], { maxBuffer: 64 << 20 })

/** `3s`, `1m30s`. */
const secondsOf = ({ spec }: KubeObject): number => {
  const parts = [...String(spec.interval).matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)]
  const unit: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1 }
  return parts.reduce((sum, [, count, name]) => sum + Number(count) * (unit[name ?? ''] ?? 0), 0)
}
