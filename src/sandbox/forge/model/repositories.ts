import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openObjects } from '../git/objects.ts'
import { installPushHook } from '../git/push-hook.ts'
import { runGit } from '../git/run-git.ts'
import { signatureOf } from './signatures.ts'
import type { Account, Repository, RoleName, World } from './world.ts'

export interface NewRepository {
  readonly owner: Account
  readonly name: string
  readonly defaultBranch: string
  readonly isPrivate: boolean
  readonly roles: ReadonlyMap<number, RoleName>
  readonly teamRoles: ReadonlyMap<number, RoleName>
  readonly parent?: Repository
}

export async function addRepository(world: World, wanted: NewRepository): Promise<Repository> {
  if (findRepository(world, wanted.owner.login, wanted.name) !== undefined)
    throw new Error(`The sandbox already has a repository ${wanted.owner.login}/${wanted.name}.`)
  const id = world.nextId()
  const dir = join(world.dir, `${wanted.owner.login}/${wanted.name}.git`)
  await initBare(dir, wanted.defaultBranch)
  const repository: Repository = {
    ...wanted,
    parent: wanted.parent,
    id,
    dir,
    objects: openObjects(dir),
    roles: new Map(wanted.roles),
    teamRoles: new Map(wanted.teamRoles),
    rulesets: [],
    allowsMergeCommits: true,
    pulls: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    checkSuites: new Map(),
    statuses: [],
    verified: new Set(),
    lastNumber: 0,
    createdAt: world.now(),
    pushedAt: world.now(),
    inTurn: queueOfOne(),
  }
  world.repositories.set(id, repository)
  return repository
}

/** As a fork has it: the same default branch and history, in a bare repository of its own. */
export async function forkRepository(world: World, parent: Repository, owner: Account): Promise<Repository> {
  const { name, defaultBranch, isPrivate } = parent
  const fork = await addRepository(world, {
    owner,
    name,
    defaultBranch,
    isPrivate,
    parent,
    roles: new Map(),
    teamRoles: new Map(),
  })
  await runGit(fork.dir, ['fetch', '-q', parent.dir, '+refs/heads/*:refs/heads/*'])
  return fork
}

async function initBare(dir: string, defaultBranch: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  await runGit(dir, ['init', '-q', '--bare', `--initial-branch=${defaultBranch}`, '--template=', '.'])
  await appendFile(join(dir, 'config'), serverSettings)
  await installPushHook(dir)
}

// Any commit may be fetched by its id and none is packed away or refused by git's own care for a server's disk;
// `refs/pull` belongs to the forge.
const serverSettings = `
[http]
  receivepack = true
[receive]
  hideRefs = refs/pull
  autogc = false
[gc]
  auto = 0
[uploadpack]
  allowAnySHA1InWant = true
  allowFilter = true
`

/** Puts a first commit on the default branch, as the forge does when a repository is made from files. */
export async function seedRepository(
  world: World,
  repository: Repository,
  files: Readonly<Record<string, string>>,
  author: Account,
): Promise<void> {
  const { name, email, at } = signatureOf(world, author)
  const lines = [
    `commit refs/heads/${repository.defaultBranch}`,
    `committer ${name} <${email}> ${Math.floor(at / 1000)} +0000`,
    data('Initial commit\n'),
    ...Object.entries(files).map(([path, text]) => `M 644 inline ${JSON.stringify(path)}\n${data(text)}`),
  ]
  // Thousands of files in one pack: a hundred times faster than as many loose objects.
  await runGit(repository.dir, ['fast-import', '--quiet'], `${lines.join('\n')}\n`)
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`

export function findRepository(world: World, owner: string, name: string): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase()
  return [...world.repositories.values()].find((one) => `${one.owner.login}/${one.name}`.toLowerCase() === wanted)
}

export function repositoryNamed(world: World, owner: string, name: string): Repository {
  const repository = findRepository(world, owner, name)
  if (repository === undefined) throw new Error(`The sandbox has no repository ${owner}/${name}.`)
  return repository
}

export const fullName = (repository: Repository): string => `${repository.owner.login}/${repository.name}`

function queueOfOne(): Repository['inTurn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    // The caller hears of a failure; the next in turn starts all the same.
    last = next.catch(() => undefined)
    return next
  }
}
