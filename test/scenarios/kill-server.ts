import type { Scenario } from './scenario.ts'

/** `before` its effect, or `after` it while the answer is on its way. */
export interface KillMoment {
  readonly operation: string
  readonly when: 'before' | 'after'
}

export interface Killing {
  /** What it was killed at so far. */
  readonly kills: readonly KillMoment[]
  /** Resolves when the server runs and is killed no more. */
  stop(): Promise<void>
}

const heldFor = 300

interface Armed {
  readonly moment: KillMoment
  readonly isHit: () => boolean
  readonly disarm: () => void
}

/**
 * Holds the first request of each operation at the forge's door, kills the server while it waits there, lets the request
 * go on or not, and starts the server again: once before each operation's effect and once after it.
 */
export function killAt({ forge, server }: Scenario, operations: readonly string[]): Killing {
  const kills: KillMoment[] = []
  let armed = operations.map((operation) => arm({ operation, when: 'before' }))
  let isStopped = false

  async function run(): Promise<void> {
    while (!isStopped) {
      await new Promise((wake) => setTimeout(wake, 5))
      const hit = armed.find((one) => one.isHit())
      if (hit !== undefined) await strike(hit)
    }
    for (const one of armed) one.disarm()
  }

  async function strike(hit: Armed): Promise<void> {
    await server.kill()
    kills.push(hit.moment)
    // What was held has gone on, or was cut, before the server comes back.
    await new Promise((wake) => setTimeout(wake, heldFor))
    hit.disarm()
    const others = armed.filter((one) => one !== hit)
    const { operation, when } = hit.moment
    armed = when === 'before' ? [...others, arm({ operation, when: 'after' })] : others
    await server.start()
  }

  function arm(moment: KillMoment): Armed {
    const { operation, when } = moment
    const isWrite = ({ method }: { readonly method: string }) => method !== 'GET'
    const once = { operation, times: 1, where: isWrite }
    const held = forge.faults.add({ ...once, kind: 'delay', milliseconds: heldFor })
    const cut = when === 'before' ? forge.faults.add({ ...once, kind: 'reset-before' }) : null
    return {
      moment,
      isHit: () => held.hits() > 0,
      disarm: () => {
        held.remove()
        cut?.remove()
      },
    }
  }

  const running = run()
  return {
    kills,
    stop: async () => {
      isStopped = true
      await running
    },
  }
}
