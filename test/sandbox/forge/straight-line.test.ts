import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { config, listenForWebhooks, type Rig, repo, startRig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.stop())

test('an App signs in, reads, opens a pull request, and merges it after a review, and hears of it by signed webhooks', async () => {
  const hooks = await listenForWebhooks(rig.forge.app.webhookSecret)
  rig.forge.setWebhook(hooks.url)
  const { data: app } = await rig.app.request('GET /app')
  expect(app).toMatchObject({ id: rig.forge.app.id, slug: rig.forge.app.slug })

  const head = await rig.alice.commitFiles(
    repo,
    'change',
    { 'apps/shop/base/kustomization.yaml': 'resources: [a.yaml]\n' },
    'Add a',
  )
  const opened = await rig.bot.request('POST /repos/{owner}/{repo}/pulls', {
    ...config,
    title: 'Add a',
    head: 'change',
    base: 'main',
  })
  expect(opened.data).toMatchObject({
    user: { id: rig.forge.app.botId, type: 'Bot' },
    head: { sha: head },
    mergeable: null,
  })
  await rig.bob.review(repo, opened.data.number, 'APPROVE')
  const merged = await rig.bot.request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
    ...config,
    pull_number: opened.data.number,
    sha: head,
  })
  const pull = await rig.bot.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
    ...config,
    pull_number: opened.data.number,
  })
  expect(pull.data).toMatchObject({
    merged: true,
    merge_commit_sha: merged.data.sha,
    merged_by: { login: rig.forge.app.botLogin },
  })

  const clone = join(rig.dir, 'clone')
  await execa('git', ['clone', '-q', `${rig.forge.url}/${repo}.git`, clone])
  const { stdout } = await execa('git', ['log', '--format=%H %an %cn', '-1'], { cwd: clone })
  expect(stdout).toBe(`${merged.data.sha} ${rig.forge.app.botLogin} GitHub`)

  await rig.forge.settled()
  expect(hooks.received.every(({ signed }) => signed)).toBe(true)
  expect(hooks.received.map(({ event, action }) => `${event} ${action}`)).toEqual(
    expect.arrayContaining([
      'push undefined',
      'pull_request opened',
      'pull_request_review submitted',
      'pull_request closed',
    ]),
  )
  await hooks.stop()
})
