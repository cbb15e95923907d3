import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPerson } from '../../../src/sandbox/forge/person.ts'
import { servedOperations } from '../../../src/sandbox/forge/start-forge.ts'
import { config, type Rig, repo, startRig } from './rig.ts'

let rig: Rig
let base: string
beforeAll(async () => {
  rig = await startRig()
  rig.forge.createTeam('acme', 'payments', ['alice'])
  rig.forge.setWebhook('http://127.0.0.1:9/nobody')
  rig.forge.protect('acme', 'config', [
    {
      name: 'history',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      rules: [{ type: 'non_fast_forward' }],
    },
  ])
  base = String(await shaOf('heads/main'))
})
afterAll(() => rig.stop())

const shaOf = async (ref: string) =>
  (await rig.bot.request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ...config, ref })).data.object.sha

test('git objects and refs are made, read and removed', async () => {
  const blob = await rig.bot.request('POST /repos/{owner}/{repo}/git/blobs', {
    ...config,
    content: 'aGk=',
    encoding: 'base64',
  })
  const read = await rig.bot.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
    ...config,
    file_sha: blob.data.sha,
  })
  expect(Buffer.from(read.data.content, 'base64').toString()).toBe('hi')
  const tree = await rig.bot.request('POST /repos/{owner}/{repo}/git/trees', {
    ...config,
    base_tree: base,
    tree: [
      { path: 'apps/shop/new.yaml', mode: '100644', type: 'blob', sha: blob.data.sha },
      { path: 'apps/shop/inline.yaml', mode: '100755', type: 'blob', content: 'a: 1\n' },
      { path: 'README.md', mode: '100644', type: 'blob', sha: null },
    ],
  })
  const whole = await rig.bot.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    ...config,
    tree_sha: tree.data.sha,
    recursive: '1',
  })
  expect(whole.data.tree.filter(({ type }) => type === 'blob').map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '100644 apps/shop/base/kustomization.yaml',
    '100755 apps/shop/inline.yaml',
    '100644 apps/shop/new.yaml',
  ])
  const commit = await rig.bot.request('POST /repos/{owner}/{repo}/git/commits', {
    ...config,
    message: 'Change',
    tree: tree.data.sha,
    parents: [base],
  })
  expect(commit.data).toMatchObject({ verification: { verified: true }, author: { name: rig.forge.app.botLogin } })
  const kept = await rig.bot.request('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...config,
    commit_sha: commit.data.sha,
  })
  expect(kept.data.parents.map(({ sha }) => sha)).toEqual([base])
  await rig.bot.request('POST /repos/{owner}/{repo}/git/refs', { ...config, ref: 'refs/heads/sluice/a', sha: base })
  await rig.bot.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
    ...config,
    ref: 'heads/sluice/a',
    sha: commit.data.sha,
  })
  const refs = await rig.bot.request('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', {
    ...config,
    ref: 'heads/sluice/',
  })
  expect(refs.data.map(({ ref, object }) => [ref, object.sha])).toEqual([['refs/heads/sluice/a', commit.data.sha]])
  const compared = await rig.bot.request('GET /repos/{owner}/{repo}/compare/{basehead}', {
    ...config,
    basehead: 'main...sluice/a',
  })
  expect(compared.data).toMatchObject({ status: 'ahead', ahead_by: 1, behind_by: 0, merge_base_commit: { sha: base } })
  expect(compared.data.files?.map(({ filename, status }) => `${status} ${filename}`)).toEqual([
    'removed README.md',
    'added apps/shop/inline.yaml',
    'added apps/shop/new.yaml',
  ])
  await rig.bot.request('DELETE /repos/{owner}/{repo}/git/refs/{ref}', { ...config, ref: 'heads/sluice/a' })
  await expect(shaOf('heads/sluice/a')).rejects.toMatchObject({ status: 404 })
})

test('a ref is a mutex: made once, moved forward only', async () => {
  const make = () =>
    rig.bot.request('POST /repos/{owner}/{repo}/git/refs', { ...config, ref: 'refs/heads/mutex', sha: base })
  await make()
  await expect(make()).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('Reference already exists'),
  })
  const side = await rig.alice.commitFiles(repo, 'side', { 'a.txt': 'a' }, 'A')
  const other = await rig.alice.commitFiles(repo, 'other', { 'b.txt': 'b' }, 'B')
  const move = (sha: string, force?: boolean) =>
    rig.bot.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
      ...config,
      ref: 'heads/mutex',
      sha,
      ...(force ? { force } : {}),
    })
  await move(side)
  await expect(move(other)).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('not a fast forward'),
  })
  await move(other, true)
})

test('files are read, written and deleted through the contents API', async () => {
  const path = 'docs/a b.md'
  const content = Buffer.from('one').toString('base64')
  const made = await rig.bot.request('PUT /repos/{owner}/{repo}/contents/{path}', {
    ...config,
    path,
    content,
    message: 'One',
    branch: 'main',
  })
  const sha = made.data.content?.sha ?? ''
  await expect(
    rig.bot.request('PUT /repos/{owner}/{repo}/contents/{path}', {
      ...config,
      path,
      content,
      message: 'Two',
      sha: base,
    }),
  ).rejects.toMatchObject({ status: 409 })
  const read = await rig.bot.request('GET /repos/{owner}/{repo}/contents/{path}', { ...config, path })
  expect(read.data).toMatchObject({ type: 'file', path, sha, encoding: 'base64' })
  const folder = await rig.bot.request('GET /repos/{owner}/{repo}/contents/{path}', { ...config, path: 'docs' })
  expect(folder.data).toMatchObject([{ path, type: 'file' }])
  await rig.bot.request('DELETE /repos/{owner}/{repo}/contents/{path}', { ...config, path, sha, message: 'Away' })
  await expect(rig.bot.request('GET /repos/{owner}/{repo}/contents/{path}', { ...config, path })).rejects.toMatchObject(
    { status: 404 },
  )
})

test('comments are made, edited, reacted to once, found by time, and removed', async () => {
  await rig.alice.commitFiles(repo, 'talk', { 't.txt': 't' }, 'T')
  const issue_number = await rig.alice.openPull({ repo, title: 'Talk', head: 'talk', base: 'main' })
  const { data } = await rig.bot.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...config,
    issue_number,
    body: 'hello',
  })
  expect(data).toMatchObject({ user: { id: rig.forge.app.botId }, performed_via_github_app: { id: rig.forge.app.id } })
  const comment = { ...config, comment_id: Number(data.id) }
  await rig.bot.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...comment, body: 'edited' })
  const react = () =>
    rig.bot.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
      ...comment,
      content: 'eyes',
    })
  expect([(await react()).status, (await react()).status]).toEqual([201, 200])
  const reactions = await rig.bot.request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', comment)
  expect(reactions.data.map(({ content }) => content)).toEqual(['eyes'])
  expect((await rig.bot.request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', comment)).data.body).toBe(
    'edited',
  )
  const since = (at: number) =>
    rig.bot.request('GET /repos/{owner}/{repo}/issues/comments', { ...config, since: new Date(at).toISOString() })
  expect((await since(Date.now() - 60_000)).data.map(({ body }) => body)).toEqual(['edited'])
  expect((await since(Date.now() + 60_000)).data).toEqual([])
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...config, issue_number }))
      .data,
  ).toHaveLength(1)
  await expect(rig.reader.editComment(repo, Number(data.id), 'mine now')).rejects.toMatchObject({ status: 403 })
  await rig.bot.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', comment)
  const closed = await rig.alice.closePull(repo, issue_number)
  expect(closed).toBeUndefined()
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/issues/{issue_number}', { ...config, issue_number })).data
      .closed_by?.login,
  ).toBe('alice')
})

test('checks, suites and statuses tell who reported them', async () => {
  const ci = rig.forge.createBot('ci[bot]')
  rig.forge.setRole('acme', 'config', 'ci[bot]', 'write')
  await asPerson(rig.forge.apiUrl, ci.token).reportCheck(repo, base, 'sluice', 'success')
  const run = await rig.bot.request('POST /repos/{owner}/{repo}/check-runs', {
    ...config,
    name: 'sluice',
    head_sha: base,
    status: 'in_progress',
    output: { title: 'Waiting', summary: 'for you' },
  })
  const id = { ...config, check_run_id: run.data.id }
  await rig.bot.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', { ...id, conclusion: 'success' })
  expect((await rig.bot.request('GET /repos/{owner}/{repo}/check-runs/{check_run_id}', id)).data).toMatchObject({
    status: 'completed',
    conclusion: 'success',
    output: { title: 'Waiting' },
  })
  const runs = await rig.bot.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', { ...config, ref: base })
  expect(runs.data.check_runs.map((one) => one.app?.id)).toEqual([rig.forge.app.id, ci.id])
  const suites = await rig.bot.request('GET /repos/{owner}/{repo}/commits/{ref}/check-suites', { ...config, ref: base })
  expect(suites.data.check_suites.map((one) => one.status)).toEqual(['completed', 'completed'])
  await rig.alice.setStatus(repo, base, 'pending', 'build')
  await rig.alice.setStatus(repo, base, 'success', 'build')
  const combined = await rig.bot.request('GET /repos/{owner}/{repo}/commits/{ref}/status', { ...config, ref: base })
  expect(combined.data).toMatchObject({ state: 'success', total_count: 1 })
  const statuses = await rig.bot.request('GET /repos/{owner}/{repo}/commits/{ref}/statuses', { ...config, ref: base })
  expect(statuses.data.map(({ state, creator }) => `${state} ${creator?.login}`)).toEqual([
    'success alice',
    'pending alice',
  ])
})

test('people, teams and roles are answered by what they are', async () => {
  const role = async (username: string) =>
    (await rig.bot.request('GET /repos/{owner}/{repo}/collaborators/{username}/permission', { ...config, username }))
      .data
  expect(await role('olga')).toMatchObject({
    permission: 'admin',
    role_name: 'admin',
    user: { permissions: { admin: true } },
  })
  rig.forge.setRole('acme', 'config', 'bob', 'maintain')
  expect(await role('bob')).toMatchObject({
    permission: 'write',
    role_name: 'maintain',
    user: { permissions: { maintain: true, admin: false } },
  })
  rig.forge.setRole('acme', 'config', 'bob', 'write')
  const team = { org: 'acme', team_slug: 'payments' }
  expect((await rig.bot.request('GET /orgs/{org}/teams/{team_slug}', team)).data.members_count).toBe(1)
  expect((await rig.bot.request('GET /orgs/{org}/teams', { org: 'acme' })).data).toHaveLength(1)
  expect(
    (await rig.bot.request('GET /orgs/{org}/teams/{team_slug}/members', team)).data.map(({ login }) => login),
  ).toEqual(['alice'])
  const membership = (username: string) =>
    rig.bot.request('GET /orgs/{org}/teams/{team_slug}/memberships/{username}', { ...team, username })
  expect((await membership('alice')).data.state).toBe('active')
  await expect(membership('bob')).rejects.toMatchObject({ status: 404 })
  expect(
    (await rig.bot.request('GET /orgs/{org}/memberships/{username}', { org: 'acme', username: 'olga' })).data.role,
  ).toBe('admin')
  expect((await rig.bot.request('GET /orgs/{org}/members/{username}', { org: 'acme', username: 'alice' })).status).toBe(
    204,
  )
  const { data: alice } = await rig.bot.request('GET /users/{username}', { username: 'alice' })
  expect((await rig.bot.request('GET /user/{account_id}', { account_id: Number(alice.id) })).data.login).toBe('alice')
  expect(await rig.alice.request('GET', '/user')).toMatchObject({ login: 'alice', id: alice.id })
})

test('pull requests are listed, described and changed', async () => {
  await rig.alice.commitFiles(repo, 'described', { 'd.txt': 'one\ntwo\n' }, 'D')
  const pull_number = await rig.alice.openPull({ repo, title: 'D', head: 'described', base: 'main', draft: true })
  const pull = { ...config, pull_number }
  const listed = await rig.bot.request('GET /repos/{owner}/{repo}/pulls', {
    ...config,
    head: 'acme:described',
    state: 'all',
    base: 'main',
  })
  expect(listed.data.map(({ number }) => number)).toEqual([pull_number])
  const files = await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', pull)
  expect(files.data).toMatchObject([{ filename: 'd.txt', additions: 2, patch: '@@ -0,0 +1,2 @@\n+one\n+two' }])
  expect((await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', pull)).data).toHaveLength(1)
  await rig.bot.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { ...pull, title: 'E', body: 'report' })
  await expect(rig.reader.editPull(repo, pull_number, { title: 'F' })).rejects.toMatchObject({ status: 403 })
  await expect(rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/merge', pull)).rejects.toMatchObject({
    status: 404,
  })
  const query =
    'mutation ($pull: ID!) { disablePullRequestAutoMerge(input: { pullRequestId: $pull }) { clientMutationId } }'
  await expect(rig.bot.graphql(query, { pull: 'nothing' })).rejects.toThrow('Could not resolve to a node')
  const review = await rig.bob.review(repo, pull_number, 'APPROVE')
  await rig.bob.dismissReview(repo, pull_number, review, 'no')
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', pull)).data.map(
      ({ state }) => state,
    ),
  ).toEqual(['DISMISSED'])
  expect(
    (
      await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}', {
        ...pull,
        review_id: review,
      })
    ).data.user?.login,
  ).toBe('bob')
  await rig.alice.commitFiles(repo, 'aside', { 'aside.txt': 'x' }, 'Aside', { from: 'main' })
  for (const there of ['aside', 'aside', 'main']) await rig.alice.editPull(repo, pull_number, { base: there })
  const events = { ...config, issue_number: pull_number }
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/issues/{issue_number}/events', events)).data.map(
      ({ event, actor }) => `${event} by ${actor?.login}`,
    ),
  ).toEqual(['base_ref_changed by alice', 'base_ref_changed by alice'])
  await rig.alice.commitFiles(repo, 'main', { 'elsewhere.txt': 'x' }, 'X')
  await rig.bot.request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch', pull)
  expect((await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', pull)).data).toMatchObject({
    commits: 2,
    title: 'E',
    body: 'report',
    draft: true,
  })
  const ofCommit = await rig.bot.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
    ...config,
    commit_sha: await shaOf('heads/described'),
  })
  expect(ofCommit.data.map(({ number }) => number)).toEqual([pull_number])
  await rig.alice.commitFiles(repo, 'mergeable', { 'm.txt': 'm' }, 'M')
  await rig.alice.mergePull(repo, await rig.alice.openPull({ repo, title: 'M', head: 'mergeable', base: 'main' }))
})

test('an App sees its installation, its repositories, its rules, its deliveries and its rate', async () => {
  expect((await rig.app.request('GET /app')).data).toMatchObject({ id: rig.forge.app.id, installations_count: 1 })
  expect((await rig.app.request('GET /app/installations')).data.map(({ id }) => id)).toEqual([rig.installation])
  const installation = { installation_id: rig.installation }
  expect((await rig.app.request('GET /app/installations/{installation_id}', installation)).data.app_slug).toBe(
    rig.forge.app.slug,
  )
  expect((await rig.app.request('GET /repos/{owner}/{repo}/installation', config)).data.id).toBe(rig.installation)
  expect(
    (await rig.bot.request('GET /installation/repositories')).data.repositories.map(({ full_name }) => full_name),
  ).toEqual([repo])
  expect((await rig.bot.request('GET /repos/{owner}/{repo}', config)).data.default_branch).toBe('main')
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/branches', config)).data.find(({ name }) => name === 'main')
      ?.protected,
  ).toBe(true)
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/branches/{branch}', { ...config, branch: 'main' })).data.name,
  ).toBe('main')
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/commits/{ref}', { ...config, ref: 'main' })).data.parents,
  ).toHaveLength(2)
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/commits', { ...config, path: 'README.md' })).data,
  ).toHaveLength(1)
  expect(
    (await rig.bot.request('GET /repos/{owner}/{repo}/rules/branches/{branch}', { ...config, branch: 'main' })).data,
  ).toMatchObject([{ type: 'non_fast_forward', ruleset_source: repo }])
  const [ruleset] = (await rig.bot.request('GET /repos/{owner}/{repo}/rulesets', config)).data
  const whole = await rig.bot.request('GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', {
    ...config,
    ruleset_id: ruleset?.id ?? 0,
  })
  expect(whole.data).toMatchObject({ current_user_can_bypass: 'never', rules: [{ type: 'non_fast_forward' }] })
  expect(whole.data.bypass_actors).toBeUndefined()
  await rig.forge.settled()
  expect((await rig.app.request('GET /app/hook/config')).data).toMatchObject({ content_type: 'json' })
  const deliveries = (await rig.app.request('GET /app/hook/deliveries', { per_page: 100 })).data
  const failed = deliveries.find(({ status_code }) => status_code === 0)
  const delivery = { delivery_id: Number(failed?.id) }
  expect((await rig.app.request('GET /app/hook/deliveries/{delivery_id}', delivery)).data.guid).toBe(failed?.guid)
  await rig.app.request('POST /app/hook/deliveries/{delivery_id}/attempts', delivery)
  expect((await rig.bot.request('GET /rate_limit')).data.rate.limit).toBe(5000)
  const { data: second } = await rig.app.request(
    'POST /app/installations/{installation_id}/access_tokens',
    installation,
  )
  const headers = { authorization: `Bearer ${second.token}` }
  expect((await fetch(`${rig.forge.apiUrl}/installation/token`, { method: 'DELETE', headers })).status).toBe(204)
  expect((await fetch(`${rig.forge.apiUrl}/repos/${repo}`, { headers })).status).toBe(401)
})

test('every operation that is served was called above, and every answer was as GitHub describes it', () => {
  expect([...new Set(rig.forge.calls().map(({ operation }) => operation))].sort()).toEqual(servedOperations)
  expect(rig.forge.calls().filter(({ status }) => status >= 500)).toEqual([])
})
