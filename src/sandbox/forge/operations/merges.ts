import { authorOf, inRepository, nothing, type Operations, ok, type RepositoryCall, textAt } from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { writeCommit } from '../git/commits.ts'
import { mergeTrees } from '../git/history.ts'
import { readRef } from '../git/refs.ts'
import type { MergeMethod } from '../model/repository.ts'
import { forgeSignature, signatureOf } from '../model/signatures.ts'
import { changeRef } from '../pulls/change-ref.ts'
import { mergePull } from '../pulls/merge-pull.ts'
import { refusalText } from '../rules/judge-write.ts'
import { apiOfRepository } from '../views/urls.ts'
import { pullAt } from './find-pull.ts'

export const mergeOperations = {
  'pulls/check-if-merged': inRepository('contents:read', 'read', (call) => {
    if (pullAt(call).merged === null) throw notFound()
    return nothing
  }),
  'pulls/merge': inRepository('contents:write', 'write', merge),
  'pulls/update-branch': inRepository('pull_requests:write', 'read', updateBranch),
} satisfies Operations

async function merge(call: RepositoryCall) {
  const { world, repository, body } = call
  const pull = pullAt(call)
  const sha = textAt(body, 'sha')
  if (sha !== undefined && sha !== pull.head)
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.')
  const method = methodOf(textAt(body, 'merge_method'))
  if (method === 'merge' && !repository.allowsMergeCommits)
    throw new Refusal(405, 'Merge commits are not allowed on this repository.')
  const outcome = await mergePull(world, {
    repository,
    pull,
    by: authorOf(call),
    door: 'merge-call',
    method,
    title: textAt(body, 'commit_title'),
    message: textAt(body, 'commit_message'),
  })
  switch (outcome.is) {
    case 'merged':
      return ok({ sha: outcome.commit, merged: true, message: 'Pull Request successfully merged' })
    case 'lost-race':
      throw new Refusal(409, 'Base branch was modified. Review and try the merge again.')
    case 'refused':
      throw new Refusal(405, refusalText(outcome.violations))
    default:
      throw new Refusal(405, 'Pull Request is not mergeable')
  }
}

const methodOf = (text: string | undefined): MergeMethod => (text === 'squash' || text === 'rebase' ? text : 'merge')

/** Merges the base into the head branch. */
async function updateBranch(call: RepositoryCall) {
  const { world, repository, body } = call
  const pull = pullAt(call)
  const { account } = authorOf(call)
  const expected = textAt(body, 'expected_head_sha')
  if (expected !== undefined && expected !== pull.head)
    throw new Refusal(422, `expected head sha didn’t match current head ref.`)
  const base = await readRef(repository.dir, `refs/heads/${pull.base}`)
  if (base === undefined || pull.headRepository !== repository) throw notFound()
  const result = await mergeTrees(repository.dir, pull.head, base)
  if (result.is === 'conflict') throw new Refusal(422, 'merge conflict between base and head')
  const commit = await writeCommit(repository.objects, {
    tree: result.tree,
    parents: [pull.head, base],
    author: signatureOf(world, account),
    committer: forgeSignature(world),
    message: `Merge branch '${pull.base}' into ${pull.headBranch}`,
  })
  repository.verified.add(commit)
  await changeRef(world, repository, account, {
    ref: `refs/heads/${pull.headBranch}`,
    before: pull.head,
    after: commit,
  })
  return {
    status: 202,
    body: {
      message: 'Updating pull request branch.',
      url: `${apiOfRepository(world, repository)}/pulls/${pull.number}`,
    },
  }
}
