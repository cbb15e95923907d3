import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { githubInstallations } from '../../../src/adapters/forge/github/installations.ts'
import { operations, usedOperations } from '../../../src/adapters/forge/github/operations.ts'
import { createLog } from '../../../src/log.ts'
import type { Forge } from '../../../src/ports/forge/forge.ts'
import { servedOperations } from '../../../src/sandbox/forge/operations/table.ts'
import { type SandboxForge, startForge } from '../../../src/sandbox/forge/start-forge.ts'
import { baseOf } from './base-of.ts'
import { type ForgeWorld, forgeContract } from './forge.contract.ts'

let dir: string
let sandbox: SandboxForge
let installations: ForgeWorld['installations']
let people: { readonly ann: { id: number; token: string }; readonly bob: { id: number; token: string } }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-contract-'))
  sandbox = await startForge({ dir })
  people = { ann: sandbox.createUser('ann'), bob: sandbox.createUser('bob') }
  sandbox.createOrganization('acme', { owners: ['ann'] })
  sandbox.createTeam('acme', 'sre', ['bob'])
  await sandbox.createRepository({
    owner: 'acme',
    name: 'config',
    roles: { bob: 'maintain' },
    files: { 'README.md': '# Config\n' },
    author: 'ann',
  })
  sandbox.install('acme', ['config'])
  installations = githubInstallations({
    appId: sandbox.app.id,
    privateKey: sandbox.app.privateKey,
    apiUrl: sandbox.apiUrl,
    webUrl: sandbox.url,
    gitUrl: sandbox.url,
    installations: 'all',
    writesPerMinute: 6_000,
    timing: {
      now: Date.now,
      pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / 20)),
    },
    random: Math.random,
    onAnswer: () => {},
    log: createLog({ level: 'fatal' }),
  })
})
afterAll(async () => {
  await sandbox.stop()
  await rm(dir, { recursive: true, force: true })
})

forgeContract('the sandbox', async () => ({ installations, repository: { owner: 'acme', name: 'config' } }))

test('the sandbox serves every operation that the adapter may call', () => {
  expect(usedOperations.filter((operation) => !servedOperations.includes(operation))).toEqual([])
})

describe('with people on the forge', () => {
  const ourForge = async (): Promise<Forge> => {
    const [repository] = await installations.repositories()
    if (repository === undefined) throw new Error('no repository')
    return installations.forge(repository)
  }
  const asPerson = async (
    token: string,
    method: string,
    path: string,
    body: object,
  ): Promise<{ id: number; number: number }> => {
    const response = await fetch(`${sandbox.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as { id: number; number: number }
  }
  const openPull = async (forge: Forge, name: string) => {
    const [repository] = await installations.repositories()
    if (repository === undefined) throw new Error('no repository')
    const base = await baseOf(repository, await installations.gitToken(repository))
    const head = await forge.commits.create({
      baseTree: base.tree,
      edits: [{ path: `${name}.txt`, text: name, mode: '100644' }],
      parents: [base.commit],
      message: name,
    })
    await forge.commits.createBranch(`sluice/promote/${name}`, head)
    return forge.pulls.ensureOpen({ base: 'main', headBranch: `sluice/promote/${name}`, title: name, body: '' })
  }

  test('roles and teams are read by id', async () => {
    const forge = await ourForge()
    const bob = { id: people.bob.id, login: 'bob', kind: 'person' } as const
    expect(await forge.people.role(bob)).toBe('maintain')
    expect(await forge.people.role({ ...bob, id: people.ann.id })).toBe('none')
    expect(await forge.people.role({ id: people.ann.id, login: 'ann', kind: 'person' })).toBe('admin')
    expect(await forge.people.isMember('acme/sre', bob)).toBe(true)
    expect(await forge.people.isMember('acme/sre', { ...bob, id: people.ann.id })).toBe(false)
    expect(await forge.people.isMember('bob', bob)).toBe(true)
    expect(await forge.people.isMember('acme/nobody', bob)).toBeUndefined()
  })

  test("a person's review and comment are theirs, and of the head that they saw", async () => {
    const forge = await ourForge()
    const pull = await openPull(forge, 'reviewed')
    await asPerson(people.bob.token, 'POST', `/repos/acme/config/pulls/${pull.number}/reviews`, { event: 'APPROVE' })
    const said = await asPerson(people.bob.token, 'POST', `/repos/acme/config/issues/${pull.number}/comments`, {
      body: '/sluice status',
    })
    expect(await forge.reviews.list(pull.number)).toMatchObject([
      { by: { id: people.bob.id, kind: 'person' }, is: 'approved', head: pull.head },
    ])
    expect(await forge.comments.onPull(pull.number)).toMatchObject([
      { id: said.id, ours: false, app: null, body: '/sluice status', by: { id: people.bob.id } },
    ])
  })

  test('auto-merge that is disabled is off, and stays so however often it is asked for', async () => {
    const forge = await ourForge()
    const pull = await openPull(forge, 'by-itself')
    sandbox.protect('acme', 'config', [
      {
        name: 'checked',
        target: 'branch',
        enforcement: 'active',
        conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
        rules: [{ type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'sluice' }] } }],
      },
    ])
    await sandbox.enableAutoMerge('acme', 'config', pull.number, 'bob')
    await sandbox.settled()
    expect(await forge.pulls.get(pull.number)).toMatchObject({ autoMerge: { by: { id: people.bob.id } } })
    for (const _ of [1, 2]) await forge.pulls.disableAutoMerge(pull)
    expect(await forge.pulls.get(pull.number)).toMatchObject({ state: 'open', autoMerge: null })
    await expect(forge.pulls.disableAutoMerge({ ...pull, nodeId: 'nothing' })).resolves.toBeUndefined()
    await sandbox.enableAutoMerge('acme', 'config', pull.number, 'bob')
    await expect(forge.pulls.disableAutoMerge({ ...pull, nodeId: 'nothing' })).rejects.toMatchObject({
      reason: 'forge.refused',
    })
    sandbox.protect('acme', 'config', [])
  })

  test('T10: a branch onto which somebody pushed does not move', async () => {
    const forge = await ourForge()
    const pull = await openPull(forge, 'pushed')
    await asPerson(people.bob.token, 'PUT', '/repos/acme/config/contents/foreign.txt', {
      branch: pull.headBranch,
      message: 'foreign',
      content: 'eA==',
    })
    const next = await forge.commits.create({
      baseTree: pull.head,
      edits: [{ path: 'pushed.txt', text: 'next', mode: '100644' }],
      parents: [pull.head],
      message: 'next',
    })
    expect(await forge.commits.moveBranch(pull.headBranch, next)).toBe('lost-race')
  })

  test("somebody else's pull request from a branch is told, and no second one is opened from there", async () => {
    const forge = await ourForge()
    const ours = await openPull(forge, 'taken')
    expect(await forge.pulls.openFrom('main', ours.headBranch)).toMatchObject([{ number: ours.number, ours: true }])
    await forge.pulls.close(ours.number)
    const said = { title: 'Mine', head: ours.headBranch, base: 'main' }
    const { number } = await asPerson(people.bob.token, 'POST', '/repos/acme/config/pulls', said)
    expect(await forge.pulls.openFrom('main', ours.headBranch)).toMatchObject([
      { number, ours: false, head: ours.head },
    ])
    const wanted = { base: 'main', headBranch: ours.headBranch, title: 'Ours', body: '' }
    await expect(forge.pulls.ensureOpen(wanted)).rejects.toMatchObject({ name: 'UserError', reason: 'forge.refused' })
  })

  test('T13: a merge whose answer was lost is read back, and happened once', async () => {
    const forge = await ourForge()
    const pull = await openPull(forge, 'lost-answer')
    sandbox.faults.add({ operation: 'pulls/merge', kind: 'error-after', status: 502, times: 1 })
    const merged = await forge.pulls.merge(pull.number, { head: pull.head, title: 'T', message: 'M' })
    expect(merged.is).toBe('merged')
    expect((await forge.pulls.get(pull.number)).mergeCommit).toBe(merged.is === 'merged' && merged.commit)
  })

  test('T13: a pull request, a comment and a check whose answers were lost are there once', async () => {
    const forge = await ourForge()
    for (const operation of ['pulls/create', 'issues/create-comment', 'checks/create']) {
      sandbox.faults.add({ operation, kind: 'reset-after', times: 1 })
    }
    const pull = await openPull(forge, 'made-once')
    await forge.comments.ensure(pull.number, '<!-- once -->', 'once')
    await forge.checks.show(pull.head, { is: 'waiting', title: 'once', summary: 'once' })
    const open = await forge.pulls.open('main')
    expect(open.filter(({ headBranch }) => headBranch === pull.headBranch)).toHaveLength(1)
    expect(await forge.comments.onPull(pull.number)).toHaveLength(1)
    const created = sandbox.calls().filter((call) => call.operation === 'checks/create' && call.path.includes('config'))
    expect((await forge.checks.own(pull.head))?.title).toBe('once')
    expect(created.length).toBeGreaterThan(0)
  })

  test('T14: two merges at once end in one merge', async () => {
    const forge = await ourForge()
    const pull = await openPull(forge, 'at-once')
    const wanted = { head: pull.head, title: 'T', message: 'M' }
    const answers = await Promise.all([forge.pulls.merge(pull.number, wanted), forge.pulls.merge(pull.number, wanted)])
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.is).toBe('merged')
  })

  test('the rules of a protected branch are read, with the bypass of what people must do', async () => {
    const forge = await ourForge()
    sandbox.protect('acme', 'config', [
      {
        name: 'people',
        target: 'branch',
        enforcement: 'active',
        bypass_actors: [{ actor_id: sandbox.app.id, actor_type: 'Integration', bypass_mode: 'pull_request' }],
        conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
        rules: [
          {
            type: 'pull_request',
            parameters: {
              required_approving_review_count: 1,
              dismiss_stale_reviews_on_push: true,
              require_code_owner_review: false,
              require_last_push_approval: false,
              required_review_thread_resolution: false,
            },
          },
        ],
      },
    ])
    expect(await forge.rules.ofBranch('main')).toMatchObject({
      pullRequestRequired: true,
      requiredApprovals: 1,
      bypass: 'pull-request',
    })
    sandbox.protect('acme', 'config', [])
  })

  test('a branch that wants pull requests up to date says so, and refuses one that is behind', async () => {
    const forge = await ourForge()
    const [first, second] = [await openPull(forge, 'one-of-two'), await openPull(forge, 'two-of-two')]
    const file = JSON.parse(readFileSync(new URL('../../../manifests/github/sluice.json', import.meta.url), 'utf8'))
    const checks = { required_status_checks: [{ context: 'sluice', integration_id: sandbox.app.id }] }
    const strict = { ...checks, strict_required_status_checks_policy: true }
    const rules = [{ type: 'required_status_checks', parameters: strict }]
    sandbox.protect('acme', 'config', [{ ...file, rules }])
    expect(await forge.rules.ofBranch('main')).toMatchObject({ upToDate: true, bypass: 'always' })
    for (const { head } of [first, second])
      await forge.checks.show(head, { is: 'success', title: 'Passed', summary: '' })
    const merge = async ({ number, head }: typeof first) =>
      (await forge.pulls.merge(number, { head, title: 'T', message: 'M' })).is
    await expect.poll(() => merge(first)).toBe('merged')
    await expect.poll(() => merge(second)).toBe('refused')
    sandbox.protect('acme', 'config', [])
  })

  test('a repository whose settings forbid merge commits says so, and refuses ours', async () => {
    const forge = await ourForge()
    const { number, head } = await openPull(forge, 'no-merge-commits')
    sandbox.allowMergeCommits('acme', 'config', false)
    expect(await installations.repositories()).toMatchObject([{ allowsMergeCommits: false }])
    await expect
      .poll(() => forge.pulls.merge(number, { head, title: 'T', message: 'M' }))
      .toMatchObject({ is: 'refused' })
    sandbox.allowMergeCommits('acme', 'config', true)
    expect(await installations.repositories()).toMatchObject([{ allowsMergeCommits: true }])
  })

  test('T17: a suspended installation is left out, and resumes', async () => {
    const forge = await ourForge()
    const [repository] = await installations.repositories()
    const installation = repository?.installation ?? 0
    sandbox.suspend(installation, true)
    expect(await installations.repositories()).toEqual([])
    await expect(forge.pulls.open('main')).rejects.toMatchObject({ name: 'OperatorError' })
    sandbox.suspend(installation, false)
    expect(await installations.repositories()).toHaveLength(1)
    await forge.pulls.open('main')
  })

  test('a rate limit of the forge stops writing until it is over', async () => {
    const forge = await ourForge()
    const pull = await openPull(forge, 'limited')
    sandbox.faults.add({ operation: 'pulls/update', kind: 'rate-limited', retryAfterSeconds: 2, times: 1 })
    await expect(forge.pulls.update(pull.number, { body: 'x' })).rejects.toMatchObject({
      reason: 'forge.rate-limited',
      retryAfterSeconds: 2,
    })
    expect((await forge.pulls.get(pull.number)).body).toBe('')
  })

  test('a limit that is told by its words alone is one, and closes no repository', async () => {
    const operation = 'apps/list-repos-accessible-to-installation'
    sandbox.faults.add({ operation, kind: 'rate-limited', retryAfterSeconds: null, times: 1 })
    const limited = { reason: 'forge.rate-limited', retryAfterSeconds: 60 }
    await expect(installations.repositories()).rejects.toMatchObject(limited)
    await expect(installations.repositories()).rejects.toMatchObject({ reason: 'forge.rate-limited' })
  })
})

test('every operation of the table is a route that GitHub describes, but for GraphQL', () => {
  const file = new URL('../../../fixtures/github-rest-openapi.json', import.meta.url)
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly paths: Record<string, Record<string, { readonly operationId?: string }>>
  }
  const routes = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, `${method.toUpperCase()} ${path}`]),
    ),
  )
  routes.set('graphql/disable-pull-request-auto-merge', 'POST /graphql')
  for (const id of usedOperations) expect([id, operations[id].route]).toEqual([id, routes.get(id)])
})
