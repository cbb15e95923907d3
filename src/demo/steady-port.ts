import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that Linux, macOS and Windows give to connections by themselves. */
const [lowest, above] = [20_000, 32_000]

/**
 * A port for a server that is ended and started again on it. Free now, and out of the range from which the kernel gives
 * every other program its ports: there a connection could take it while the server is away.
 */
export async function steadyPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(lowest, above)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port was found between ${lowest} and ${above}`)
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
