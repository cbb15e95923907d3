import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'probot'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'
import { answer, isAllowed } from './respond.ts'
import { createWebhookHandler, type WebhookHandler, type WebhookOptions, webhookPath } from './webhooks.ts'

export interface ServerOptions extends WebhookOptions {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Asked for by `/metrics` and `/status`; without it metrics are for anybody, the status for nobody from elsewhere. */
  readonly statusToken: string | null
  readonly health: Health
  readonly metrics: Metrics
  /** What `/status` shows: the last rounds, as they were. */
  readonly status: () => unknown
}

export interface RunningServer {
  readonly url: string
  /** Takes nothing new, answers what it took, then closes. */
  stop(): Promise<void>
}

/** Starts to listen: webhooks, `/healthz`, `/metrics`, `/status`, and nothing else. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const routes = routesOf(options, await createWebhookHandler(options))
  const server = createHttpServer(
    { headersTimeout: 5_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 5_000 },
    (request, response) => void respond(routes, request, response, options.log),
  )
  await listen(server, options)
  return { url: urlOf(server), stop: () => close(server) }
}

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

function routesOf(options: ServerOptions, webhook: WebhookHandler): ReadonlyMap<string, Route> {
  const guarded =
    (route: Route): Route =>
    (request, response) =>
      isAllowed(request, options.statusToken) ? route(request, response) : answer(response, 401, { error: 'no access' })
  const status: Route = (_, response) => answer(response, 200, options.status())
  return new Map<string, Route>([
    [`POST ${webhookPath}`, webhook],
    [
      'GET /healthz',
      (_, response) => {
        const report = options.health.read()
        answer(response, report.ok ? 200 : 503, report)
      },
    ],
    [
      'GET /metrics',
      guarded(async (_, response) => {
        const text = await options.metrics.text()
        response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text)
      }),
    ],
    ['GET /status', isOpen(options) ? guarded(status) : shut],
  ])
}

/** The webhook's address is the world's, and the status names private repositories, people and what they wrote (T60). */
const isOpen = ({ statusToken, host }: ServerOptions): boolean =>
  statusToken !== null || ['127.0.0.1', '::1', 'localhost'].includes(host)

const shut: Route = (_, response) =>
  answer(response, 401, { error: 'set SLUICE_STATUS_TOKEN to have the status shown to who knows it' })

async function respond(
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0]
  const route = routes.get(`${request.method} ${path}`)
  try {
    if (route === undefined) answer(response, 404, { error: 'nothing here' }, { close: true })
    else await route(request, response)
  } catch (err) {
    // The edge of the process: one request that breaks us must not end the others.
    log.error({ err, path }, 'Request failed')
    answer(response, 500, { error: 'failed' }, { close: true })
  }
}

function listen(server: Server, { port, host }: { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)))
    server.closeIdleConnections()
  })
}
