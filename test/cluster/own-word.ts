import { setTimeout as pause } from 'node:timers/promises'
import type { Kube, KubeObject, Named } from './rig/kube.ts'

/** The commit that the controllers call applied and healthy, by nothing but their own words; undefined while they call none so. */
export function wellAt({ kind, status }: KubeObject): string | undefined {
  if (kind === 'Kustomization') {
    const ready = status?.conditions?.find(({ type }: { readonly type: string }) => type === 'Ready')
    return ready?.status === 'True' ? String(status.lastAppliedRevision).split(':').at(-1) : undefined
  }
  const isWell = status?.sync?.status === 'Synced' && status.health?.status === 'Healthy'
  return isWell && status.operationState?.phase !== 'Running' ? status.sync.revision : undefined
}

/** When (by `performance.now`) the controllers called a commit well that is as wanted; asked several times a second. */
export async function calledWell(
  kube: Kube,
  object: Named,
  isWanted: (commit: string) => boolean | Promise<boolean>,
): Promise<number> {
  const deadline = performance.now() + 240_000
  while (performance.now() < deadline) {
    const found = await kube.get(object)
    const commit = found === undefined ? undefined : wellAt(found)
    const at = performance.now()
    if (commit !== undefined && (await isWanted(commit))) return at
    await pause(200)
  }
  throw new Error(`${object.kind} ${object.name} was not called well within four minutes`)
}

/** When the controllers looked last at what they had applied, by nothing but their own words. */
const lookedAt = ({ kind, status }: KubeObject): string | undefined =>
  kind === 'Kustomization' ? status?.history?.[0]?.lastReconciled : status?.reconciledAt

/** Waits until the controllers have looked so many times more; Flux and Argo CD tell the time of the last one, in seconds. */
export async function looksAgain(kube: Kube, object: Named, times: number): Promise<void> {
  const deadline = performance.now() + 20_000 * times
  const seen = new Set<string | undefined>()
  while (performance.now() < deadline) {
    const found = await kube.get(object)
    seen.add(found === undefined ? undefined : lookedAt(found))
    // The first is from before.
    if (seen.size > times) return
    await pause(200)
  }
  throw new Error(`${object.kind} ${object.name} was looked at ${seen.size - 1} times, not ${times}`)
}

const seconds = (from: number, to: number): string => `${((to - from) / 1_000).toFixed(1)} s`

/** One line for whoever runs the tests: what the controllers took, and what they and Sluice took together. */
export function tellTimes(
  what: string,
  from: number,
  { controllers, sluice }: { controllers: number; sluice: number },
): void {
  process.stderr.write(`${what}: controllers ${seconds(from, controllers)}, with Sluice ${seconds(from, sluice)}\n`)
}
