import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asPerson } from '../../../src/sandbox/forge/person.ts'
import { config, type Rig, repo, startRig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.stop())

const remote = (token: string, of = repo) => `${rig.forge.url.replace('//', `//x-access-token:${token}@`)}/${of}.git`
const git = (cwd: string, ...words: string[]) =>
  execa('git', ['-c', 'user.name=alice', '-c', 'user.email=alice@example.com', ...words], {
    cwd,
    reject: false,
    env: { GIT_TERMINAL_PROMPT: '0' },
  })
const pullOf = async (pull_number: number) =>
  (await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...config, pull_number })).data

test('a push moves the pull request with it, and the head stays to be fetched', async () => {
  await rig.alice.commitFiles(repo, 'change', { 'a.txt': 'a' }, 'A')
  const number = await rig.alice.openPull({ repo, title: 'A', head: 'change', base: 'main' })
  const clone = join(rig.dir, 'clone')
  await git(rig.dir, 'clone', '-q', '-b', 'change', remote(rig.tokens.alice), clone)
  await git(clone, 'commit', '-q', '--allow-empty', '-m', 'more')
  await git(clone, 'push', '-q', 'origin', 'change')
  const head = (await git(clone, 'rev-parse', 'HEAD')).stdout
  expect((await pullOf(number)).head.sha).toBe(head)
  await git(clone, 'push', '-q', 'origin', ':change')
  expect(await pullOf(number)).toMatchObject({ state: 'closed', merged: false })
  expect((await git(clone, 'fetch', '-q', 'origin', `refs/pull/${number}/head`)).exitCode).toBe(0)
  expect((await git(clone, 'rev-parse', 'FETCH_HEAD')).stdout).toBe(head)
})

test('a head that somebody pushes to the base counts as merged', async () => {
  const head = await rig.alice.commitFiles(repo, 'change', { 'a.txt': 'a' }, 'A')
  const number = await rig.alice.openPull({ repo, title: 'A', head: 'change', base: 'main' })
  const clone = join(rig.dir, 'clone')
  await git(rig.dir, 'clone', '-q', '-b', 'change', remote(rig.tokens.bob), clone)
  await git(clone, 'push', '-q', 'origin', 'HEAD:main')
  expect(await pullOf(number)).toMatchObject({ merged: true, merged_by: { login: 'bob' }, merge_commit_sha: head })
})

test('who may not write cannot push, and who may not read cannot fetch', async () => {
  await rig.forge.createRepository({ owner: 'acme', name: 'secret', isPrivate: true, files: { a: 'a' } })
  const clone = join(rig.dir, 'clone')
  await git(rig.dir, 'clone', '-q', remote(rig.tokens.reader), clone)
  await git(clone, 'commit', '-q', '--allow-empty', '-m', 'mine')
  expect((await git(clone, 'push', '-q', 'origin', 'HEAD:main')).exitCode).toBe(128)
  expect((await git(clone, 'ls-remote', remote(rig.tokens.reader, 'acme/secret'))).exitCode).toBe(128)
  expect((await git(clone, 'ls-remote', `${rig.forge.url}/acme/secret.git`)).exitCode).toBe(128)
  const { data } = await rig.app.request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: rig.installation,
  })
  expect((await git(clone, 'ls-remote', remote(data.token, 'acme/secret'))).exitCode).toBe(128)
})

test('a push whose answer is lost has taken place, one that is broken before has not', async () => {
  const clone = join(rig.dir, 'clone')
  await git(rig.dir, 'clone', '-q', remote(rig.tokens.alice), clone)
  await git(clone, 'commit', '-q', '--allow-empty', '-m', 'more')
  rig.forge.faults.add({ operation: 'git-push', kind: 'error-before', status: 503, times: 1 })
  expect((await git(clone, 'push', '-q', 'origin', 'HEAD:before')).exitCode).not.toBe(0)
  rig.forge.faults.add({ operation: 'git-push', kind: 'reset-after', times: 1 })
  expect((await git(clone, 'push', '-q', 'origin', 'HEAD:after')).exitCode).not.toBe(0)
  const heads = (await git(clone, 'ls-remote', '--heads', 'origin')).stdout
    .split('\n')
    .map((line) => line.split('/').at(-1))
  expect(heads).toEqual(['after', 'main'])
  expect(rig.forge.calls().map(({ operation }) => operation)).toContain('git-push')
})

test('a pull request from a fork is merged as any other', async () => {
  const carol = rig.forge.createUser('carol')
  await rig.forge.fork('acme', 'config', 'carol')
  const person = asPerson(rig.forge.apiUrl, carol.token)
  const head = await person.commitFiles('carol/config', 'sluice/promote/production/shop', { 'x.txt': 'x' }, 'X')
  const number = await person.openPull({ repo, title: 'X', head: 'carol:sluice/promote/production/shop', base: 'main' })
  expect(await pullOf(number)).toMatchObject({
    head: { sha: head, repo: { full_name: 'carol/config', fork: true } },
    base: { repo: { full_name: repo } },
  })
  const merged = await rig.alice.mergePull(repo, number, { sha: head })
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/commits/{ref}', { ...config, ref: 'main' })).data,
  ).toMatchObject({
    sha: merged,
    commit: { verification: { verified: true } },
  })
})

test('mergeable is not known at once, and a conflict is never merged', async () => {
  await rig.alice.commitFiles(repo, 'one', { 'README.md': 'one\n' }, 'One')
  await rig.alice.commitFiles(repo, 'two', { 'README.md': 'two\n' }, 'Two')
  const one = await rig.alice.openPull({ repo, title: 'One', head: 'one', base: 'main' })
  const two = await rig.alice.openPull({ repo, title: 'Two', head: 'two', base: 'main' })
  await rig.forge.settled()
  expect((await pullOf(two)).mergeable).toBe(true)
  await rig.bob.mergePull(repo, one)
  expect((await pullOf(two)).mergeable).toBe(null)
  await rig.forge.settled()
  expect(await pullOf(two)).toMatchObject({ mergeable: false, mergeable_state: 'dirty' })
  await expect(rig.bob.mergePull(repo, two)).rejects.toMatchObject({ status: 405 })
  await expect(rig.bob.mergePull(repo, two, { sha: '0'.repeat(40) })).rejects.toMatchObject({ status: 409 })
})
