import { OperatorError } from '../domain/failures.ts'
import type { Sha } from '../domain/ids.ts'
import { toInstant } from '../domain/ids.ts'
import { noInitiators } from '../domain/person.ts'
import type { Checkout } from '../ports/checkout.ts'
import type { Forge, ForgeRepository } from '../ports/forge/forge.ts'
import type { PullRequest } from '../ports/forge/pull-requests.ts'

/**
 * The forge as a checkout knows it: not at all. It holds no pull requests but the one that the checked-out branch would be,
 * and what only a forge can know is refused, so that gates that ask for it wait and say so.
 */
export function checkoutForge(proposed: PullRequest | null): Forge {
  return {
    pulls: {
      open: async () => (proposed === null ? [] : [proposed]),
      openFrom: unknown,
      closed: async () => [],
      get: unknown,
      mergedBy: unknown,
      contributors: async () => noInitiators,
      ensureOpen: unknown,
      update: unknown,
      disableAutoMerge: unknown,
      close: unknown,
      merge: unknown,
      ofCommit: async () => [],
    },
    reviews: { list: unknown, retargetedAt: unknown },
    checks: { list: unknown, own: async () => undefined, show: unknown },
    comments: { since: async () => [], onPull: async () => [], ensure: unknown, react: unknown },
    commits: { create: unknown, createBranch: unknown, moveBranch: unknown, deleteBranch: unknown },
    // Nobody is known to write here, so nothing rests on the word of whoever made the commits.
    people: { role: async () => 'none', isMember: async () => undefined },
    rules: {
      ofBranch: async () => ({
        pullRequestRequired: true,
        requiredApprovals: 0,
        lastPushApproval: false,
        otherDemands: [],
        requiredChecks: [],
        upToDate: false,
        allowsForcePush: false,
        allowsDeletion: false,
        allowedMergeMethods: ['merge', 'squash', 'rebase'],
        bypass: 'unknown',
      }),
    },
  }
}

const unknown = async (): Promise<never> => {
  throw new OperatorError('checkout.no-forge', 'a checkout does not know it; ask for owner/name')
}

/** The pull request that the checked-out commit would be; null where it is what the default branch holds. */
export async function proposedPull(checkout: Checkout): Promise<PullRequest | null> {
  const { base, head, branch, defaultBranch, uncommitted, git } = checkout
  if (head === base || (await git.isAncestor(head, base)) || (await hasSameTree(checkout, base, head))) return null
  const what = branch === null ? `commit ${head.slice(0, 12)}` : `branch ${branch}`
  return {
    number: 0,
    nodeId: '',
    title: uncommitted.length === 0 ? what : `${what}, with what is not committed`,
    body: '',
    url: '',
    author: { id: 0, login: 'you', kind: 'person' },
    ours: false,
    state: 'open',
    draft: false,
    base: defaultBranch,
    headBranch: branch ?? '',
    head,
    sameRepository: true,
    autoMerge: null,
    createdAt: toInstant(0),
    updatedAt: toInstant(0),
    mergedAt: null,
    closedAt: null,
    mergeCommit: null,
  }
}

async function hasSameTree({ git }: Checkout, one: Sha, other: Sha): Promise<boolean> {
  const [a, b] = await Promise.all([git.commit(one), git.commit(other)])
  return a.tree === b.tree
}

/** Named by its `origin`; by its folder where there is none that a forge could have. */
export function checkoutRepository(checkout: Checkout): ForgeRepository {
  const { remoteUrl, root, defaultBranch } = checkout
  const named = remoteUrl === null ? null : originOf(remoteUrl)
  const folder = root.split('/').at(-1) ?? 'repository'
  return {
    id: 0,
    installation: 0,
    owner: named?.owner ?? 'local',
    name: named?.name ?? folder,
    defaultBranch,
    allowsMergeCommits: null,
    url: named?.url ?? `file://${root}`,
    cloneUrl: root,
  }
}

/** `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name.git`; credentials in it are dropped. */
export function originOf(
  remote: string,
): { readonly owner: string; readonly name: string; readonly url: string } | null {
  const plain = remote.replace(/\/$/, '').replace(/\.git$/, '')
  const [, scheme, host, path] =
    /^(https?|ssh):\/\/(?:[^@/]*@)?([^/]+)\/(.+)$/.exec(plain) ?? /^()(?:[^@/]+@)([^/:]+):(.+)$/.exec(plain) ?? []
  const [name, owner] = path?.split('/').toReversed() ?? []
  if (host === undefined || owner === undefined || name === undefined) return null
  return { owner, name, url: `${scheme === 'http' ? 'http' : 'https'}://${host}/${path}` }
}
