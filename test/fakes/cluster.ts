import { deliveryName } from '../../src/domain/delivery.ts'
import type { Sighting } from '../../src/domain/health.ts'
import type { Digest, SlotKey } from '../../src/domain/ids.ts'
import { partsOfSlot, slotKey, toInstant } from '../../src/domain/ids.ts'
import type { Delivery, DeliveryReading } from '../../src/ports/delivery.ts'
import type { Cluster, Running } from './cluster-facts.ts'
import { type Company, digestAt, headOfMain } from './company.ts'

/** How long a rollout takes. */
export const rollout = 4_000

/** Controllers take the head of the default branch, images are pulled, and time passes in good or bad health. */
export async function runCluster(company: Company, slots: readonly SlotKey[], from: number): Promise<void> {
  const { cluster, now } = company
  const head = headOfMain(company)
  for (const slot of slots) {
    const running = cluster.running.get(slot)
    if (running !== undefined && isBad(cluster, slot, running.digest)) cluster.everBad.add(`${slot} ${running.digest}`)
    if (running !== undefined && isWell(cluster, slot, running, from)) credit(cluster, slot, running, from, now)
    if (cluster.isSuspended || running?.revision === head) continue
    const digest = await digestAt(company, head, slot)
    if (digest === null) continue
    if (running?.digest === digest) running.revision = head
    else cluster.running.set(slot, { revision: head, digest, since: now, isPulled: !cluster.isRegistryAway })
  }
  if (!cluster.isRegistryAway) for (const one of cluster.running.values()) one.isPulled = true
}

const isWell = (cluster: Cluster, slot: SlotKey, running: Running, at: number): boolean =>
  running.isPulled && at - running.since >= rollout && !isBad(cluster, slot, running.digest)

export const isBad = (cluster: Cluster, slot: SlotKey, digest: Digest): boolean =>
  cluster.bad.get(digest)?.has(partsOfSlot(slot).environment) ?? false

function credit(cluster: Cluster, slot: SlotKey, { digest }: Running, from: number, until: number): void {
  const key = `${slot} ${digest}`
  const spans = cluster.healthy.get(key) ?? []
  const last = spans.at(-1)
  if (last !== undefined && last.until >= from) last.until = until
  else spans.push({ from, until })
  cluster.healthy.set(key, spans)
}

export const trulyHealthyFor = ({ cluster }: Company, slot: SlotKey, digest: Digest): number =>
  (cluster.healthy.get(`${slot} ${digest}`) ?? []).reduce((sum, { from, until }) => sum + until - from, 0)

/** What Flux would show of it. */
export const fakeDelivery = (company: Company): Delivery => ({
  read: async (expected) => {
    const readings = new Map<string, DeliveryReading>()
    for (const { spec } of expected) {
      const at = spec.name.lastIndexOf('-')
      const slot = slotKey(spec.name.slice(0, at), spec.name.slice(at + 1))
      readings.set(deliveryName(spec), { sighting: sightingOf(company, slot), readAt: toInstant(company.now) })
    }
    return readings
  },
  watch: () => ({ stop: async () => {} }),
  clusters: async () => [{ cluster: 'here' }],
})

function sightingOf({ cluster, now }: Company, slot: SlotKey): Sighting {
  if (cluster.isDark) return { is: 'unknown', reason: 'cluster.unreachable', detail: 'the API does not answer' }
  const running = cluster.running.get(slot)
  if (running === undefined) return { is: 'unknown', reason: 'cluster.absent', detail: 'there is no such object' }
  const { revision, since, isPulled, digest } = running
  if (cluster.isSuspended) return { is: 'waiting', revision, reason: 'flux.suspended', detail: 'suspended' }
  if (now - since < rollout) return { is: 'progressing', revision, reason: 'flux.rollout', detail: 'rolling out' }
  const { application, environment } = partsOfSlot(slot)
  const objects = [{ kind: 'Deployment', namespace: environment, name: application }]
  const failed = { is: 'failed', revision, reason: 'flux.health-check', final: false, objects } as const
  if (!isPulled) return { ...failed, detail: 'ImagePullBackOff', infrastructure: 'the registry does not answer' }
  if (isBad(cluster, slot, digest)) return { ...failed, detail: 'CrashLoopBackOff' }
  return { is: 'healthy', revision }
}
