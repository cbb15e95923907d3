import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Faults } from '../faults.ts'

/** One webhook as it was sent, and what came back; the deliveries API shows these. */
export interface Delivery {
  readonly id: number
  readonly guid: string
  readonly event: string
  readonly action: string | null
  readonly installation: number | null
  readonly repository: number | null
  readonly redelivery: boolean
  readonly url: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly deliveredAt: number
  seconds: number
  /** 0 while it is under way, and where nobody answered. */
  statusCode: number
  status: string
  responseHeaders: Readonly<Record<string, string>>
  responseBody: string
}
export interface WebhookEvent {
  readonly event: string
  readonly action: string | null
  readonly installation: number | null
  readonly repository: number | null
  readonly payload: Readonly<Record<string, unknown>>
}
export interface Hooks {
  readonly deliveries: readonly Delivery[]
  readonly secret: string
  url(): string | null
  setUrl(url: string | null): void
  /** Sends without waiting; never again by itself. */
  send(event: WebhookEvent): void
  redeliver(delivery: Delivery): void
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>
}
interface Settings {
  readonly secret: string
  readonly appId: number
  readonly faults: Faults
  readonly now: () => number
  readonly nextId: () => number
}
type Outgoing = WebhookEvent & { readonly guid: string; readonly redelivery: boolean }

/** GitHub waits so long for an answer. */
const timeoutMilliseconds = 10_000

export function openHooks(settings: Settings, firstUrl: string | null): Hooks {
  const deliveries: Delivery[] = []
  const underWay = new Set<Promise<void>>()
  let url = firstUrl
  let heldBack: Outgoing | undefined

  const start = (outgoing: Outgoing, delay = 0) => {
    if (url === null) return
    const delivery = newDelivery(settings, url, outgoing)
    deliveries.push(delivery)
    const sending = post(delivery, delay).finally(() => underWay.delete(sending))
    underWay.add(sending)
  }
  const startAndRelease = (outgoing: Outgoing, delay: number) => {
    start(outgoing, delay)
    const late = heldBack
    heldBack = undefined
    if (late !== undefined) start(late, delay)
  }

  return {
    deliveries,
    secret: settings.secret,
    url: () => url,
    setUrl: (to) => {
      url = to
    },
    send: (event) => {
      const outgoing = { ...event, guid: randomUUID(), redelivery: false }
      const subject = { method: 'POST', path: '', event: event.event, action: event.action ?? '' }
      const struck = settings.faults.strike('webhook', subject, ['drop', 'double', 'reorder', 'delay'])
      const isStruck = (kind: string) => struck.some((fault) => fault.kind === kind)
      if (isStruck('drop') || settings.faults.isDark()) return
      if (isStruck('reorder') && heldBack === undefined) {
        heldBack = outgoing
        return
      }
      const delay = struck.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.milliseconds : 0), 0)
      startAndRelease(outgoing, delay)
      if (isStruck('double')) start(outgoing, delay)
    },
    redeliver: (delivery) => start({ ...delivery, redelivery: true }),
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

function newDelivery(settings: Settings, url: string, outgoing: Outgoing): Delivery {
  const signature = createHmac('sha256', settings.secret).update(JSON.stringify(outgoing.payload)).digest('hex')
  return {
    id: settings.nextId(),
    guid: outgoing.guid,
    event: outgoing.event,
    action: outgoing.action,
    installation: outgoing.installation,
    repository: outgoing.repository,
    redelivery: outgoing.redelivery,
    url,
    requestHeaders: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/sandbox',
      'x-github-delivery': outgoing.guid,
      'x-github-event': outgoing.event,
      'x-github-hook-id': '1',
      'x-github-hook-installation-target-id': String(settings.appId),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': `sha256=${signature}`,
    },
    payload: outgoing.payload,
    deliveredAt: settings.now(),
    seconds: 0,
    statusCode: 0,
    status: 'pending',
    responseHeaders: {},
    responseBody: '',
  }
}

async function post(delivery: Delivery, delay: number): Promise<void> {
  if (delay > 0) await pause(delay)
  const start = performance.now()
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      headers: delivery.requestHeaders,
      body: JSON.stringify(delivery.payload),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    delivery.responseBody = (await response.text()).slice(0, 10_000)
    delivery.responseHeaders = Object.fromEntries(response.headers)
    delivery.statusCode = response.status
    delivery.status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`
  } catch (error) {
    delivery.status =
      error instanceof Error && error.name === 'TimeoutError' ? 'timed out' : 'failed to connect to host'
  }
  delivery.seconds = Math.round(performance.now() - start) / 1000
}
