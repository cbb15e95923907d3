import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from './kube-object.ts'

const run = promisify(execFile)

/**
 * What `kustomize build` renders from a folder of a checkout. Builds of the same commit and path are kept; at most two
 * run at once, since a commit sets off one for every Kustomization.
 */
export function manifestBuilder(kustomize: string): (folder: string) => Promise<readonly KubeObject[]> {
  const built = new Map<string, Promise<readonly KubeObject[]>>()
  const inTurn = turns(2)
  return (folder) => {
    const known = built.get(folder)
    if (known !== undefined) return known
    const building = inTurn(() => build(kustomize, folder))
    built.set(folder, building)
    building.catch(() => built.delete(folder))
    if (built.size > 5_000) built.delete(built.keys().next().value ?? '')
    return building
  }
}

async function build(kustomize: string, folder: string): Promise<readonly KubeObject[]> {
  const env = { PATH: '/nonexistent', HOME: '/nonexistent' }
  const { stdout } = await run(kustomize, ['build', folder], { env, timeout: 30_000, maxBuffer: 32 << 20 })
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null)
}

function turns(atOnce: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= atOnce) await new Promise<void>((resolve) => void waiting.push(resolve))
    running += 1
    try {
      return await task()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}
