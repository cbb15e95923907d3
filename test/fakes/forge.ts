import { UserError } from '../../src/domain/failures.ts'
import { digestOfValue } from '../../src/domain/hash.ts'
import type { Sha } from '../../src/domain/ids.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Comment } from '../../src/ports/forge/comments.ts'
import type { TreeEdit } from '../../src/ports/forge/commits.ts'
import type { Forge } from '../../src/ports/forge/forge.ts'
import type { MergeAnswer, PullRequest } from '../../src/ports/forge/pull-requests.ts'
import { ann, bot, type Company, eve, forgeTime, groups, headOfMain, instant, roleOf, sam, tom } from './company.ts'

/** The forge's ports on the company's model, as our App sees them: the promises of `src/ports/forge`, with nothing in between. */
export const fakeForge = (company: Company): Forge => ({
  pulls: {
    open: async (base) => shownPulls(company).filter((pull) => pull.state === 'open' && pull.base === base),
    openFrom: async (base, headBranch) => openFrom(company, base, headBranch),
    closed: async (base, limit) =>
      shownPulls(company)
        .filter((pull) => pull.state === 'closed' && pull.base === base)
        .toSorted((a, b) => b.updatedAt - a.updatedAt || b.number - a.number)
        .slice(0, limit),
    get: async (number) => shown(company, number),
    mergedBy: async (number) => company.pulls.get(number)?.mergedBy ?? null,
    contributors: async (number) => ({ people: await contributors(company, number), complete: true }),
    ensureOpen: async ({ base, headBranch, title, body }) => {
      const found = openFrom(company, base, headBranch).find((pull) => pull.ours)
      return found ?? shown(company, openPull(company, bot, headBranch, title, body))
    },
    update: async (number, wanted) => {
      Object.assign(pullOf(company, number), wanted, { updatedAt: forgeTime(company) })
    },
    disableAutoMerge: async ({ number }) => {
      Object.assign(pullOf(company, number), { autoMerge: null })
    },
    close: async (number) => {
      if (pullOf(company, number).state === 'open') company.closedByBot.add(number)
      closePull(company, number)
    },
    merge: async (number, { head, title, message }) => mergePull(company, number, bot, head, `${title}\n\n${message}`),
    ofCommit: async (commit) => {
      const merge = company.merges.find((one) => one.commit === commit || one.head === commit)
      return merge === undefined ? [] : [shown(company, merge.pull)]
    },
  },
  reviews: { list: async (pull) => [...(company.reviews.get(pull) ?? [])], retargetedAt: async () => null },
  checks: {
    list: async () => [],
    own: async (head) => company.checks.get(head),
    show: async (head, { is, title, summary }) => {
      const before = company.checks.get(head)
      const check = { id: before?.id ?? nextId(company), is, title, externalId: digestOfValue([title, summary]) }
      company.checks.set(head, check)
      if (is === 'success') await mergeByItself(company, head)
      return check
    },
  },
  comments: {
    since: async (at) =>
      company.comments.filter((comment) => comment.updatedAt >= at).map((comment) => ({ ...comment })),
    onPull: async (pull) => company.comments.filter((comment) => comment.pull === pull),
    ensure: async (pull, marker, body) => {
      const found = company.comments.find((one) => one.pull === pull && one.ours && one.body.endsWith(marker))
      if (found === undefined) return writeComment(company, bot, pull, `${body}\n\n${marker}`)
      Object.assign(found, { body: `${body}\n\n${marker}`, updatedAt: forgeTime(company) })
      return { ...found }
    },
    react: async () => {},
  },
  commits: {
    create: async ({ baseTree, edits, parents, message }) => {
      const tree = await company.git.writeTree(baseTree, await editsOf(company, edits))
      return company.git.writeCommit({
        tree,
        parents,
        author: { name: bot.login, email: '' },
        at: instant(company),
        message,
      })
    },
    createBranch: async (branch, commit) => {
      if ((company.git.branches.get(branch) ?? commit) !== commit) return 'lost-race'
      setBranch(company, branch, commit)
      return 'done'
    },
    moveBranch: async (branch, commit) => {
      const before = company.git.branches.get(branch)
      if (before === undefined || !(await company.git.isAncestor(before, commit))) return 'lost-race'
      setBranch(company, branch, commit)
      return 'done'
    },
    deleteBranch: async (branch) => {
      for (const { number, state, headBranch } of company.pulls.values())
        if (state === 'open' && headBranch === branch) company.closedByBot.add(number)
      deleteBranch(company, branch)
    },
  },
  people: {
    role: async ({ id }) => (company.gone.has(id) ? 'none' : (roleOf[id] ?? 'none')),
    isMember: async (group, { id }) => !company.gone.has(id) && groups[group]?.includes(id),
  },
  rules: {
    ofBranch: async () => company.rules,
  },
})

const nextId = (company: Company): number => {
  company.nextId += 1
  return company.nextId
}

/** Authors of the commits that it brings, by the names in them. */
async function contributors(company: Company, number: number): Promise<readonly Person[]> {
  const { git } = company
  const { head, mergeCommit } = pullOf(company, number)
  const base = mergeCommit === null ? headOfMain(company) : ((await git.commit(mergeCommit)).parents[0] as Sha)
  const names = new Set<string>()
  for (const commit of await git.firstParents(head, {})) {
    if (await git.isAncestor(commit.oid, base)) break
    names.add(commit.authorName)
  }
  return [bot, ann, sam, eve, tom].filter(({ login }) => names.has(login))
}

export function pullOf(company: Company, number: number) {
  const pull = company.pulls.get(number)
  if (pull === undefined) throw new UserError('forge.not-found', `no pull request #${number}`)
  return pull
}

const shown = (company: Company, number: number): PullRequest => {
  const { mergedBy, ...pull } = pullOf(company, number)
  return pull
}
const shownPulls = (company: Company): readonly PullRequest[] =>
  [...company.pulls.keys()].map((number) => shown(company, number))

const openFrom = (company: Company, base: string, headBranch: string): readonly PullRequest[] =>
  shownPulls(company).filter(
    (pull) => pull.state === 'open' && pull.sameRepository && pull.base === base && pull.headBranch === headBranch,
  )

export function openPull(company: Company, by: Person, headBranch: string, title: string, body = ''): number {
  const head = company.git.branches.get(headBranch)
  if (head === undefined) throw new UserError('forge.refused', `no branch ${headBranch}`)
  if (openFrom(company, 'main', headBranch).length > 0)
    throw new UserError('forge.refused', `a pull request already exists for ${headBranch}`)
  const number = nextId(company)
  const at = forgeTime(company)
  company.pulls.set(number, {
    ...{ number, nodeId: `PR_${number}`, title, body, url: `https://forge.example/acme/config/pull/${number}` },
    ...{ author: by, ours: by.id === bot.id, state: 'open', draft: false, base: 'main', headBranch, head },
    ...{ sameRepository: true, autoMerge: null, createdAt: at, updatedAt: at },
    ...{ closedAt: null, mergedAt: null, mergeCommit: null, mergedBy: null },
  })
  return number
}

/** As the forge does where nothing but the check was missing. */
async function mergeByItself(company: Company, head: Sha): Promise<void> {
  for (const { number, state, autoMerge, ...pull } of company.pulls.values())
    if (state === 'open' && pull.head === head && autoMerge !== null)
      await mergePull(company, number, autoMerge.by, head, `Merge pull request #${number}`)
}

export function closePull(company: Company, number: number): void {
  const pull = pullOf(company, number)
  if (pull.state === 'closed') return
  const at = forgeTime(company)
  Object.assign(pull, { state: 'closed', closedAt: at, updatedAt: at })
}

/** Sets a branch; an open pull request from it gets the head. */
export function setBranch(company: Company, branch: string, commit: Sha): void {
  company.git.branches.set(branch, commit)
  for (const pull of company.pulls.values())
    if (pull.state === 'open' && pull.headBranch === branch)
      Object.assign(pull, { head: commit, updatedAt: forgeTime(company) })
}

export function deleteBranch(company: Company, branch: string): void {
  company.git.branches.delete(branch)
  for (const pull of company.pulls.values())
    if (pull.state === 'open' && pull.headBranch === branch) closePull(company, pull.number)
}

export async function mergePull(
  company: Company,
  number: number,
  by: Person,
  head: Sha,
  message: string,
): Promise<MergeAnswer> {
  const pull = pullOf(company, number)
  if (pull.mergedAt !== null) return { is: 'lost-race', why: 'merged before', merged: true }
  if (pull.state === 'closed') return { is: 'lost-race', why: 'it was closed' }
  if (pull.head !== head) return { is: 'lost-race', why: `its head moved to ${pull.head}` }
  const before = headOfMain(company)
  const result = await company.git.mergeResult(before, head)
  if (result.is === 'conflict') return { is: 'refused', why: 'it conflicts' }
  const author = { name: by.login, email: '' }
  const parents = [before, head]
  const commit = await company.git.writeCommit({ tree: result.tree, parents, author, at: instant(company), message })
  company.git.branches.set('main', commit)
  const at = forgeTime(company)
  Object.assign(pull, { state: 'closed', closedAt: at, updatedAt: at, mergedAt: at, mergeCommit: commit, mergedBy: by })
  company.merges.push({
    pull: number,
    by,
    head,
    before,
    commit,
    at: instant(company),
    state: company.git.branches.get('sluice/state'),
  })
  return { is: 'merged', commit }
}

export function writeComment(company: Company, by: Person, pull: number, body: string): Comment {
  const at = forgeTime(company)
  const comment = {
    ...{ id: nextId(company), pull, by, ours: by.id === bot.id, app: null, body, createdAt: at, updatedAt: at },
    url: '',
  }
  company.comments.push(comment)
  // A comment may be on an issue as well.
  const on = company.pulls.get(pull)
  if (on !== undefined) on.updatedAt = at
  return { ...comment }
}

async function editsOf(company: Company, edits: readonly TreeEdit[]) {
  const changes = new Map<string, { readonly oid: Sha; readonly mode?: string } | null>()
  for (const edit of edits) {
    if ('removed' in edit) changes.set(edit.path, null)
    else if ('oid' in edit) changes.set(edit.path, { oid: edit.oid, mode: edit.mode })
    else {
      const oid = await company.git.writeBlob(new TextEncoder().encode(edit.text))
      changes.set(edit.path, { oid, mode: edit.mode })
    }
  }
  return changes
}
