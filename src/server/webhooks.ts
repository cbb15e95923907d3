import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import { type Logger, Probot, ProbotOctokit } from 'probot'
import type { Stale } from '../ports/stale.ts'
import { type Intake, intake, type Self } from './intake.ts'
import type { KnownRepositories } from './known-repositories.ts'
import type { Metrics, WebhookOutcome } from './metrics.ts'
import { type BodyLimits, readBody, webhookLimits } from './read-body.ts'
import { answer } from './respond.ts'

export const webhookPath = '/api/github/webhooks'

export interface WebhookOptions {
  readonly app: { readonly id: number; readonly privateKey: string; readonly apiUrl: string }
  /** Any of them may have signed: the newest first. */
  readonly secrets: readonly string[]
  /** Undefined until the forge told who we are; our own echoes are then just taken seriously. */
  readonly self: () => Self | undefined
  readonly known: KnownRepositories
  readonly enqueue: (repository: number, stale: readonly Stale[]) => void
  readonly onInstallationsChanged: () => void
  readonly metrics: Metrics
  readonly log: Logger
  readonly limits?: BodyLimits
}

export type WebhookHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Takes deliveries: bounded body first, then the signature, then Probot parses and hands over, and what the event made stale
 * is enqueued. Nothing else happens before GitHub gets its answer.
 */
export async function createWebhookHandler(options: WebhookOptions): Promise<WebhookHandler> {
  const accept = createAcceptance(options)
  const receivers = await Promise.all(options.secrets.map((secret) => createReceiver(secret, options, accept)))

  return async (request, response) => {
    const body = await readBody(request, options.limits ?? webhookLimits)
    const startedAt = performance.now()
    const refuse = (status: number, error: string, outcome: WebhookOutcome) => {
      options.metrics.webhookEnded('unverified', outcome, (performance.now() - startedAt) / 1000)
      options.log.warn({ status, error }, 'Webhook refused')
      answer(response, status, { error }, { close: body.is !== 'read' })
    }
    if (body.is === 'broken') return void response.destroy()
    if (body.is === 'cut') return refuse(body.status, body.why, 'cut')
    const text = body.bytes.toString('utf8')
    const signature = signatureOf(request)
    const receiver = signature === undefined ? undefined : await signedFor(receivers, text, signature)
    if (receiver === undefined) return refuse(401, 'the signature is missing or wrong', 'refused')
    if (!isJson(request)) return refuse(415, notJson, 'refused')
    // Probot's middleware takes a body that was read already from here.
    await receiver.middleware(Object.assign(request, { body: text }), response)
  }
}

interface Receiver {
  readonly probot: Probot
  readonly middleware: Awaited<ReturnType<Probot['getNodeMiddleware']>>
}

async function createReceiver(
  secret: string,
  { app, log }: WebhookOptions,
  accept: (delivery: Delivery) => void,
): Promise<Receiver> {
  const probot = new Probot({
    appId: app.id,
    privateKey: app.privateKey,
    secret,
    baseUrl: app.apiUrl,
    Octokit: ProbotOctokit.defaults({ throttle: { enabled: false }, retry: { enabled: false } }),
    request: { fetch: refuseToFetch },
    log,
  })
  await probot.ready()
  probot.onAny((event) => accept({ id: event.id, name: event.name, payload: event.payload }))
  return { probot, middleware: await probot.getNodeMiddleware({ path: webhookPath }) }
}

/** Receiving decides nothing and asks nobody: a token minted here would be minted for whoever can sign. */
const refuseToFetch = () => Promise.reject(new Error('webhook handlers make no requests'))

/** Only SHA-256, whole (T01). The comparison in constant time is @octokit/webhooks-methods'. */
function signatureOf(request: IncomingMessage): string | undefined {
  const header = request.headers['x-hub-signature-256']
  return typeof header === 'string' && /^sha256=[0-9a-f]{64}$/.test(header) ? header : undefined
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/json'

const notJson = 'the delivery is not JSON: choose the content type application/json in the webhook settings of the App'

async function signedFor(receivers: readonly Receiver[], text: string, signature: string) {
  for (const receiver of receivers) {
    if (text !== '' && (await receiver.probot.webhooks.verify(text, signature))) return receiver
  }
  return undefined
}

interface Delivery {
  readonly id: string
  readonly name: string
  readonly payload: unknown
}

/** Remembering deliveries only saves work: looking at the same thing twice is harmless (T03). */
function createAcceptance(options: WebhookOptions): (delivery: Delivery) => void {
  const seen = new LRUCache<string, true>({ max: 10_000 })
  const outcomeOf = ({ id, name, payload }: Delivery): WebhookOutcome => {
    if (seen.has(id)) return 'duplicate'
    const outcome = take(intake(name, payload, options.self() ?? nobody), options)
    seen.set(id, true)
    return outcome
  }
  return (delivery) => {
    const startedAt = performance.now()
    const outcome = outcomeOf(delivery)
    options.metrics.webhookEnded(delivery.name, outcome, (performance.now() - startedAt) / 1000)
    options.log.debug({ delivery: delivery.id, event: delivery.name, outcome }, 'Webhook taken')
  }
}

const nobody: Self = { appId: 0, botId: 0 }

function take(told: Intake, options: WebhookOptions): WebhookOutcome {
  if (told.is === 'ignored') return 'ignored'
  if (told.is === 'installations') {
    options.onInstallationsChanged()
    return 'enqueued'
  }
  // A signature proves the sender, not the ids: only what the API listed for that installation is worked on (T04).
  if (options.known.find(told.repository.id, told.installation) === undefined) return 'unknown'
  options.enqueue(told.repository.id, told.stale)
  return 'enqueued'
}
