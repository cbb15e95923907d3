import type { FaultKind, FaultSubject } from '../../src/sandbox/forge/faults.ts'
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

const failures = ['error-after', 'reset-after', 'error-before'] as const satisfies readonly FaultKind[]
/** What Git answers to a push is its report: an error is before it, or there is no answer. */
const failuresOfGit = ['reset-after', 'error-before'] as const satisfies readonly FaultKind[]

/** Each write of ours fails once after its effect by an answer that says so, once after it by no answer at all, and once before it. */
export function upsetWrites({ forge }: Pick<Scenario, 'forge'>, operations: readonly string[]) {
  const isOurWrite = ({ method, actor = forge.app.botLogin }: FaultSubject) =>
    method !== 'GET' && actor === forge.app.botLogin
  const arm = (operation: string, nth: number) => {
    const kind = (operation.startsWith('git-') ? failuresOfGit : failures)[nth]
    return kind && { nth, kind, fault: forge.faults.add({ operation, kind, times: 1, where: isOurWrite }) }
  }
  const armed = new Map(operations.map((operation) => [operation, arm(operation, 0)]))
  // The next way to fail waits until the one before has struck: together they would strike one request.
  const arming = repeatedly(20, async () => {
    for (const [operation, one] of armed)
      if (one !== undefined && one.fault.hits() > 0) armed.set(operation, arm(operation, one.nth + 1))
  })
  return {
    /** Where it has not failed in every way yet, and the way that is next. */
    left: () => [...armed].flatMap(([operation, one]) => (one === undefined ? [] : [`${operation} ${one.kind}`])),
    stop: async () => {
      await arming.stop()
      for (const one of armed.values()) one?.fault.remove()
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
