import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that Linux, macOS and Windows give to connections by themselves. */
const [lowest, above] = [20_000, 32_000]

/**
 * A port for a server that is ended and started again on it. Free now, and out of the range from which the kernel gives
 * every other program its ports: there a connection could take it while the server is away.
 */
export async function steadyPort(stretch: Stretch = { from: lowest, below: above }): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(stretch.from, stretch.below)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port was found between ${stretch.from} and ${stretch.below}`)
}

/** One of so many equal parts of all these ports, for one of as many processes that ask at the same time. */
export function stretchOf(part: number, parts: number): Stretch {
  const length = Math.floor((above - lowest) / parts)
  const from = lowest + (part % parts) * length
  return { from, below: from + length }
}

interface Stretch {
  readonly from: number
  /** Itself none of them. */
  readonly below: number
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
