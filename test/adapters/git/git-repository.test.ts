import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Sha, toInstant, toSha } from '../../../src/domain/ids.ts'
import { newOrigin, type Origin } from './origin.ts'

let origin: Origin
beforeEach(() => {
  origin = newOrigin()
})
afterEach(() => origin.remove())

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const nowhere = toSha('0123456789012345678901234567890123456789')
const author = { name: 'Sluice', email: 'sluice@example.com' }

test('a fetch answers the branch heads, and forgets branches that are gone', async () => {
  const first = origin.commit({ 'a.txt': 'one\n' })
  origin.git('push', '--quiet', 'origin', 'HEAD:refs/heads/sluice/state')
  const mirror = await origin.mirror()
  expect(await mirror.fetch()).toEqual(
    new Map([
      ['main', first],
      ['sluice/state', first],
    ]),
  )
  origin.git('push', '--quiet', 'origin', ':refs/heads/sluice/state')
  const second = origin.commit({ 'a.txt': 'two\n' })
  expect(await mirror.fetch()).toEqual(new Map([['main', second]]))
})

test('an empty repository has no branches', async () => {
  expect(await (await origin.mirror()).fetch()).toEqual(new Map())
})

test('commits, trees, entries and blobs are read as Git holds them', async () => {
  symlinkSync('a.txt', join(origin.work, 'link'))
  const head = origin.commit({ 'a.txt': 'one\n', 'dir/ünï.txt': 'deep\n' }, 'first\n\nwith a body')
  const mirror = await origin.mirror()
  await mirror.fetch()
  const commit = await mirror.commit(head)
  expect(commit).toMatchObject({
    authorName: 'Ann',
    authorEmail: 'ann@example.com',
    parents: [],
    message: 'first\n\nwith a body\n',
  })
  expect(commit.at).toBe(Date.parse('2026-01-02T03:04:05Z'))
  expect((await mirror.tree(head)).map(({ mode, type, path }) => [mode, type, path])).toEqual([
    ['100644', 'blob', 'a.txt'],
    ['040000', 'tree', 'dir'],
    ['120000', 'blob', 'link'],
  ])
  const deep = await mirror.entry(commit.tree, 'dir/ünï.txt')
  expect(deep?.path).toBe('dir/ünï.txt')
  expect(text(await mirror.blob(deep?.oid as Sha))).toBe('deep\n')
  expect(await mirror.entry(head, 'a.txt/beyond')).toBeUndefined()
  expect(await mirror.entry(head, 'dir/none')).toBeUndefined()
})

test('what the store does not hold, and what is too large, is said by reason', async () => {
  const head = origin.commit({ 'large.bin': 'x'.repeat(300_000) })
  const mirror = await origin.mirror()
  await mirror.fetch()
  await expect(mirror.commit(nowhere)).rejects.toMatchObject({ name: 'UserError', reason: 'git.missing-object' })
  await expect(mirror.history(nowhere, ['a'], 1)).rejects.toMatchObject({ reason: 'git.missing-object' })
  const entry = await mirror.entry(head, 'large.bin')
  await expect(mirror.blob(entry?.oid as Sha, 1000)).rejects.toMatchObject({ reason: 'git.blob-too-large' })
  expect((await mirror.blob(entry?.oid as Sha)).length).toBe(300_000)
  await expect(mirror.blob(entry?.oid as Sha, 1000)).rejects.toMatchObject({ reason: 'git.blob-too-large' })
})

test('a thousand reads at once are answered each with its own object', async () => {
  const files = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f/${n}`, `${n}\n`.repeat(1 + (n % 50))]))
  const head = origin.commit(files)
  const mirror = await origin.mirror()
  await mirror.fetch()
  const folder = await mirror.entry(head, 'f')
  const entries = await mirror.tree(folder?.oid as Sha)
  const read = await Promise.all(entries.map(async ({ path, oid }) => [`f/${path}`, text(await mirror.blob(oid))]))
  expect(Object.fromEntries(read)).toEqual(files)
})

test('the paths that differ are listed, sorted, with modes and replaced folders', async () => {
  const before = origin.commit({ 'a.txt': '1', 'b/c.txt': '1', 'b/same.txt': '1', 'd/x': '1', mode: '1' })
  await rm(join(origin.work, 'd'), { recursive: true })
  origin.git('update-index', '--chmod=+x', 'mode')
  const after = origin.commit({ 'a.txt': null, 'b/c.txt': '2', d: 'a file now', 'z/new': '1' })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const changes = await mirror.changes(before, after)
  expect(changes.map(({ path, before, after }) => [path, before !== undefined, after !== undefined])).toEqual([
    ['a.txt', true, false],
    ['b/c.txt', true, true],
    ['d', false, true],
    ['d/x', true, false],
    ['z/new', false, true],
  ])
  expect(await mirror.changes(after, after)).toEqual([])
})

test('a tree that holds itself over and over is refused by its number of paths, not walked to its end (T22)', async () => {
  const git = await origin.mirror()
  const blob = await git.writeBlob(new TextEncoder().encode('x'))
  let bomb = await git.writeTree(null, new Map(Array.from({ length: 10 }, (_, at) => [`f${at}`, { oid: blob }])))
  for (let depth = 0; depth < 10; depth += 1)
    bomb = await git.writeTree(null, new Map(Array.from({ length: 10 }, (_, at) => [`d${at}`, { oid: bomb }])))
  const empty = await git.writeTree(null, new Map())
  await expect(git.changes(empty, bomb, 1_000)).rejects.toMatchObject({ reason: 'git.too-many-changes' })
})

test('the first-parent line and the history of a path leave merged branches out', async () => {
  const one = origin.commit({ 'a.txt': '1' }, 'one')
  origin.git('checkout', '--quiet', '-b', 'side')
  origin.commit({ 'side.txt': '1' }, 'on the side')
  origin.git('checkout', '--quiet', 'main')
  const two = origin.commit({ 'a.txt': '2' }, 'two')
  origin.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'side')
  const merge = origin.commitAll('after')
  const mirror = await origin.mirror()
  await mirror.fetch()
  const line = await mirror.firstParents(merge)
  expect(line.map((commit) => commit.message.trim())).toEqual(['after', 'merge', 'two', 'one'])
  expect((await mirror.firstParents(merge, { until: two })).map((commit) => commit.message.trim())).toEqual([
    'after',
    'merge',
  ])
  expect((await mirror.firstParents(merge, { limit: 1 })).map((commit) => commit.oid)).toEqual([merge])
  expect((await mirror.history(merge, ['side.txt'], 9)).map((commit) => commit.message.trim())).toEqual(['merge'])
  expect((await mirror.history(merge, ['a.txt'], 1)).map((commit) => commit.oid)).toEqual([two])
  expect(await mirror.isAncestor(one, merge)).toBe(true)
  expect(await mirror.isAncestor(merge, one)).toBe(false)
})

test('a merge result is computed without a work tree, a conflict names its paths', async () => {
  const base = origin.commit({ 'a.txt': '1\n', 'b.txt': '1\n' })
  origin.git('checkout', '--quiet', '-b', 'clean')
  const clean = origin.commit({ 'b.txt': '2\n' })
  origin.git('checkout', '--quiet', '-b', 'conflicting', base)
  const conflicting = origin.commit({ 'a.txt': '3\n' })
  origin.git('checkout', '--quiet', 'main')
  const main = origin.commit({ 'a.txt': '2\n' })
  origin.git('checkout', '--quiet', '--orphan', 'stranger')
  const stranger = origin.commit({ 'a.txt': '9\n' })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const merged = await mirror.mergeResult(main, clean)
  expect(merged.is).toBe('clean')
  expect((await mirror.changes(main, merged.is === 'clean' ? merged.tree : main)).map(({ path }) => path)).toEqual([
    'b.txt',
  ])
  expect(await mirror.mergeResult(main, conflicting)).toEqual({ is: 'conflict', paths: ['a.txt'] })
  expect(await mirror.mergeResult(main, stranger)).toEqual({ is: 'conflict', paths: [] })
})

test('a written tree differs from its base by exactly the edits, and equal commits have equal ids', async () => {
  origin.commit({ 'keep.txt': '1', 'dir/a': '1', 'dir/b': '1', 'only/one': '1', 'run.sh': '1' })
  origin.git('update-index', '--chmod=+x', 'run.sh')
  origin.git('commit', '--quiet', '--amend', '--no-edit')
  origin.git('push', '--quiet', '--force', 'origin', 'HEAD')
  const base = toSha(origin.git('rev-parse', 'HEAD'))
  const mirror = await origin.mirror()
  await mirror.fetch()
  const blob = await mirror.writeBlob(Buffer.from('new\n'))
  const folder = await mirror.entry(base, 'dir')
  const tree = await mirror.writeTree(
    base,
    new Map([
      ['dir/a', { oid: blob }],
      ['only/one', null],
      ['run.sh', { oid: blob }],
      ['deep/er/file', { oid: blob }],
      ['copy', { oid: folder?.oid as Sha }],
    ]),
  )
  const changed = (await mirror.changes(base, tree)).map(({ path }) => path)
  expect(changed).toEqual(['copy/a', 'copy/b', 'deep/er/file', 'dir/a', 'only/one', 'run.sh'])
  expect(await mirror.entry(tree, 'only')).toBeUndefined()
  expect((await mirror.entry(tree, 'run.sh'))?.mode).toBe('100755')
  expect((await mirror.entry(tree, 'copy'))?.oid).toBe(folder?.oid)
  const commit = { tree, parents: [base], author, at: toInstant(1_790_000_000_000), message: 'Promote' }
  const written = await mirror.writeCommit(commit)
  expect(await mirror.writeCommit(commit)).toBe(written)
  expect(await mirror.commit(written)).toMatchObject({ tree, parents: [base], authorName: 'Sluice', at: commit.at })
  expect((await mirror.mergeResult(base, written)).is).toBe('clean')
  expect(await mirror.writeTree(null, new Map())).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904')
  await expect(mirror.writeTree(base, new Map([['a/../b', { oid: blob }]]))).rejects.toMatchObject({
    reason: 'git.bad-path',
  })
})

test('names that are no UTF-8 survive a written tree', async () => {
  const odd = Buffer.from([0x66, 0xff, 0x66])
  writeFileSync(Buffer.concat([Buffer.from(`${origin.work}/`), odd]), 'x')
  const base = origin.commit({ 'a.txt': '1' })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const blob = await mirror.writeBlob(Buffer.from('2'))
  const tree = await mirror.writeTree(base, new Map([['a.txt', { oid: blob }]]))
  expect((await mirror.changes(base, tree)).map(({ path }) => path)).toEqual(['a.txt'])
})

test('a push is a compare-and-swap: who is late loses, who comes twice is done', async () => {
  const base = origin.commit({ 'a.txt': '1' })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const next = async (message: string) =>
    mirror.writeCommit({ tree: (await mirror.commit(base)).tree, parents: [base], author, at: toInstant(0), message })
  const mine = await next('mine')
  const theirs = await next('theirs')
  expect(await mirror.push('sluice/state', base, null)).toBe('done')
  expect(await mirror.push('sluice/state', mine, base)).toBe('done')
  expect(await mirror.push('sluice/state', mine, base)).toBe('done')
  expect(await mirror.push('sluice/state', theirs, base)).toBe('lost-race')
  expect(await mirror.push('sluice/state', theirs, null)).toBe('lost-race')
  expect((await mirror.fetch()).get('sluice/state')).toBe(mine)
})

test('a push that the forge refuses is an operator error, not a lost race', async () => {
  const base = origin.commit({ 'a.txt': '1' })
  writeFileSync(join(origin.url, 'hooks', 'pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const mirror = await origin.mirror()
  await mirror.fetch()
  await expect(mirror.push('sluice/state', base, null)).rejects.toMatchObject({
    name: 'OperatorError',
    reason: 'git.refused',
  })
})

test('names that could become an option or a refspec are refused', async () => {
  const base = origin.commit({ 'a.txt': '1' })
  const mirror = await origin.mirror()
  await mirror.fetch()
  for (const branch of [
    '',
    '-f',
    '--mirror',
    'a:b',
    'a..b',
    'a b',
    'a\nb',
    '.a',
    'a/.b',
    'a.lock',
    'a/',
    '@',
    'a@{1}',
    '+main',
    'a*',
    'a~1',
  ]) {
    await expect(mirror.push(branch, base, null), branch).rejects.toMatchObject({ reason: 'git.bad-branch' })
  }
  await expect(mirror.isAncestor('--help' as Sha, base)).rejects.toThrow('not a Git object id')
  await expect(mirror.mergeResult(base, '--help' as Sha)).rejects.toThrow('not a Git object id')
})

test('heads of pull requests are fetched where they are named, and a missing one harms nothing', async () => {
  const base = origin.commit({ 'a.txt': '1' })
  origin.git('checkout', '--quiet', '-b', 'work')
  origin.git('commit', '--quiet', '--allow-empty', '-m', 'proposal')
  origin.git('push', '--quiet', 'origin', 'HEAD:refs/pull/7/head')
  const head = toSha(origin.git('rev-parse', 'HEAD'))
  const mirror = await origin.mirror()
  await mirror.fetch()
  await expect(mirror.commit(head)).rejects.toMatchObject({ reason: 'git.missing-object' })
  expect(await mirror.fetch({ pulls: [7, 8] })).toEqual(new Map([['main', base]]))
  expect((await mirror.commit(head)).message).toBe('proposal\n')
})

test('a mirror that a crash left behind is made anew', async () => {
  const head = origin.commit({ 'a.txt': '1' })
  const first = await origin.mirror()
  await first.fetch()
  await first.close()
  const dir = join(origin.folder, 'mirror.git')
  await rm(join(dir, 'HEAD'))
  expect(await (await origin.mirror()).fetch()).toEqual(new Map([['main', head]]))
})

test('left-over locks and corrupt objects cost a fetch, not a person', async () => {
  const head = origin.commit({ 'a.txt': '1'.repeat(5000) })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const dir = join(origin.folder, 'mirror.git')
  writeFileSync(join(dir, 'refs/heads/main.lock'), '')
  const next = origin.commit({ 'b.txt': '2' })
  expect((await mirror.fetch()).get('main')).toBe(next)

  await mirror.commit(head)
  await mirror.close()
  for (const name of await readdir(join(dir, 'objects/pack'))) truncateSync(join(dir, 'objects/pack', name), 99)
  const entry = async () => (await mirror.entry(head, 'a.txt'))?.oid as Sha
  await expect(entry().then((oid) => mirror.blob(oid))).rejects.toMatchObject({ name: 'TransientError' })
  await mirror.fetch()
  expect((await mirror.blob(await entry())).length).toBe(5000)
})
