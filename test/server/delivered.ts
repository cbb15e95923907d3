import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'

/** Of a throw-away App. */
export const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()

export const signatureOf = (body: string, secret: string) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** A delivery as GitHub sends it; headers may be overridden or, by undefined, left out. */
export function delivery(
  event: string,
  payload: unknown,
  options: { readonly secret: string; readonly guid?: string; readonly headers?: Record<string, string | undefined> },
): RequestInit & { readonly headers: Record<string, string>; readonly body: string } {
  const body = JSON.stringify(payload)
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': options.guid ?? randomUUID(),
    'x-hub-signature-256': signatureOf(body, options.secret),
    ...options.headers,
  }
  const sent = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined)
  return { method: 'POST', body, headers: Object.fromEntries(sent) }
}

/** The smallest payload of a push to the default branch. */
export const pushPayload = (ids: { readonly repository?: number; readonly installation?: number } = {}) => ({
  ref: 'refs/heads/main',
  installation: { id: ids.installation ?? 1 },
  repository: { id: ids.repository ?? 10, name: 'config', owner: { login: 'acme' }, default_branch: 'main' },
  sender: { id: 5, login: 'ann', type: 'User' },
})
