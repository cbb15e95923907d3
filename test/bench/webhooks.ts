import { createHmac, randomUUID } from 'node:crypto'
import type { BenchStage } from './bench-stage.ts'
import { pause } from './measure.ts'

const path = '/api/github/webhooks'

/** Milliseconds until the server acknowledged one delivery, signed as the forge signs it. */
export async function deliver(stage: BenchStage, url: string, event: string, payload: object): Promise<number> {
  const body = JSON.stringify(payload)
  const signature = createHmac('sha256', stage.forge.app.webhookSecret).update(body).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${signature}`,
  }
  const startedAt = performance.now()
  const response = await fetch(url + path, { method: 'POST', headers, body })
  await response.text()
  if (response.status !== 200) throw new Error(`the server answered ${response.status} to a webhook`)
  return performance.now() - startedAt
}

/** So many a second for so long; the milliseconds of each. Each is sent in time, whatever became of those before it. */
export async function deliverSteadily(
  stage: BenchStage,
  url: string,
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly number[]> {
  const startedAt = performance.now()
  const sent: Promise<number>[] = []
  for (let index = 0; index < pace.perSecond * pace.seconds; index += 1) {
    const due = startedAt + (index * 1000) / pace.perSecond
    if (due > performance.now()) await pause(due - performance.now())
    sent.push(deliver(stage, url, 'push', pushOf(stage, index)))
  }
  return Promise.all(sent)
}

/** Of the default branch, with the bulk that a real one has: what became stale is the whole repository. */
const pushOf = ({ repositoryId, installation }: BenchStage, index: number) => ({
  ref: 'refs/heads/main',
  repository: {
    id: repositoryId,
    name: 'config',
    full_name: 'acme/config',
    owner: { login: 'acme' },
    default_branch: 'main',
  },
  installation: { id: installation },
  sender: { id: 1, login: 'ann' },
  commits: Array.from({ length: 20 }, (_, at) => ({ id: `${index}-${at}`, message: 'x'.repeat(300) })),
})
