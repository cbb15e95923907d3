import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { config, listenForWebhooks, type Received, type Rig, repo, startRig } from './rig.ts'

interface Example {
  readonly name: string
  readonly examples: readonly Record<string, unknown>[]
}
// Examples that GitHub itself sent, as Octokit collects them.
const recorded: readonly Example[] = createRequire(import.meta.url)(
  '@octokit/webhooks-examples/api.github.com/index.json',
)

let rig: Rig
let hooks: Awaited<ReturnType<typeof listenForWebhooks>>
beforeEach(async () => {
  rig = await startRig()
  hooks = await listenForWebhooks(rig.forge.app.webhookSecret)
  rig.forge.setWebhook(hooks.url)
})
afterEach(async () => {
  await rig.stop()
  await hooks.stop()
})

test('every webhook has the fields of one that GitHub sent, of the right kind', async () => {
  await everythingHappens()
  const names = new Set(hooks.received.map(({ event, action }) => `${event} ${action ?? ''}`.trim()))
  expect([...names].sort()).toEqual(expected)
  const lacking = hooks.received.flatMap((one) => lacks(one).map((path) => `${one.event} ${one.action ?? ''}: ${path}`))
  expect([...new Set(lacking)]).toEqual([])
})

const expected = [
  'check_run completed',
  'check_run created',
  'check_suite completed',
  'check_suite requested',
  'create',
  'delete',
  'installation suspend',
  'installation unsuspend',
  'installation_repositories added',
  'installation_repositories removed',
  'issue_comment created',
  'issue_comment deleted',
  'issue_comment edited',
  'pull_request auto_merge_enabled',
  'pull_request closed',
  'pull_request converted_to_draft',
  'pull_request edited',
  'pull_request opened',
  'pull_request ready_for_review',
  'pull_request reopened',
  'pull_request synchronize',
  'pull_request_review dismissed',
  'pull_request_review submitted',
  'push',
  'status',
]

async function everythingHappens(): Promise<void> {
  const { alice, bob, forge } = rig
  await alice.commitFiles(repo, 'change', { 'a.txt': 'a' }, 'A')
  const pull = await alice.openPull({ repo, title: 'A', head: 'change', base: 'main' })
  const head = await alice.commitFiles(repo, 'change', { 'a.txt': 'b' }, 'B')
  const comment = await bob.comment(repo, pull, 'one')
  await bob.editComment(repo, comment, 'two')
  await bob.deleteComment(repo, comment)
  await bob.dismissReview(repo, pull, await bob.review(repo, pull, 'APPROVE'), 'no')
  await alice.editPull(repo, pull, { title: 'B' })
  await forge.setDraft('acme', 'config', pull, true, 'alice')
  await forge.setDraft('acme', 'config', pull, false, 'alice')
  await alice.setStatus(repo, head, 'success', 'ci')
  await rig.bot.request('POST /repos/{owner}/{repo}/check-runs', {
    ...config,
    name: 'sluice',
    head_sha: head,
    conclusion: 'success',
  })
  await alice.closePull(repo, pull)
  await alice.reopenPull(repo, pull)
  await forge.enableAutoMerge('acme', 'config', pull, 'alice')
  await forge.settled()
  await alice.deleteBranch(repo, 'change')
  await forge.createRepository({ owner: 'acme', name: 'second', files: {} })
  forge.reinstall(rig.installation, ['second'])
  forge.suspend(rig.installation, true)
  forge.suspend(rig.installation, false)
  await forge.settled()
}

/** Paths of the closest example that our payload does not have, or has as something else. */
function lacks({ event, action, payload }: Received): readonly string[] {
  const examples = recorded.find(({ name }) => name === event)?.examples ?? []
  const [example] = examples.filter((one) => one.action === action || action === undefined)
  return example === undefined ? [] : differing(example, payload, '')
}

// What the sandbox has none of: enterprises and deploy keys, and what GitHub has left out of newer payloads.
const leftOut =
  /^\.(enterprise|organization|deployment)$|\.(performed_via_github_app|active_lock_reason|timeline_url|license|deployment|previous_names|state_reason|rerequestable|runs_rerequestable)$|\.permissions\.|\.installation\.(created|updated)_at$/

function differing(wanted: unknown, given: unknown, path: string): readonly string[] {
  if (leftOut.test(path) || wanted === null || given === null || Array.isArray(wanted)) return []
  if (typeof wanted !== typeof given) return [path]
  if (typeof wanted !== 'object' || typeof given !== 'object') return []
  const found = new Map(Object.entries(given as object))
  return Object.entries(wanted).flatMap(([key, value]) => differing(value, found.get(key), `${path}.${key}`))
}

test('a webhook that nobody took can be delivered again, with the same id', async () => {
  rig.forge.setWebhook('http://127.0.0.1:9/nobody')
  await rig.alice.commitFiles(repo, 'main', { 'a.txt': 'a' }, 'A')
  await rig.forge.settled()
  const lost = rig.forge.deliveries().find(({ event }) => event === 'push')
  expect(lost?.statusCode).toBe(0)
  rig.forge.setWebhook(hooks.url)
  await rig.app.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: lost?.id ?? 0 })
  await rig.forge.settled()
  expect(hooks.received.map(({ event, guid, signed }) => [event, guid, signed])).toEqual([['push', lost?.guid, true]])
})

test('a login that now names somebody else has another id', async () => {
  const id = async () => (await rig.bot.request('GET /users/{username}', { username: 'bob' })).data.id
  const before = await id()
  rig.forge.renameUser('bob', 'robert')
  rig.forge.createUser('bob')
  expect(await id()).not.toBe(before)
})
