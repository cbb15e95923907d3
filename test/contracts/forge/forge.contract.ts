import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Sha } from '../../../src/domain/ids.ts'
import type { Forge, ForgeRepository, Installations } from '../../../src/ports/forge/forge.ts'
import type { PullRequest } from '../../../src/ports/forge/pull-requests.ts'
import { type Base, baseOf } from './base-of.ts'

/** A forge on which our App is installed, with a repository that holds a commit, and that the contract may write to. */
export interface ForgeWorld {
  readonly installations: Installations
  readonly repository: { readonly owner: string; readonly name: string }
}

/**
 * What every forge must do, real or not, seen through the ports alone: the same suite runs against the sandbox and, with
 * credentials, against GitHub. The tests tell one story, in order; every name in it is new, so it may be told again.
 */
export function forgeContract(name: string, world: () => Promise<ForgeWorld>): void {
  describe(`the forge contract, kept by ${name}`, () => {
    const story = randomUUID().slice(0, 8)
    const branch = `sluice/promote/staging/contract-${story}`
    const marker = `<!-- sluice:contract ${story} -->`
    const startedAt = Date.now()
    let installations: Installations
    let repository: ForgeRepository
    let forge: Forge
    let base: Base
    let commit: Sha
    let pull: PullRequest

    const commitOnto = (parent: Sha, tree: Sha, text: string) =>
      forge.commits.create({
        baseTree: tree,
        edits: [{ path: `contract/${story}.txt`, text, mode: '100644' }],
        parents: [parent],
        message: `Contract ${story}\n\nTrailer: yes`,
      })

    beforeAll(async () => {
      const given = await world()
      installations = given.installations
      const listed = await installations.repositories()
      const found = listed.find(({ owner, name }) => owner === given.repository.owner && name === given.repository.name)
      if (found === undefined) throw new Error('the App is not installed on the repository of the contract')
      repository = found
      forge = installations.forge(repository)
      base = await baseOf(repository, await installations.gitToken(repository))
    })

    test('our App has a bot user of its own', async () => {
      const us = await installations.identity()
      expect(us.botId).toBeGreaterThan(0)
      expect(us.botLogin).toBe(`${us.slug}[bot]`)
    })

    test('a commit is made on top of the base, with the rest of its tree', async () => {
      commit = await commitOnto(base.commit, base.tree, 'one\n')
      expect(commit).not.toBe(base.commit)
    })

    test('a branch is created once: again is done, another commit has lost the race', async () => {
      const other = await commitOnto(base.commit, base.tree, 'other\n')
      expect(await forge.commits.createBranch(branch, commit)).toBe('done')
      expect(await forge.commits.createBranch(branch, commit)).toBe('done')
      expect(await forge.commits.createBranch(branch, other)).toBe('lost-race')
    })

    test('a pull request is opened once, and is ours', async () => {
      const wanted = { base: repository.defaultBranch, headBranch: branch, title: `Contract ${story}`, body: 'One' }
      pull = await forge.pulls.ensureOpen(wanted)
      expect(pull).toMatchObject({
        title: `Contract ${story}`,
        body: 'One',
        ours: true,
        state: 'open',
        draft: false,
        base: repository.defaultBranch,
        headBranch: branch,
        head: commit,
        sameRepository: true,
        autoMerge: null,
        mergedAt: null,
        mergeCommit: null,
      })
      expect((await forge.pulls.ensureOpen(wanted)).number).toBe(pull.number)
      expect((await forge.pulls.open(repository.defaultBranch)).map(({ number }) => number)).toContain(pull.number)
    })

    test('a pull request takes another text', async () => {
      await forge.pulls.update(pull.number, { body: 'Two' })
      expect(await forge.pulls.get(pull.number)).toMatchObject({ title: `Contract ${story}`, body: 'Two' })
    })

    test('a branch moves forward only', async () => {
      const aside = await commitOnto(base.commit, base.tree, 'aside\n')
      expect(await forge.commits.moveBranch(branch, aside)).toBe('lost-race')
      const ahead = await commitOnto(commit, base.tree, 'ahead\n')
      expect(await forge.commits.moveBranch(branch, ahead)).toBe('done')
      expect(await forge.commits.moveBranch(branch, ahead)).toBe('done')
      commit = ahead
      await expect.poll(async () => (await forge.pulls.get(pull.number)).head, { timeout: 10_000 }).toBe(ahead)
    })

    test('our check is one, changes its state both ways, and is not among the checks of others', async () => {
      expect(await forge.checks.own(commit)).toBeUndefined()
      const waiting = await forge.checks.show(commit, { is: 'waiting', title: 'Waits', summary: 'for a reason' })
      expect(waiting).toMatchObject({ is: 'waiting', title: 'Waits' })
      expect(await forge.checks.own(commit)).toEqual(waiting)
      const passed = await forge.checks.show(commit, { is: 'success', title: 'Passed', summary: 'now' })
      expect(passed.is).toBe('success')
      const back = await forge.checks.show(commit, { is: 'waiting', title: 'Waits again', summary: 'for another' })
      expect(await forge.checks.own(commit)).toEqual(back)
      expect(back.is).toBe('waiting')
      expect((await forge.checks.list(commit)).filter(({ name }) => name === 'sluice')).toEqual([])
    })

    test('a comment of ours is found by its marker, edited in place, and seen by the sweep', async () => {
      const first = await forge.comments.ensure(pull.number, marker, 'One')
      const second = await forge.comments.ensure(pull.number, marker, 'Two')
      expect(second.id).toBe(first.id)
      const found = (await forge.comments.onPull(pull.number)).filter(({ body }) => body.includes(marker))
      const { appId } = await installations.identity()
      expect(found).toMatchObject([{ id: first.id, ours: true, app: appId, pull: pull.number }])
      expect(found[0]?.body).toContain('Two')
      const since = await forge.comments.since((startedAt - 60_000) as Parameters<Forge['comments']['since']>[0])
      expect(since.map(({ id }) => id)).toContain(first.id)
    })

    test('a reaction may be repeated', async () => {
      const { id } = await forge.comments.ensure(pull.number, marker, 'Two')
      await forge.comments.react(id, 'eyes')
      await forge.comments.react(id, 'eyes')
    })

    test('nobody has reviewed it', async () => {
      expect(await forge.reviews.list(pull.number)).toEqual([])
      expect(await forge.reviews.retargetedAt(pull.number)).toBeNull()
    })

    test('the rules of the default branch can be read', async () => {
      const rules = await forge.rules.ofBranch(repository.defaultBranch)
      expect(['always', 'pull-request', 'never', 'unknown']).toContain(rules.bypass)
      expect(rules.allowedMergeMethods).toContain('merge')
    })

    test('T11: a merge of another head than the present one has lost the race', async () => {
      const wanted = { head: base.commit, title: `Contract ${story}`, message: 'M' }
      expect(await forge.pulls.merge(pull.number, wanted)).toMatchObject({ is: 'lost-race' })
    })

    test('a merge happens once, is ours, and leads back to its pull request', async () => {
      await forge.checks.show(commit, { is: 'success', title: 'Passed', summary: '' })
      const wanted = { head: commit, title: `Contract ${story}`, message: 'Trailer: yes' }
      let answer = await forge.pulls.merge(pull.number, wanted)
      await expect
        .poll(
          async () => {
            if (answer.is !== 'merged') answer = await forge.pulls.merge(pull.number, wanted)
            return answer.is
          },
          { timeout: 20_000, interval: 1_000 },
        )
        .toBe('merged')
      expect(await forge.pulls.merge(pull.number, wanted)).toEqual(answer)
      const merged = await forge.pulls.get(pull.number)
      expect(merged).toMatchObject({ state: 'closed', mergeCommit: answer.is === 'merged' && answer.commit })
      expect((await forge.pulls.mergedBy(pull.number))?.id).toBe((await installations.identity()).botId)
      const closed = await forge.pulls.closed(repository.defaultBranch, 5)
      expect(closed.map(({ number }) => number)).toContain(pull.number)
      const from = merged.mergeCommit === null ? [] : await forge.pulls.ofCommit(merged.mergeCommit)
      expect(from.map(({ number }) => number)).toEqual([pull.number])
    })

    test('a branch is deleted once, and again', async () => {
      await forge.commits.deleteBranch(branch)
      await forge.commits.deleteBranch(branch)
    })

    test('a pull request is closed unmerged', async () => {
      const now = await baseOf(repository, await installations.gitToken(repository))
      const next = await commitOnto(now.commit, now.tree, 'declined\n')
      await forge.commits.createBranch(`${branch}-2`, next)
      const { number } = await forge.pulls.ensureOpen({
        base: repository.defaultBranch,
        headBranch: `${branch}-2`,
        title: `Contract ${story}, declined`,
        body: '',
      })
      await forge.pulls.close(number)
      expect(await forge.pulls.get(number)).toMatchObject({ state: 'closed', mergedAt: null, mergeCommit: null })
      expect(await forge.pulls.mergedBy(number)).toBeNull()
      expect((await forge.pulls.open(repository.defaultBranch)).map((open) => open.number)).not.toContain(number)
      await forge.commits.deleteBranch(`${branch}-2`)
    })

    test('a pull request whose base was merged and deleted asks for another branch since then (T61)', async () => {
      const now = await baseOf(repository, await installations.gitToken(repository))
      const [below, above] = [`${branch}-below`, `${branch}-above`]
      const first = await commitOnto(now.commit, now.tree, 'below\n')
      await forge.commits.createBranch(below, first)
      await forge.commits.createBranch(above, await commitOnto(first, now.tree, 'above\n'))
      const text = { title: `Contract ${story}, stacked`, body: '' }
      const lower = await forge.pulls.ensureOpen({ ...text, base: repository.defaultBranch, headBranch: below })
      const upper = await forge.pulls.ensureOpen({ ...text, base: below, headBranch: above })
      expect(await forge.reviews.retargetedAt(upper.number)).toBeNull()
      const wanted = { head: first, title: text.title, message: 'Trailer: yes' }
      await expect
        .poll(async () => (await forge.pulls.merge(lower.number, wanted)).is, { timeout: 20_000, interval: 1_000 })
        .toBe('merged')
      await forge.commits.deleteBranch(below)
      await expect
        .poll(async () => (await forge.pulls.get(upper.number)).base, { timeout: 20_000 })
        .toBe(repository.defaultBranch)
      expect(await forge.pulls.get(upper.number)).toMatchObject({ state: 'open', head: upper.head })
      expect(await forge.reviews.retargetedAt(upper.number)).toBeGreaterThanOrEqual(upper.createdAt)
      await forge.pulls.close(upper.number)
      await forge.commits.deleteBranch(above)
    })

    test('what is not there is told so', async () => {
      await expect(forge.pulls.get(99_999_999)).rejects.toMatchObject({ name: 'UserError', reason: 'forge.not-found' })
      expect(await forge.people.isMember('no-such-organisation-at-all/no-team', nobody)).toBeUndefined()
      expect(await forge.people.role(nobody)).toBe('none')
    })
  })
}

const nobody = { id: 1, login: `nobody-${randomUUID().slice(0, 8)}`, kind: 'person' } as const
