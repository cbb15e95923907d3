import { createServer } from 'node:net'

/** Ports that nobody listens on now, all different. Who takes one later is not known: use them at once. */
export async function freePorts<Name extends string>(
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, number>>> {
  const taken = await Promise.all(names.map(async (name) => ({ name, ...(await take()) })))
  await Promise.all(taken.map(({ release }) => release()))
  return Object.fromEntries(taken.map(({ name, port }) => [name, port])) as Record<Name, number>
}

async function take(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const probe = createServer()
  await new Promise<void>((done, fail) => probe.once('error', fail).listen(0, '127.0.0.1', done))
  const address = probe.address()
  if (address === null || typeof address === 'string') throw new Error('no free port was found')
  return { port: address.port, release: () => new Promise((done) => probe.close(() => done())) }
}
