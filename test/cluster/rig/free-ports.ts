import { steadyPort } from '../../../src/demo/steady-port.ts'

const given = new Set<number>()

/**
 * Ports that nobody listens on now, none given twice by this process, and out of the range from which the kernel takes those
 * of connections: the programs open thousands, and one of these on a port that is to be listened on leaves the rig half alive.
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
    const port = await steadyPort()
    if (given.has(port)) continue
    given.add(port)
    return port
  }
}
