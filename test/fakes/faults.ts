import { TransientError } from '../../src/domain/failures.ts'
import type { Rendering } from '../../src/domain/rendered.ts'

/** What goes wrong between Sluice and the world: single writes that fail, an end of the process, a forge that is away. */
export interface Faults {
  /** Counted from the next write on: 1 is the next. */
  readonly armed: { in: number; when: 'before' | 'after'; is: 'failure' | 'crash' }[]
  isForgeAway: boolean
  /** What a call (`checks.own`) with these arguments throws, where it does; for as long as it is set. */
  refuse: (call: string, given: readonly unknown[]) => Error | undefined
  /** What every overlay renders as, for as long as it is set. */
  rendersAs: Rendering | null
  /** Every write that was tried, by name. */
  readonly writes: string[]
  /** What happens in the world right before the next call of a name (`comments.since`), once. */
  readonly meanwhile: Map<string, () => unknown>
}

export const noFaults = (): Faults => ({
  armed: [],
  isForgeAway: false,
  refuse: () => undefined,
  rendersAs: null,
  writes: [],
  meanwhile: new Map(),
})

/** The process ended: nothing that it had in hand goes on. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

const written = new Set(
  ['ensureOpen', 'update', 'close', 'merge', 'show', 'ensure', 'react', 'create', 'createBranch', 'moveBranch'].concat([
    ...['deleteBranch', 'push'],
  ]),
)

/** One process's hand on a port: once it crashed, every call of it is refused. */
export function throughFaults<T extends object>(
  port: T,
  family: string,
  faults: Faults,
  process: { isDead: boolean },
): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const found = Reflect.get(target, name, receiver)
      if (typeof found !== 'function' || typeof name !== 'string') return found
      return async (...given: unknown[]) => {
        if (process.isDead) throw new Crash('the process ended')
        const happens = faults.meanwhile.get(`${family}.${name}`)
        faults.meanwhile.delete(`${family}.${name}`)
        await happens?.()
        if (faults.isForgeAway) throw new TransientError('forge.unreachable', 'the forge does not answer')
        const refused = faults.refuse(`${family}.${name}`, given)
        if (refused !== undefined) throw refused
        const call = () => Reflect.apply(found, target, given)
        return written.has(name) ? write(`${family}.${name}`, call, faults, process) : call()
      }
    },
  })
}

async function write(
  name: string,
  call: () => unknown,
  faults: Faults,
  process: { isDead: boolean },
): Promise<unknown> {
  faults.writes.push(name)
  for (const one of faults.armed) one.in -= 1
  const due = faults.armed.filter((one) => one.in === 0)
  const fail = (when: 'before' | 'after') => {
    for (const one of due.filter((each) => each.when === when)) {
      if (one.is === 'failure') throw new TransientError('forge.unreachable', `${name} failed ${when} its effect`)
      process.isDead = true
      throw new Crash(`ended ${when} ${name}`)
    }
  }
  fail('before')
  const answer = await call()
  fail('after')
  return answer
}
