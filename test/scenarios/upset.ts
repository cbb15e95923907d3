import type { Scenario } from './scenario.ts'

/** Of the webhooks 30 % get lost, 30 % come twice, 30 % after the next; and old ones are sent again, by their old and by new ids. */
export function upsetDeliveries({ forge }: Pick<Scenario, 'forge'>, random: () => number) {
  const isChosen = () => random() < 0.3
  const arm = (kind: 'drop' | 'double' | 'reorder') => forge.faults.add({ kind, operation: 'webhook', where: isChosen })
  const [lost, doubled, reordered] = [arm('drop'), arm('double'), arm('reorder')] as const
  let replayed = 0
  const replaying = repeatedly(250, async () => {
    const sent = forge.deliveries()
    const old = sent[Math.floor(random() * sent.length)]
    if (old === undefined) return
    const headers = isChosen()
      ? { ...old.requestHeaders, 'x-github-delivery': crypto.randomUUID() }
      : old.requestHeaders
    // The server may be down or busy: it is lost then, as the forge's own are.
    await fetch(old.url, { method: 'POST', headers, body: JSON.stringify(old.payload) }).catch(() => {})
    replayed += 1
  })
  return {
    /** How often each of it happened so far. */
    counts: () => ({ lost: lost.hits(), doubled: doubled.hits(), reordered: reordered.hits(), replayed }),
    stop: async () => {
      for (const fault of [lost, doubled, reordered]) fault.remove()
      await replaying.stop()
    },
  }
}

function repeatedly(everyMs: number, act: () => Promise<void>): { stop(): Promise<void> } {
  let isStopped = false
  const running = (async () => {
    while (!isStopped) {
      await act()
      await new Promise((wake) => setTimeout(wake, everyMs))
    }
  })()
  return {
    stop: async () => {
      isStopped = true
      await running
    },
  }
}
