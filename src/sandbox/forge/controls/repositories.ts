import { accountNamed, teamNamed } from '../model/accounts.ts'
import { addRepository, forkRepository, fullName, repositoryNamed, seedRepository } from '../model/repositories.ts'
import type { Pull } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'
import { announcePull } from '../pulls/announce-pull.ts'
import { considerAutoMerge } from '../pulls/auto-merge.ts'
import { checkRuleset } from '../rules/ruleset.ts'
import type { CreatedRepository, NewRepositoryOptions, SandboxForge } from '../sandbox-forge.ts'

type Repositories = Pick<
  SandboxForge,
  'createRepository' | 'fork' | 'setRole' | 'protect' | 'allowMergeCommits' | 'enableAutoMerge' | 'setDraft'
>

/** Repositories, and what GitHub lets nobody do by its REST API. */
export function repositoriesOf(world: World): Repositories {
  return {
    createRepository: (options) => createRepository(world, options),
    fork: async (owner, name, by) =>
      shown(world, await forkRepository(world, repositoryNamed(world, owner, name), accountNamed(world, by))),
    setRole: (owner, name, login, role) => {
      repositoryNamed(world, owner, name).roles.set(accountNamed(world, login).id, role)
    },
    protect: (owner, name, rulesets) => {
      repositoryNamed(world, owner, name).rulesets = rulesets.map((file) => ({
        ...checkRuleset(file),
        id: world.nextId(),
        createdAt: world.now(),
      }))
    },
    allowMergeCommits: (owner, name, isAllowed) => {
      repositoryNamed(world, owner, name).allowsMergeCommits = isAllowed
    },
    enableAutoMerge: async (owner, name, number, by) => {
      const { repository, pull } = pullNamed(world, owner, name, number)
      const sender = accountNamed(world, by)
      pull.autoMerge = { by: sender, method: 'merge' }
      await announcePull(world, repository, pull, { action: 'auto_merge_enabled', sender })
      considerAutoMerge(world, repository)
    },
    setDraft: async (owner, name, number, isDraft, by) => {
      const { repository, pull } = pullNamed(world, owner, name, number)
      pull.draft = isDraft
      const action = isDraft ? 'converted_to_draft' : 'ready_for_review'
      await announcePull(world, repository, pull, { action, sender: accountNamed(world, by) })
    },
  }
}

function pullNamed(world: World, owner: string, name: string, number: number): { repository: Repository; pull: Pull } {
  const repository = repositoryNamed(world, owner, name)
  const pull = repository.pulls.get(number)
  if (pull === undefined) throw new Error(`${owner}/${name} has no pull request ${number}.`)
  return { repository, pull }
}

async function createRepository(world: World, options: NewRepositoryOptions): Promise<CreatedRepository> {
  const owner = accountNamed(world, options.owner)
  const roles = Object.entries(options.roles ?? {}).map(
    ([login, role]) => [accountNamed(world, login).id, role] as const,
  )
  const teams = Object.entries(options.teams ?? {}).map(
    ([slug, role]) => [teamNamed(world, options.owner, slug).id, role] as const,
  )
  const repository = await addRepository(world, {
    owner,
    name: options.name,
    defaultBranch: options.defaultBranch ?? 'main',
    isPrivate: options.isPrivate ?? false,
    roles: new Map(roles),
    teamRoles: new Map(teams),
  })
  const author = options.author === undefined ? owner : accountNamed(world, options.author)
  if (options.files !== undefined) await seedRepository(world, repository, options.files, author)
  return shown(world, repository)
}

function shown(world: World, repository: Repository): CreatedRepository {
  const url = `${world.url}/${fullName(repository)}`
  return { id: repository.id, url, cloneUrl: `${url}.git`, dir: repository.dir }
}
