import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type NoticeKind, noticeKinds } from '../promotion/effects.ts'

/** What is counted. Labels hold kinds and reason codes only: no names of repositories, people or secrets (T60). */
export interface Metrics {
  roundEnded(outcome: 'done' | 'user' | 'transient' | 'operator' | 'bug', seconds: number): void
  effectEnded(kind: string, outcome: string): void
  webhookEnded(event: string, outcome: WebhookOutcome, seconds: number): void
  /** Status 0 where no answer came. */
  forgeAnswered(operation: string, status: number): void
  verdictGiven(type: string, is: 'pass' | 'wait' | 'fail', reason: string): void
  personNotified(kind: NoticeKind): void
  reconcileRequested(is: string): void
  /** Asked whenever the metrics are read. */
  watch(gauge: 'queue-age-seconds' | 'queue-waiting' | 'writes-waiting' | 'repositories', read: () => number): void
  /** In Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
}

export type WebhookOutcome = 'enqueued' | 'ignored' | 'unknown' | 'duplicate' | 'refused' | 'cut'

/** A registry of its own, so that several servers may live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const rounds = new Histogram({
    name: 'sluice_round_seconds',
    help: 'Rounds by how they ended.',
    labelNames: ['outcome'],
    buckets: [0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
    registers,
  })
  const effects = new Counter({
    name: 'sluice_effects_total',
    help: 'What was done to the world, by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const webhooks = new Histogram({
    name: 'sluice_webhook_seconds',
    help: 'Webhook deliveries from the last byte read to the answer.',
    labelNames: ['event', 'outcome'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10],
    registers,
  })
  const requests = new Counter({
    name: 'sluice_forge_requests_total',
    help: 'Requests to the forge by operation and status; 304 is free of quota, 0 got no answer.',
    labelNames: ['operation', 'status'],
    registers,
  })
  const verdicts = new Counter({
    name: 'sluice_verdicts_total',
    help: 'What gates said, by type and reason.',
    labelNames: ['type', 'is', 'reason'],
    registers,
  })
  const notifications = new Counter({
    name: 'sluice_notifications_total',
    help: 'What needed a person.',
    labelNames: ['kind'],
    registers,
  })
  // A series that begins with its first notice shows no increase to an alert.
  for (const kind of noticeKinds) notifications.inc({ kind }, 0)
  const asked = new Counter({
    name: 'sluice_reconcile_requests_total',
    help: 'Controllers that were asked to look now, by how that went.',
    labelNames: ['outcome'],
    registers,
  })

  return {
    roundEnded: (outcome, seconds) => rounds.observe({ outcome }, seconds),
    effectEnded: (kind, outcome) => effects.inc({ kind, outcome }),
    webhookEnded: (event, outcome, seconds) => webhooks.observe({ event, outcome }, seconds),
    forgeAnswered: (operation, status) => requests.inc({ operation, status }),
    verdictGiven: (type, is, reason) => verdicts.inc({ type, is, reason }),
    personNotified: (kind) => notifications.inc({ kind }),
    reconcileRequested: (outcome) => asked.inc({ outcome }),
    watch: (gauge, read) => {
      const { name, help } = gauges[gauge]
      const value: Gauge = new Gauge({ name, help, registers, collect: () => value.set(read()) })
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

const gauges = {
  'queue-age-seconds': { name: 'sluice_queue_age_seconds', help: 'How long the oldest waiting repository waits.' },
  'queue-waiting': { name: 'sluice_queue_waiting', help: 'Repositories that wait for a round.' },
  'writes-waiting': { name: 'sluice_forge_writes_waiting', help: 'Writes to the forge that wait for their turn.' },
  repositories: { name: 'sluice_repositories', help: 'Repositories that are worked on.' },
} as const
