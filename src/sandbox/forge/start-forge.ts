import { realpathSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { gitHubQuota, openQuota } from './api/quota.ts'
import { announceInstallation } from './hooks/announce-installation.ts'
import { accountNamed, addAccount, addTeam, findTeam, giveToken } from './model/accounts.ts'
import { addInstallation } from './model/installations.ts'
import { newWorld } from './model/new-world.ts'
import { addRepository, forkRepository, fullName, repositoryNamed, seedRepository } from './model/repositories.ts'
import type { Repository, World } from './model/world.ts'
import { operations } from './operations/table.ts'
import { announcePull } from './pulls/announce-pull.ts'
import { considerAutoMerge } from './pulls/auto-merge.ts'
import { checkRuleset } from './rules/ruleset.ts'
import type { CreatedRepository, ForgeOptions, NewRepositoryOptions, SandboxForge } from './sandbox-forge.ts'
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
  await world.background.settled()
  for (const repository of world.repositories.values()) {
    // What was being written when the connection closed ends first.
    await repository.inTurn(async () => repository.objects.close())
  }
  await world.hooks.settled()
}

type People = Pick<SandboxForge, 'createUser' | 'createBot' | 'createOrganization' | 'createTeam'>

function peopleOf(world: World): People {
  const withToken = (login: string, type: 'User' | 'Bot') => {
    const account = addAccount(world, login, type)
    return { id: account.id, token: giveToken(world, account) }
  }
  return {
    createUser: (login) => withToken(login, 'User'),
    createBot: (login) => withToken(login, 'Bot'),
    createOrganization: (login, { owners = [] } = {}) => {
      const organization = addAccount(world, login, 'Organization')
      for (const owner of owners) organization.members.set(accountNamed(world, owner).id, 'admin')
      return { id: organization.id }
    },
    createTeam: (organization, slug, members) => {
      const accounts = members.map((login) => accountNamed(world, login))
      return { id: addTeam(world, accountNamed(world, organization), slug, accounts).id }
    },
  }
}

type Repositories = Pick<SandboxForge, 'createRepository' | 'fork' | 'setRole' | 'protect' | 'enableAutoMerge'>

function repositoriesOf(world: World): Repositories {
  return {
    createRepository: (options) => createRepository(world, options),
    fork: async (owner, name, by) => {
      const fork = await forkRepository(world, repositoryNamed(world, owner, name), accountNamed(world, by))
      return shown(world, fork)
    },
    setRole: (owner, name, login, role) => {
      repositoryNamed(world, owner, name).roles.set(accountNamed(world, login).id, role)
    },
    protect: (owner, name, rulesets) => {
      const ids = rulesets.map((file) => ({ ...checkRuleset(file), id: world.nextId(), createdAt: world.now() }))
      repositoryNamed(world, owner, name).rulesets = ids
    },
    enableAutoMerge: async (owner, name, number, by) => {
      const repository = repositoryNamed(world, owner, name)
      const pull = repository.pulls.get(number)
      if (pull === undefined) throw new Error(`${owner}/${name} has no pull request ${number}.`)
      pull.autoMerge = { by: accountNamed(world, by), method: 'merge' }
      await announcePull(world, repository, pull, { action: 'auto_merge_enabled', sender: pull.autoMerge.by })
      considerAutoMerge(world, repository)
    },
  }
}

async function createRepository(world: World, options: NewRepositoryOptions): Promise<CreatedRepository> {
  const owner = accountNamed(world, options.owner)
  const repository = await addRepository(world, {
    owner,
    name: options.name,
    defaultBranch: options.defaultBranch ?? 'main',
    isPrivate: options.isPrivate ?? false,
    roles: new Map(Object.entries(options.roles ?? {}).map(([login, role]) => [accountNamed(world, login).id, role])),
    teamRoles: new Map(
      Object.entries(options.teams ?? {}).map(([slug, role]) => [teamNamed(world, options.owner, slug), role]),
    ),
  })
  const author = options.author === undefined ? owner : accountNamed(world, options.author)
  if (options.files !== undefined) await seedRepository(world, repository, options.files, author)
  return shown(world, repository)
}

function teamNamed(world: World, organization: string, slug: string): number {
  const team = findTeam(world, organization, slug)
  if (team === undefined) throw new Error(`The sandbox has no team ${organization}/${slug}.`)
  return team.id
}

function shown(world: World, repository: Repository): CreatedRepository {
  const url = `${world.url}/${fullName(repository)}`
  return { id: repository.id, url, cloneUrl: `${url}.git`, dir: repository.dir }
}

function installationsOf(world: World): Pick<SandboxForge, 'install' | 'suspend'> {
  return {
    install: (owner, names) => {
      const repositories = names.map((name) => repositoryNamed(world, owner, name))
      const installation = addInstallation(world, accountNamed(world, owner), repositories)
      announceInstallation(world, installation, 'created')
      return installation.id
    },
    suspend: (id, isSuspended) => {
      const installation = world.installations.get(id)
      if (installation === undefined) throw new Error(`The sandbox has no installation ${id}.`)
      installation.suspendedAt = isSuspended ? world.now() : null
      announceInstallation(world, installation, isSuspended ? 'suspend' : 'unsuspend')
    },
  }
}
