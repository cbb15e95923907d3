import { type Fields, flagAt, textAt } from '../api/operation.ts'
import { Refusal } from '../api/refusal.ts'
import { commitsBetween } from '../git/history.ts'
import { readRef } from '../git/refs.ts'
import { findRepository } from '../model/repositories.ts'
import { openPulls, type Pull } from '../model/repository.ts'
import type { Author, Repository, World } from '../model/world.ts'
import { announcePull } from './announce-pull.ts'
import { keepHeadRef } from './follow-refs.ts'

/** Opens a pull request from `branch` or `owner:branch`, and tells about it. */
export async function openPull(world: World, repository: Repository, by: Author, wanted: Fields): Promise<Pull> {
  const base = textAt(wanted, 'base') ?? ''
  const head = headOf(world, repository, textAt(wanted, 'head') ?? '')
  const baseSha = await readRef(repository.dir, `refs/heads/${base}`)
  if (baseSha === undefined) throw invalidField('base')
  const headSha = await readRef(head.repository.dir, `refs/heads/${head.branch}`)
  if (headSha === undefined) throw invalidField('head')
  requireNew(repository, base, head)
  const now = world.now()
  const pull: Pull = {
    id: world.nextId(),
    number: repository.lastNumber + 1,
    by: by.account,
    title: textAt(wanted, 'title') ?? head.branch,
    body: textAt(wanted, 'body') ?? null,
    state: 'open',
    draft: flagAt(wanted, 'draft') ?? false,
    base,
    baseSha,
    headRepository: head.repository,
    headBranch: head.branch,
    head: headSha,
    reviews: [],
    retargets: [],
    mergeability: undefined,
    autoMerge: null,
    merged: null,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
  }
  await keepHeadRef(repository, pull)
  if ((await commitsBetween(repository.dir, baseSha, headSha, 1)).length === 0)
    throw refusedPull({ message: `No commits between ${base} and ${head.branch}` })
  repository.lastNumber = pull.number
  repository.pulls.set(pull.number, pull)
  await announcePull(world, repository, pull, { action: 'opened', sender: by.account })
  return pull
}

interface Head {
  readonly repository: Repository
  readonly branch: string
}

function headOf(world: World, repository: Repository, head: string): Head {
  const [owner = '', branch] = head.split(':')
  if (branch === undefined) return { repository, branch: head }
  if (owner.toLowerCase() === repository.owner.login.toLowerCase()) return { repository, branch }
  const fork = findRepository(world, owner, repository.name)
  if (fork?.parent !== repository) throw invalidField('head')
  return { repository: fork, branch }
}

function requireNew(repository: Repository, base: string, head: Head): void {
  const twin = openPulls(repository).find(
    (pull) => pull.base === base && pull.headBranch === head.branch && pull.headRepository === head.repository,
  )
  if (twin === undefined) return
  throw refusedPull({ message: `A pull request already exists for ${head.repository.owner.login}:${head.branch}.` })
}

const invalidField = (field: string) =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', field, code: 'invalid' }] })
const refusedPull = ({ message }: { readonly message: string }) =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', code: 'custom', message }] })
