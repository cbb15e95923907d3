import { type ApiCall, listOf, numberAt, type Operations, ok, operation, textAt } from '../api/operation.ts'
import { notFound } from '../api/refusal.ts'
import type { Delivery } from '../hooks/hooks.ts'
import type { Json } from '../views/account.ts'
import { timeOf } from '../views/urls.ts'

export const deliveryOperations = {
  'apps/get-webhook-config-for-app': operation('app', ({ world }) =>
    ok({ url: world.hooks.url() ?? '', content_type: 'json', insecure_ssl: '0', secret: '********' }),
  ),
  'apps/list-webhook-deliveries': operation('app', ({ world, query }) => {
    const wanted = textAt(query, 'status')
    const before = Number(textAt(query, 'cursor') ?? Number.POSITIVE_INFINITY)
    const found = world.hooks.deliveries.filter(
      (one) => one.id < before && (wanted === undefined || (wanted === 'success') === isDelivered(one)),
    )
    return listOf(found.toReversed(), itemView)
  }),
  'apps/get-webhook-delivery': operation('app', (call) => {
    const delivery = deliveryAt(call)
    return ok({
      ...itemView(delivery),
      url: delivery.url,
      request: { headers: delivery.requestHeaders, payload: delivery.payload },
      response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
    })
  }),
  'apps/redeliver-webhook-delivery': operation('app', (call) => {
    call.world.hooks.redeliver(deliveryAt(call))
    return { status: 202, body: {} }
  }),
} satisfies Operations

function deliveryAt({ world, path }: ApiCall): Delivery {
  const delivery = world.hooks.deliveries.find(({ id }) => id === numberAt(path, 'delivery_id'))
  if (delivery === undefined) throw notFound()
  return delivery
}

const isDelivered = ({ statusCode }: Delivery) => statusCode >= 200 && statusCode < 300

const itemView = (delivery: Delivery): Json => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: timeOf(delivery.deliveredAt),
  redelivery: delivery.redelivery,
  duration: delivery.seconds,
  status: delivery.status,
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: delivery.installation,
  repository_id: delivery.repository,
  throttled_at: null,
})
