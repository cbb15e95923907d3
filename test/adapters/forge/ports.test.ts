import { describe, expect, test } from 'vitest'
import { toSha } from '../../../src/domain/ids.ts'
import type { Person } from '../../../src/domain/person.ts'
import { repository, scriptedForge } from './scripted-forge.ts'

const head = toSha('a'.repeat(40))
const ann: Person = { id: 5, login: 'ann', kind: 'person' }

describe('people', () => {
  const permission = 'GET /repos/acme/config/collaborators/ann/permission'
  const may = (most: string, id = 5) => ({
    body: {
      permission: 'write',
      role_name: 'our-own-role',
      user: {
        id,
        login: 'ann',
        permissions: Object.fromEntries(
          ['pull', 'triage', 'push', 'maintain', 'admin'].map((name, index, all) => [name, index <= all.indexOf(most)]),
        ),
      },
    },
  })

  test.each([
    ['pull', 'read'],
    ['triage', 'triage'],
    ['push', 'write'],
    ['maintain', 'maintain'],
    ['admin', 'admin'],
    ['nothing', 'none'],
  ])('who may %s has the role %s, whatever the custom role is called', async (most, role) => {
    await using github = await scriptedForge({ [permission]: may(most) })
    expect(await github.forge.people.role(ann)).toBe(role)
  })

  test('T08: a login that now names somebody else has no role', async () => {
    await using github = await scriptedForge({ [permission]: may('admin', 6) })
    expect(await github.forge.people.role(ann)).toBe('none')
  })

  test('without booleans a role counts only by an exact name', async () => {
    const role = (role_name: string) => ({ body: { permission: 'admin', role_name, user: { id: 5 } } })
    await using github = await scriptedForge({ [permission]: [role('maintain'), role('maintainers')] })
    expect(await github.forge.people.role(ann)).toBe('maintain')
    expect(await github.forge.people.role(ann)).toBe('none')
  })

  test('who is no collaborator has no role, and who cannot be asked for throws', async () => {
    await using github = await scriptedForge({ [permission]: [{ status: 404 }, { status: 403 }] })
    expect(await github.forge.people.role(ann)).toBe('none')
    await expect(github.forge.people.role(ann)).rejects.toMatchObject({ reason: 'forge.permission' })
  })

  test('T08: a team holds ids, not names', async () => {
    const members = (id: number) => ({ body: [{ id: 1 }, { id, login: 'ann' }] })
    await using github = await scriptedForge({ 'GET /orgs/acme/teams/sre/members': [members(5), members(6)] })
    expect(await github.forge.people.isMember('acme/sre', ann)).toBe(true)
    expect(await github.forge.people.isMember('acme/sre', ann)).toBe(false)
  })

  test('T08: a login in a group is compared by id', async () => {
    await using github = await scriptedForge({
      'GET /users/ann': [{ body: { id: 5 } }, { body: { id: 6 } }],
      [permission]: may('push'),
    })
    expect(await github.forge.people.isMember('ann', ann)).toBe(true)
    expect(await github.forge.people.isMember('ann', ann)).toBe(false)
  })

  test('T08: a login that somebody gave up is nobody, whoever took it since, without the right to write', async () => {
    await using github = await scriptedForge({ 'GET /users/ann': { body: { id: 5 } }, [permission]: may('pull') })
    expect(await github.forge.people.isMember('ann', ann)).toBe(false)
  })

  test('nobody knows of a team that is not there or cannot be read', async () => {
    await using github = await scriptedForge({
      'GET /orgs/acme/teams/hidden/members': { status: 403 },
      'GET /orgs/acme/teams/of-a-server/members': { status: 404, headers: { 'x-github-enterprise-version': '3.19.0' } },
    })
    for (const team of ['acme/hidden', 'acme/missing', 'acme/of-a-server']) {
      expect(await github.forge.people.isMember(team, ann)).toBeUndefined()
    }
  })
})

describe('checks', () => {
  const runs = `GET /repos/acme/config/commits/${head}/check-runs`
  const statuses = `GET /repos/acme/config/commits/${head}/status`
  const create = 'POST /repos/acme/config/check-runs'
  const run = (differences: object) => ({
    id: 1,
    name: 'sluice',
    status: 'completed',
    conclusion: 'success',
    app: { id: 7 },
    output: { title: 'T' },
    external_id: null,
    started_at: '2026-03-01T10:00:00Z',
    completed_at: '2026-03-01T10:01:00Z',
    ...differences,
  })
  const page = (...check_runs: object[]) => ({ body: { total_count: check_runs.length, check_runs } })

  test('T31: a check named like ours but posted by another App is not ours', async () => {
    await using github = await scriptedForge({ [runs]: page(run({ app: { id: 8 } })) })
    expect(await github.forge.checks.own(head)).toBeUndefined()
  })

  test('are the newest of each App and name, ours left out', async () => {
    await using github = await scriptedForge({
      [runs]: page(
        run({ id: 1 }),
        run({ id: 3, name: 'build', app: { id: 8 }, conclusion: 'failure' }),
        run({ id: 4, name: 'build', app: { id: 8 }, status: 'queued', conclusion: null, completed_at: null }),
        run({ id: 2, name: 'build', app: { id: 9 }, conclusion: 'skipped' }),
        run({ id: 5, name: 'scan', app: { id: 9 }, conclusion: 'stale' }),
      ),
      [statuses]: {
        body: { statuses: [{ context: 'ci/legacy', state: 'pending', updated_at: '2026-03-01T10:00:00Z' }] },
      },
    })
    const found = await github.forge.checks.list(head)
    expect(found.map(({ name, app, is }) => `${app} ${name} ${is}`).sort()).toEqual([
      '0 ci/legacy running',
      '8 build running',
      '9 build skipped',
      '9 scan failed',
    ])
  })

  test('ours is not written again where it says the same', async () => {
    let shown: Record<string, unknown> | undefined
    const answer = (body: unknown) => {
      shown = { ...run({}), ...(body as object) }
      return { status: 201, body: shown }
    }
    await using github = await scriptedForge({
      [runs]: () => (shown === undefined ? page() : page(shown)),
      [create]: ({ body }) => answer(body),
      'PATCH /repos/acme/config/check-runs/1': ({ body }) => answer({ ...shown, ...(body as object) }),
    })
    const wanted = { is: 'waiting', title: 'Waits', summary: 'for a person' } as const
    expect((await github.forge.checks.show(head, wanted)).is).toBe('waiting')
    await github.forge.checks.show(head, wanted)
    expect((await github.forge.checks.show(head, { ...wanted, is: 'success' })).is).toBe('success')
    expect(github.calls(create)).toHaveLength(1)
    expect(github.calls(create)[0]?.body).toMatchObject({ name: 'sluice', head_sha: head, status: 'in_progress' })
    expect(github.calls('PATCH /repos/acme/config/check-runs/1')).toHaveLength(1)
  })

  test('T13: ours is found by what it says after a 502', async () => {
    let shown: Record<string, unknown> | undefined
    await using github = await scriptedForge({
      [runs]: () => (shown === undefined ? page() : page(shown)),
      [create]: ({ body }) => {
        shown = { ...run({}), ...(body as object) }
        return { status: 502 }
      },
    })
    expect(await github.forge.checks.show(head, { is: 'failed', title: 'F', summary: '' })).toMatchObject({ id: 1 })
    expect(github.calls(create)).toHaveLength(1)
  })

  test('a run that cannot be opened again is followed by a new one', async () => {
    await using github = await scriptedForge({
      [runs]: page(run({})),
      'PATCH /repos/acme/config/check-runs/1': { body: run({}) },
      [create]: { status: 201, body: run({ id: 2, status: 'in_progress', conclusion: null }) },
    })
    const shown = await github.forge.checks.show(head, { is: 'waiting', title: 'Back', summary: '' })
    expect(shown).toMatchObject({ id: 2, is: 'waiting' })
  })

  test('a summary that GitHub would refuse is cut at a line, counted in bytes', async () => {
    await using github = await scriptedForge({ [runs]: page(), [create]: { status: 201, body: run({}) } })
    const summary = `${'ä'.repeat(99)}\n`.repeat(400)
    await github.forge.checks.show(head, { is: 'success', title: 'T', summary })
    const sent = github.calls(create)[0]?.body as { output: { summary: string } }
    expect(Buffer.byteLength(sent.output.summary)).toBeLessThanOrEqual(65_535)
    expect(sent.output.summary).toMatch(/ä\n\n\*The rest is too long/)
  })
})

describe('who made a pull request', () => {
  const commits = 'GET /repos/acme/config/pulls/12/commits'
  const account = (id: number, login: string, type = 'User') => ({ id, login, type })
  const by = (author: object | null, committer: object | null = author) => ({ sha: head, author, committer })
  const kim = account(6, 'kim')
  const clicked = account(19_864_447, 'web-flow')

  test('are the authors and committers of its commits, as GitHub attributes them (T06)', async () => {
    await using github = await scriptedForge({ [commits]: { body: [by(account(5, 'ann'), kim), by(kim, clicked)] } })
    expect(await github.forge.pulls.contributors(12)).toEqual({
      people: [ann, { id: 6, login: 'kim', kind: 'person' }, { id: 6, login: 'kim', kind: 'person' }],
      complete: true,
    })
  })

  test.each([
    ['an address that is nobody’s', [by(null, kim)]],
    ['an address that is empty', [by({}, kim)]],
    ['more commits than GitHub lists', Array.from({ length: 250 }, () => by(kim))],
  ])('are not known to be all, with %s', async (_, body) => {
    await using github = await scriptedForge({
      [commits]: ({ query }) => ({
        body: body.slice((Number(query.get('page')) - 1) * 100, Number(query.get('page')) * 100),
      }),
    })
    const { people, complete } = await github.forge.pulls.contributors(12)
    expect(complete).toBe(false)
    expect(people[0]).toEqual({ id: 6, login: 'kim', kind: 'person' })
  })
})

describe('the rules of a branch', () => {
  const rules = 'GET /repos/acme/config/rules/branches/main'
  const ruleset = (id: number) => `GET /repos/acme/config/rulesets/${id}`
  const ours = [
    { type: 'non_fast_forward', ruleset_id: 1 },
    { type: 'deletion', ruleset_id: 1 },
    { type: 'pull_request', ruleset_id: 1, parameters: { required_approving_review_count: 0 } },
    {
      type: 'required_status_checks',
      ruleset_id: 1,
      parameters: { required_status_checks: [{ context: 'sluice', integration_id: 7 }] },
    },
  ]
  const peoples = {
    type: 'pull_request',
    ruleset_id: 2,
    parameters: {
      ...{ required_approving_review_count: 2, allowed_merge_methods: ['merge', 'rebase'] },
      ...{ require_last_push_approval: true, required_review_thread_resolution: true },
    },
  }
  const scanned = { type: 'code_scanning', ruleset_id: 2, parameters: {} }

  test('are the sum of all rulesets; only the bypass of what people must do counts', async () => {
    await using github = await scriptedForge({
      [rules]: { body: [...ours, peoples, scanned] },
      [ruleset(2)]: { body: { current_user_can_bypass: 'pull_requests_only' } },
    })
    expect(await github.forge.rules.ofBranch('main')).toEqual({
      pullRequestRequired: true,
      requiredApprovals: 2,
      lastPushApproval: true,
      otherDemands: ['resolved threads', 'code_scanning'],
      requiredChecks: [{ name: 'sluice', app: 7 }],
      upToDate: false,
      allowsForcePush: false,
      allowsDeletion: false,
      allowedMergeMethods: ['merge', 'rebase'],
      bypass: 'pull-request',
    })
  })

  test('T16: a bypass that cannot be read is unknown', async () => {
    await using github = await scriptedForge({ [rules]: { body: [peoples] }, [ruleset(2)]: { status: 404 } })
    expect((await github.forge.rules.ofBranch('main')).bypass).toBe('unknown')
  })

  test('that want a branch up to date bind unless we may pass by that ruleset', async () => {
    const strict = { required_status_checks: [{ context: 'ci' }], strict_required_status_checks_policy: true }
    const body = [{ type: 'required_status_checks', ruleset_id: 2, parameters: strict }]
    await using github = await scriptedForge({
      [rules]: { body },
      [ruleset(2)]: ['never', 'pull_requests_only'].map((current_user_can_bypass) => ({
        body: { current_user_can_bypass },
      })),
    })
    expect(await github.forge.rules.ofBranch('main')).toMatchObject({ upToDate: true, bypass: 'never' })
    expect(await github.forge.rules.ofBranch('main')).toMatchObject({ upToDate: false, bypass: 'pull-request' })
  })

  test('an open branch demands nothing', async () => {
    await using github = await scriptedForge({ [rules]: { body: [] } })
    expect(await github.forge.rules.ofBranch('main')).toMatchObject({
      pullRequestRequired: false,
      allowsForcePush: true,
      allowedMergeMethods: ['merge', 'squash', 'rebase'],
    })
  })
})

describe('installations', () => {
  const listed = 'GET /installation/repositories'
  const raw = (differences: object) => ({
    id: 10,
    name: 'config',
    full_name: 'acme/config',
    owner: { login: 'acme' },
    default_branch: 'main',
    allow_merge_commit: true,
    archived: false,
    disabled: false,
    html_url: 'https://evil.test/x',
    clone_url: 'https://evil.test/x.git',
    ...differences,
  })

  test('list the repositories that can be worked on, at the addresses of the settings', async () => {
    await using github = await scriptedForge({
      [listed]: { body: { repositories: [raw({}), raw({ id: 11, archived: true })] } },
    })
    expect(await github.installations.repositories()).toEqual([
      { ...repository, url: 'https://github.test/acme/config', cloneUrl: 'https://git.test/acme/config.git' },
    ])
  })

  test('tell whether their settings allow merge commits, where the forge tells it', async () => {
    const told = [true, false, undefined]
    const repositories = told.map((allow_merge_commit, index) => raw({ id: 10 + index, allow_merge_commit }))
    await using github = await scriptedForge({ [listed]: { body: { repositories } } })
    const found = await github.installations.repositories()
    expect(found.map(({ allowsMergeCommits }) => allowsMergeCommits)).toEqual([true, false, null])
  })

  test('T17: leave out what is suspended', async () => {
    await using github = await scriptedForge({
      'GET /app/installations': { body: [{ id: 1, suspended_at: '2026-03-01T10:00:00Z', permissions: {} }] },
    })
    expect(await github.installations.repositories()).toEqual([])
  })

  test('T58: leave out the one that cannot be read, and keep the others', async () => {
    const granted = { suspended_at: null, permissions: { metadata: 'read' } }
    await using github = await scriptedForge({
      'GET /app/installations': {
        body: [
          { id: 1, ...granted },
          { id: 2, ...granted },
        ],
      },
      'POST /app/installations/2/access_tokens': { status: 403 },
      [listed]: { body: { repositories: [raw({})] } },
    })
    expect((await github.installations.repositories()).map(({ id }) => id)).toEqual([10])
  })

  test('know our bot by its id', async () => {
    await using github = await scriptedForge({})
    expect(await github.installations.identity()).toEqual({
      appId: 7,
      slug: 'sluice',
      botId: 99,
      botLogin: 'sluice[bot]',
    })
  })
})
