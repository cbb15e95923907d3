import { realpathSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { gitHubQuota, openQuota } from './api/quota.ts'
import { installationsOf } from './controls/installations.ts'
import { peopleOf } from './controls/people.ts'
import { repositoriesOf } from './controls/repositories.ts'
import { newWorld } from './model/new-world.ts'
import type { World } from './model/world.ts'
import { operations } from './operations/table.ts'
import type { ForgeOptions, SandboxForge } from './sandbox-forge.ts'
import { serveForge } from './serve-forge.ts'

export { servedOperations } from './operations/table.ts'
export type * from './sandbox-forge.ts'

/** Starts a forge on 127.0.0.1. Nothing of it outlives `stop` but the folder. */
export async function startForge(options: ForgeOptions): Promise<SandboxForge> {
  await mkdir(options.dir, { recursive: true })
  const server = createServer()
  const url = await listen(server, options.port ?? 0)
  const world = newWorld({ ...options, dir: realpathSync(resolve(options.dir)), url })
  const quota = openQuota(world, { ...gitHubQuota, ...options.quota })
  server.on('request', serveForge({ world, quota, operations }))
  return {
    url,
    apiUrl: `${url}/api/v3`,
    app: {
      id: world.app.id,
      slug: world.app.slug,
      privateKey: world.app.privateKey,
      webhookSecret: world.app.webhookSecret,
      botId: world.app.bot.id,
      botLogin: world.app.bot.login,
    },
    setWebhook: (to) => world.hooks.setUrl(to),
    ...peopleOf(world),
    ...repositoriesOf(world),
    ...installationsOf(world),
    faults: world.faults,
    calls: () => world.calls,
    deliveries: () => world.hooks.deliveries,
    settled: () => settle(world),
    stop: () => stop(server, world),
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function settle(world: World): Promise<void> {
  await world.background.settled()
  await world.hooks.settled()
}

async function stop(server: Server, world: World): Promise<void> {
  world.hooks.setUrl(null)
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await world.background.close()
  for (const repository of world.repositories.values()) {
    // What was being written when the connection closed ends first.
    await repository.inTurn(async () => repository.objects.close())
  }
  await world.hooks.settled()
}
