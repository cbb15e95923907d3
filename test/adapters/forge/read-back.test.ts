import { describe, expect, test } from 'vitest'
import { toSha } from '../../../src/domain/ids.ts'
import { type Answer, rawComment, rawPull, scriptedForge } from './scripted-forge.ts'

const head = toSha('a'.repeat(40))
const other = toSha('b'.repeat(40))
const merged = toSha('c'.repeat(40))
const us = { id: 99, login: 'sluice[bot]', type: 'Bot' }
const ann = { id: 5, login: 'ann', type: 'User' }

describe('a merge call without a clear answer is read back:', () => {
  const mergeCall = 'PUT /repos/acme/config/pulls/12/merge'
  const closed = { state: 'closed', merged: true, merge_commit_sha: merged, merged_at: '2026-03-01T10:01:00Z' }
  const mergedBy = (who: object) => rawPull({ ...closed, merged_by: who })
  const mergedFirst = { is: 'lost-race', why: '@ann merged it first', merged: true }

  test.each<[string, Answer, object, object]>([
    ['T13: it happened, though 502 was answered', { status: 502 }, mergedBy(us), { is: 'merged', commit: merged }],
    ['T13: it happened, though nothing was answered', { cut: true }, mergedBy(us), { is: 'merged', commit: merged }],
    ['T13: it happened in a round before', { status: 405 }, mergedBy(us), { is: 'merged', commit: merged }],
    ['T14: somebody else did it', { status: 405 }, mergedBy(ann), mergedFirst],
    ['it was closed', { status: 405 }, rawPull({ state: 'closed' }), { is: 'lost-race', why: 'it was closed' }],
    [
      'T11: the head moved',
      { status: 409 },
      rawPull({ head: { ...rawPull().head, sha: other } }),
      { is: 'lost-race', why: `its head moved to ${other}` },
    ],
    [
      'the forge does not know yet',
      { status: 405 },
      rawPull({ mergeable: null }),
      { is: 'lost-race', why: 'the forge still works out whether it can be merged' },
    ],
    [
      "the branch's rules refuse",
      { status: 405, body: { message: '1 approving review is required' } },
      rawPull(),
      { is: 'refused', why: 'pulls/merge: 405 1 approving review is required' },
    ],
  ])('%s', async (_, answer, pull, outcome) => {
    await using github = await scriptedForge({
      [mergeCall]: answer,
      'GET /repos/acme/config/pulls/12': { body: pull },
    })
    expect(await github.forge.pulls.merge(12, { head, title: 'T', message: 'M' })).toEqual(outcome)
    expect(github.calls(mergeCall)).toHaveLength(1)
  })

  test('T13: nothing happened after a 502, so the round sees a transient error', async () => {
    await using github = await scriptedForge({
      [mergeCall]: { status: 502 },
      'GET /repos/acme/config/pulls/12': { body: rawPull() },
    })
    await expect(github.forge.pulls.merge(12, { head, title: 'T', message: 'M' })).rejects.toMatchObject({
      name: 'TransientError',
    })
  })
})

describe('a pull request is opened once', () => {
  const list = 'GET /repos/acme/config/pulls'
  const create = 'POST /repos/acme/config/pulls'
  const wanted = { base: 'main', headBranch: 'sluice/promote/staging/api', title: 'T', body: 'B' }

  test('I7: one that is there is found', async () => {
    await using github = await scriptedForge({ [list]: { body: [rawPull()] } })
    expect((await github.forge.pulls.ensureOpen(wanted)).number).toBe(12)
    expect(github.asked()).toEqual([list])
  })

  test('T09: one from a fork, or of somebody else, is not ours', async () => {
    const fork = rawPull({ head: { ...rawPull().head, repo: { id: 11 } } })
    const foreign = rawPull({ user: ann })
    await using github = await scriptedForge({
      [list]: { body: [fork, foreign] },
      [create]: { status: 201, body: rawPull({ number: 13 }) },
    })
    expect((await github.forge.pulls.ensureOpen(wanted)).number).toBe(13)
  })

  test.each([[{ status: 502 }], [{ cut: true }], [{ status: 422 }]])(
    'T13: one that appeared although %j was answered is taken',
    async (answer) => {
      await using github = await scriptedForge({
        [list]: [{ body: [] }, { body: [rawPull()] }],
        [create]: answer,
      })
      expect((await github.forge.pulls.ensureOpen(wanted)).number).toBe(12)
      expect(github.calls(create)).toHaveLength(1)
    },
  )

  test('a refusal names the branch', async () => {
    await using github = await scriptedForge({
      [list]: { body: [] },
      [create]: { status: 422, body: { message: 'No commits between main and it' } },
    })
    await expect(github.forge.pulls.ensureOpen(wanted)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('sluice/promote/staging/api'),
    })
  })
})

describe('a comment is made once', () => {
  const list = 'GET /repos/acme/config/issues/12/comments'
  const create = 'POST /repos/acme/config/issues/12/comments'
  const marker = '<!-- sluice:report -->'

  test('T13: one that a 502 hid is found by its marker', async () => {
    await using github = await scriptedForge({
      [list]: [{ body: [] }, { body: [] }, { body: [rawComment({ body: `hello\n\n${marker}` })] }],
      [create]: { status: 502 },
    })
    expect((await github.forge.comments.ensure(12, marker, 'hello')).id).toBe(5)
    expect(github.calls(create)).toHaveLength(1)
  })

  test('T13: where none appeared nothing is sent again in this round', async () => {
    await using github = await scriptedForge({ [list]: { body: [] }, [create]: { cut: true } })
    await expect(github.forge.comments.ensure(12, marker, 'hello')).rejects.toMatchObject({ name: 'TransientError' })
    expect(github.calls(create)).toHaveLength(1)
  })

  test("somebody else's copy of our marker counts for nothing", async () => {
    const copy = rawComment({ body: marker, user: ann, performed_via_github_app: null })
    const otherApp = rawComment({ body: marker, performed_via_github_app: { id: 8 } })
    await using github = await scriptedForge({
      [list]: { body: [copy, otherApp] },
      [create]: { status: 201, body: rawComment({ id: 6 }) },
    })
    expect((await github.forge.comments.ensure(12, marker, 'hello')).id).toBe(6)
  })

  test('T26: one of ours that only quotes the marker is not written over: an edit calls nobody', async () => {
    const quoting = rawComment({ id: 4, body: `There is no \`${marker}\`.\n\n<!-- sluice:reply:3 -->` })
    await using github = await scriptedForge({
      [list]: { body: [quoting] },
      [create]: { status: 201, body: rawComment({ id: 6 }) },
    })
    expect((await github.forge.comments.ensure(12, marker, `quoting ${marker}`)).id).toBe(6)
    expect(github.calls(create)[0]?.body).toEqual({ body: `quoting ${marker}\n\n${marker}` })
  })

  test('an equal one is not written again, another text is put in its place', async () => {
    await using github = await scriptedForge({
      [list]: { body: [rawComment({ body: `hello\n\n${marker}` })] },
      'PATCH /repos/acme/config/issues/comments/5': { body: rawComment({ body: 'new' }) },
    })
    await github.forge.comments.ensure(12, marker, 'hello')
    expect(github.asked()).toEqual([list])
    await github.forge.comments.ensure(12, marker, 'new')
    expect(github.calls('PATCH /repos/acme/config/issues/comments/5')[0]?.body).toEqual({ body: `new\n\n${marker}` })
  })

  test('a reaction to a comment that was deleted is nothing to worry about', async () => {
    await using github = await scriptedForge({})
    await github.forge.comments.react(5, 'eyes')
  })
})

describe('a branch', () => {
  const branch = 'sluice/promote/staging/api'
  const get = 'GET /repos/acme/config/git/ref/heads%2Fsluice%2Fpromote%2Fstaging%2Fapi'
  const create = 'POST /repos/acme/config/git/refs'
  const move = 'PATCH /repos/acme/config/git/refs/heads%2Fsluice%2Fpromote%2Fstaging%2Fapi'
  const remove = 'DELETE /repos/acme/config/git/refs/heads%2Fsluice%2Fpromote%2Fstaging%2Fapi'
  const at = (sha: string) => ({ body: { object: { sha } } })

  test.each<[string, Answer, Answer, string]>([
    ['created', { status: 201 }, at(head), 'done'],
    ['there already with this commit', { status: 422 }, at(head), 'done'],
    ['there already with another', { status: 422 }, at(other), 'lost-race'],
    ['T13: created, though 502 was answered', { status: 502 }, at(head), 'done'],
  ])('is %s', async (_, answer, found, outcome) => {
    await using github = await scriptedForge({ [create]: answer, [get]: found })
    expect(await github.forge.commits.createBranch(branch, head)).toBe(outcome)
  })

  test.each<[string, Answer, Answer, string]>([
    ['moved', { status: 200 }, at(head), 'done'],
    ['not moved over a foreign commit (T10)', { status: 422 }, at(other), 'lost-race'],
    ['T13: moved, though nothing was answered', { cut: true }, at(head), 'done'],
  ])('is %s', async (_, answer, found, outcome) => {
    await using github = await scriptedForge({ [move]: answer, [get]: found })
    expect(await github.forge.commits.moveBranch(branch, head)).toBe(outcome)
    expect(github.calls(move)[0]?.body).toEqual({ sha: head, force: false })
  })

  test('that a rule keeps us from making is no lost race', async () => {
    await using github = await scriptedForge({ [create]: { status: 422, body: { message: 'refused by a rule' } } })
    await expect(github.forge.commits.createBranch(branch, head)).rejects.toMatchObject({ reason: 'forge.refused' })
  })

  test.each<[string, Answer]>([
    ['deleted', { status: 204 }],
    ['gone already', { status: 422 }],
    ['gone, though 502 was answered', { status: 502 }],
  ])('is %s', async (_, answer) => {
    await using github = await scriptedForge({ [remove]: answer })
    await github.forge.commits.deleteBranch(branch)
  })
})
