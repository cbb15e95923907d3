import { setTimeout as sleep } from 'node:timers/promises'
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

/** A start takes about twenty. */
const longestLifeInRequests = 100

/**
 * Kills the server when it has asked the forge as often as chance chooses, and starts it again: until it is stopped, and not
 * more often than that. Counted in requests, a slow machine gets as far between two deaths as a fast one.
 */
export function killAtRandom(
  { forge, server, log }: Pick<Scenario, 'forge' | 'server' | 'log'>,
  { atMost, random }: { readonly atMost: number; readonly random: () => number },
): { readonly kills: () => number; stop(): Promise<void> } {
  const asked = () => forge.calls().filter(({ actor }) => actor === forge.app.botLogin).length
  let isStopped = false
  let kills = 0

  async function run(): Promise<void> {
    while (kills < atMost) {
      const end = asked() + random() * longestLifeInRequests
      while (!isStopped && asked() < end) await sleep(10)
      if (isStopped) return
      await server.kill()
      kills += 1
      await startAgain()
    }
  }

  async function startAgain(): Promise<void> {
    try {
      await server.start()
    } catch (cause) {
      throw new Error(`it did not come back, and last said\n${(await log()).slice(-3_000)}`, { cause })
    }
  }

  const running = run()
  // Told when it is stopped.
  running.catch(() => undefined)
  return {
    kills: () => kills,
    stop: async () => {
      isStopped = true
      await running
    },
  }
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
