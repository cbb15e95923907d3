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

/**
 * Holds the first request of each moment at the forge's door, kills the server while it waits there, lets the request go
 * on or not, and starts the server again.
 */
export function killAt({ forge, server }: Scenario, moments: readonly KillMoment[]): Killing {
  const kills: KillMoment[] = []
  const waiting = [...moments]
  let isStopped = false

  async function run(): Promise<void> {
    let armed = arm(waiting.shift())
    while (!isStopped) {
      await new Promise((wake) => setTimeout(wake, 5))
      if (armed === undefined || !armed.isHit()) {
        if (armed?.isOverdue()) armed = rotate(armed)
        continue
      }
      await server.kill()
      kills.push(armed.moment)
      await new Promise((wake) => setTimeout(wake, heldFor))
      await server.start()
      armed.disarm()
      armed = arm(waiting.shift())
    }
    armed?.disarm()
  }

  /** What is not asked for these seconds has its turn later. */
  function rotate(armed: NonNullable<ReturnType<typeof arm>>) {
    armed.disarm()
    waiting.push(armed.moment)
    return arm(waiting.shift())
  }

  function arm(moment: KillMoment | undefined) {
    if (moment === undefined) return undefined
    const { operation, when } = moment
    const since = Date.now()
    const isWrite = ({ method }: { readonly method: string }) => method !== 'GET'
    const held = forge.faults.add({ operation, kind: 'delay', milliseconds: heldFor, times: 1, where: isWrite })
    const cut =
      when === 'before' ? forge.faults.add({ operation, kind: 'reset-before', times: 1, where: isWrite }) : null
    return {
      moment,
      isHit: () => held.hits() > 0,
      isOverdue: () => Date.now() - since > 1_500,
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
