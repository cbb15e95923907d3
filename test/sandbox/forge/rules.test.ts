import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asPerson } from '../../../src/sandbox/forge/person.ts'
import type { RulesetFile } from '../../../src/sandbox/forge/rules/ruleset.ts'
import { config, type Rig, repo, startRig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.stop())

const onMain = { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } }
const gated = (): RulesetFile => ({
  name: 'sluice',
  target: 'branch',
  enforcement: 'active',
  conditions: onMain,
  bypass_actors: [{ actor_id: 1, actor_type: 'OrganizationAdmin', bypass_mode: 'always' }],
  rules: [
    { type: 'deletion' },
    { type: 'non_fast_forward' },
    { type: 'pull_request', parameters: { required_approving_review_count: 0, allowed_merge_methods: ['merge'] } },
    {
      type: 'required_status_checks',
      parameters: { required_status_checks: [{ context: 'sluice', integration_id: rig.forge.app.id }] },
    },
  ],
})
const people = (): RulesetFile => ({
  name: 'people',
  target: 'branch',
  enforcement: 'active',
  conditions: onMain,
  bypass_actors: [{ actor_id: rig.forge.app.id, actor_type: 'Integration', bypass_mode: 'pull_request' }],
  rules: [
    {
      type: 'pull_request',
      parameters: {
        required_approving_review_count: 1,
        require_code_owner_review: true,
        dismiss_stale_reviews_on_push: true,
      },
    },
  ],
})
const state = (): RulesetFile => ({
  name: 'state',
  target: 'branch',
  enforcement: 'active',
  conditions: { ref_name: { include: ['refs/heads/sluice/**/*'], exclude: [] } },
  bypass_actors: [{ actor_id: rig.forge.app.id, actor_type: 'Integration', bypass_mode: 'always' }],
  rules: [{ type: 'creation' }, { type: 'update' }, { type: 'deletion' }],
})

async function openPull(
  files = { 'a.txt': 'a' } as Record<string, string>,
): Promise<{ pull_number: number; head: string }> {
  const head = await rig.alice.commitFiles(repo, 'change', files, 'A')
  return { pull_number: await rig.alice.openPull({ repo, title: 'A', head: 'change', base: 'main' }), head }
}
const show = (head: string, conclusion: 'success' | 'failure') =>
  rig.bot.request('POST /repos/{owner}/{repo}/check-runs', { ...config, name: 'sluice', head_sha: head, conclusion })
const merge = (pull_number: number) =>
  rig.bot.request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', { ...config, pull_number })

test('a merge waits for the check of our App, and a check of the same name by another App does not count', async () => {
  rig.forge.protect('acme', 'config', [gated()])
  const { pull_number, head } = await openPull()
  const impostor = rig.forge.createBot('impostor[bot]')
  rig.forge.setRole('acme', 'config', 'impostor[bot]', 'write')
  await asPerson(rig.forge.apiUrl, impostor.token).reportCheck(repo, head, 'sluice', 'success')
  await expect(merge(pull_number)).rejects.toMatchObject({
    status: 405,
    message: expect.stringContaining('Required status check "sluice" is expected.'),
  })
  await show(head, 'success')
  expect((await merge(pull_number)).data.merged).toBe(true)
})

test('our App may skip reviews by the merge call, where its bypass says so, and by no other door', async () => {
  rig.forge.protect('acme', 'config', [gated(), people()])
  const { pull_number, head } = await openPull()
  await show(head, 'success')
  await expect(rig.bob.mergePull(repo, pull_number)).rejects.toMatchObject({
    status: 405,
    message: expect.stringContaining('At least 1 approving review'),
  })
  await expect(
    rig.bot.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', { ...config, ref: 'heads/main', sha: head }),
  ).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('Changes must be made through a pull request.'),
  })
  expect((await merge(pull_number)).data.merged).toBe(true)
})

test('an approval of an older head goes with the push, and a code owner has to approve what is theirs', async () => {
  rig.forge.createTeam('acme', 'payments', ['bob'])
  await rig.alice.commitFiles(repo, 'main', { CODEOWNERS: '/apps/shop/ @acme/payments\n' }, 'Own')
  rig.forge.protect('acme', 'config', [people()])
  const { pull_number } = await openPull({ 'apps/shop/x.yaml': 'x: 1\n' })
  await rig.bob.review(repo, pull_number, 'APPROVE')
  await rig.alice.commitFiles(repo, 'change', { 'apps/shop/x.yaml': 'x: 2\n' }, 'More')
  await expect(rig.alice.mergePull(repo, pull_number)).rejects.toMatchObject({
    message: expect.stringContaining('At least 1 approving'),
  })
  const carol = rig.forge.createUser('carol')
  rig.forge.setRole('acme', 'config', 'carol', 'write')
  await asPerson(rig.forge.apiUrl, carol.token).review(repo, pull_number, 'APPROVE')
  await expect(rig.alice.mergePull(repo, pull_number)).rejects.toMatchObject({
    message: expect.stringContaining('Waiting on code owner review.'),
  })
  await rig.bob.review(repo, pull_number, 'APPROVE')
  expect(await rig.alice.mergePull(repo, pull_number)).toMatch(/^[0-9a-f]{40}$/)
})

test('only our App touches sluice/**, by the API and by git', async () => {
  rig.forge.protect('acme', 'config', [state()])
  const base = (await rig.bot.request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ...config, ref: 'heads/main' })).data
    .object.sha
  const wanted = { ref: 'refs/heads/sluice/promote/production/shop', sha: base }
  await expect(rig.alice.request('POST', `/repos/${repo}/git/refs`, wanted)).rejects.toMatchObject({ status: 422 })
  await rig.bot.request('POST /repos/{owner}/{repo}/git/refs', { ...config, ...wanted })

  const clone = await cloneAs(rig.tokens.alice, 'alice')
  await execa('git', ['commit', '-q', '--allow-empty', '-m', 'forged'], { cwd: clone, env: author })
  const pushed = await execa('git', ['push', 'origin', 'HEAD:refs/heads/sluice/state'], { cwd: clone, reject: false })
  expect(pushed.exitCode).toBe(1)
  expect(pushed.stderr).toContain('GH013')
  const ours = await tokenOfBot()
  const taken = await execa('git', ['push', remote(ours), 'HEAD:refs/heads/sluice/state'], {
    cwd: clone,
    reject: false,
  })
  expect(taken.exitCode).toBe(0)
})

test('a push to the default branch is refused by the rules, and a forced one where only forward is allowed', async () => {
  const clone = await cloneAs(rig.tokens.alice, 'alice')
  await execa('git', ['commit', '-q', '--amend', '--allow-empty', '-m', 'rewritten'], { cwd: clone, env: author })
  rig.forge.protect('acme', 'config', [
    { name: 'forward', enforcement: 'active', conditions: onMain, rules: [{ type: 'non_fast_forward' }] },
  ])
  const forced = await execa('git', ['push', '-f', 'origin', 'HEAD:main'], { cwd: clone, reject: false })
  expect(forced.stderr).toContain('Cannot force-push to this branch')
  rig.forge.protect('acme', 'config', [])
  expect((await execa('git', ['push', '-f', 'origin', 'HEAD:main'], { cwd: clone, reject: false })).exitCode).toBe(0)
})

test('auto-merge merges once the last check is green, and skips nothing', async () => {
  rig.forge.protect('acme', 'config', [gated()])
  const { pull_number, head } = await openPull()
  await rig.forge.enableAutoMerge('acme', 'config', pull_number, 'alice')
  await rig.forge.settled()
  const get = () => rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...config, pull_number })
  expect((await get()).data).toMatchObject({ merged: false, auto_merge: { enabled_by: { login: 'alice' } } })
  await show(head, 'success')
  await rig.forge.settled()
  expect((await get()).data).toMatchObject({ merged: true, merged_by: { login: 'alice' } })
})

test('`sluice/**` covers one level and `sluice/**/*` all, as on GitHub', async () => {
  rig.forge.protect('acme', 'config', [
    { ...state(), conditions: { ref_name: { include: ['refs/heads/sluice/**'], exclude: [] } } },
  ])
  const rules = async (branch: string) =>
    (await rig.bot.request('GET /repos/{owner}/{repo}/rules/branches/{branch}', { ...config, branch })).data.length
  expect([await rules('sluice/state'), await rules('sluice/promote/production/shop')]).toEqual([3, 0])
  rig.forge.protect('acme', 'config', [state()])
  expect([await rules('sluice/state'), await rules('sluice/promote/production/shop'), await rules('main')]).toEqual([
    3, 3, 0,
  ])
})

test('a rule that the sandbox cannot enforce is refused, not ignored', () => {
  const ruleset = { name: 'queue', enforcement: 'active', rules: [{ type: 'merge_queue' }] }
  expect(() => rig.forge.protect('acme', 'config', JSON.parse(JSON.stringify([ruleset])))).toThrow(
    'cannot enforce merge_queue',
  )
})

const author = {
  GIT_AUTHOR_NAME: 'alice',
  GIT_AUTHOR_EMAIL: 'alice@example.com',
  GIT_COMMITTER_NAME: 'alice',
  GIT_COMMITTER_EMAIL: 'alice@example.com',
}
const remote = (token: string) => rig.forge.url.replace('//', `//x-access-token:${token}@`).concat(`/${repo}.git`)

async function cloneAs(token: string, folder: string): Promise<string> {
  const clone = join(rig.dir, folder)
  await execa('git', ['clone', '-q', remote(token), clone])
  return clone
}

async function tokenOfBot(): Promise<string> {
  const { data } = await rig.app.request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: rig.installation,
    repositories: ['config'],
    permissions: { contents: 'write' },
  })
  return data.token
}
