import {
  authorOf,
  created,
  inRepository,
  listOf,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { Refusal } from '../api/refusal.ts'
import { readCommit } from '../git/commits.ts'
import { changedFiles, commitsBetween, mergeBase, patches } from '../git/history.ts'
import { readRef } from '../git/refs.ts'
import { atLeast, roleOf } from '../model/accounts.ts'
import type { Pull } from '../model/repository.ts'
import { announcePull } from '../pulls/announce-pull.ts'
import { closePull } from '../pulls/close-pull.ts'
import { openPull } from '../pulls/open-pull.ts'
import { wholePullView } from '../pulls/pull-numbers.ts'
import { commitView, fileView } from '../views/commit.ts'
import { pullView } from '../views/pull.ts'
import { pullAt } from './find-pull.ts'

export const pullOperations = {
  'pulls/list': inRepository('pull_requests:read', 'read', ({ world, repository, query }) => {
    const state = textAt(query, 'state') ?? 'open'
    const [head, base] = [textAt(query, 'head'), textAt(query, 'base')]
    const found = [...repository.pulls.values()].filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (base === undefined || pull.base === base) &&
        (head === undefined || `${pull.headRepository.owner.login}:${pull.headBranch}` === head),
    )
    const sort = textAt(query, 'sort') === 'updated' ? 'updatedAt' : 'createdAt'
    const down =
      (textAt(query, 'direction') ?? (textAt(query, 'sort') === undefined || sort === 'createdAt' ? 'desc' : 'asc')) ===
      'desc'
    const sorted = found.sort((a, b) => a[sort] - b[sort] || a.number - b.number)
    return listOf(down ? sorted.toReversed() : sorted, (pull) => pullView(world, repository, pull))
  }),
  'pulls/get': inRepository('pull_requests:read', 'read', async (call) =>
    ok(await wholePullView(call.world, call.repository, pullAt(call), call.actor)),
  ),
  'pulls/create': inRepository('pull_requests:write', 'read', async (call) => {
    const pull = await openPull(call.world, call.repository, authorOf(call), call.body)
    return created(await wholePullView(call.world, call.repository, pull, call.actor))
  }),
  'pulls/update': inRepository('pull_requests:write', 'read', async (call) => {
    const pull = pullAt(call)
    requireHand(call, pull)
    await edit(call, pull)
    await changeState(call, pull)
    return ok(await wholePullView(call.world, call.repository, pull, call.actor))
  }),
  'pulls/list-files': inRepository('pull_requests:read', 'read', async (call) => {
    const { world, repository } = call
    const pull = pullAt(call)
    const base = await mergeBase(repository.dir, pull.baseSha, pull.head)
    const texts = await patches(repository.dir, base, pull.head)
    return listOf(await changedFiles(repository.dir, base, pull.head), (change) =>
      fileView(world, repository, pull.head, change, texts.get(change.path)),
    )
  }),
  'pulls/list-commits': inRepository('pull_requests:read', 'read', async (call) => {
    const { world, repository } = call
    const pull = pullAt(call)
    const shas = await commitsBetween(
      repository.dir,
      await mergeBase(repository.dir, pull.baseSha, pull.head),
      pull.head,
    )
    return listOf(shas.toReversed(), async (sha) => {
      const commit = await readCommit(repository.objects, sha)
      return commit === undefined ? null : commitView(world, repository, commit)
    })
  }),
} satisfies Operations

/** The author may edit, and whoever may triage; the App by its permission. */
export function requireHand({ world, repository, actor }: RepositoryCall, pull: Pull): void {
  if (actor.kind !== 'person' || actor.account.id === pull.by.id) return
  if (!atLeast(roleOf(world, repository, actor.account), 'triage'))
    throw new Refusal(403, 'Must have triage access to repository.')
}

async function edit(call: RepositoryCall, pull: Pull): Promise<void> {
  const { world, repository, body } = call
  const sender = authorOf(call).account
  const [title, text, base] = [textAt(body, 'title'), textAt(body, 'body'), textAt(body, 'base')]
  const changes = {
    ...(title === undefined || title === pull.title ? {} : { title: { from: pull.title } }),
    ...(text === undefined || text === pull.body ? {} : { body: { from: pull.body } }),
    ...(base === undefined || base === pull.base
      ? {}
      : { base: { ref: { from: pull.base }, sha: { from: pull.baseSha } } }),
  }
  if (Object.keys(changes).length === 0) return
  if (base !== undefined) {
    const sha = await readRef(repository.dir, `refs/heads/${base}`)
    if (sha === undefined)
      throw new Refusal(422, 'Validation Failed', {
        errors: [{ resource: 'PullRequest', field: 'base', code: 'invalid' }],
      })
    if (base !== pull.base)
      pull.retargets.push({ id: world.nextId(), event: 'base_ref_changed', by: sender, at: world.now() })
    Object.assign(pull, { base, baseSha: sha })
  }
  Object.assign(pull, { title: title ?? pull.title, body: text ?? pull.body, updatedAt: world.now() })
  await announcePull(world, repository, pull, { action: 'edited', sender, facts: { changes } })
}

async function changeState(call: RepositoryCall, pull: Pull): Promise<void> {
  const { world, repository, body } = call
  const sender = authorOf(call).account
  const wanted = textAt(body, 'state') ?? pull.state
  if (wanted === pull.state) return
  if (wanted === 'closed') return closePull(world, repository, pull, sender)
  if (pull.merged !== null || (await readRef(pull.headRepository.dir, `refs/heads/${pull.headBranch}`)) === undefined)
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'PullRequest', field: 'state', code: 'invalid' }],
    })
  Object.assign(pull, { state: 'open', closedAt: null, closedBy: null, updatedAt: world.now() })
  await announcePull(world, repository, pull, { action: 'reopened', sender })
}
