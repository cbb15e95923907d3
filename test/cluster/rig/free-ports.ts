import { steadyPort, stretchOf } from '../../../src/demo/steady-port.ts'

const given = new Set<number>()

/** Between the look at a port and the listening on it another worker of the suite would find it free too. */
const worker = process.env['VITEST_POOL_ID']
const mine = worker === undefined ? undefined : stretchOf(Number(worker), 8)

/**
 * Ports that nobody listens on now, none given twice by this process or by two workers of one run, and out of the range from
 * which the kernel takes those of connections: the programs open thousands, and one of these on a port that is to be listened
 * on leaves the rig half alive.
 */
export async function freePorts<Name extends string>(
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, number>>> {
  const ports: [Name, number][] = []
  for (const name of names) ports.push([name, await another()])
  return Object.fromEntries(ports) as Record<Name, number>
}

async function another(): Promise<number> {
  for (;;) {
    const port = await steadyPort(mine)
    if (given.has(port)) continue
    given.add(port)
    return port
  }
}
