import webhooks from '@octokit/webhooks-examples' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { intake } from '../../src/server/intake.ts'

const self = { appId: 7, botId: 99 }
const head = 'a'.repeat(40)
const repository = { id: 10, name: 'config', owner: { login: 'acme' }, default_branch: 'main' }
const common = { installation: { id: 1 }, repository, sender: { id: 5 } }
const byUs = { sender: { id: 99 } }
const pull = { number: 12, base: { ref: 'main' } }

const staleOf = (event: string, payload: object) => {
  const told = intake(event, { ...common, ...payload }, self)
  return told.is === 'stale' ? told.stale : told.is
}

describe('an event says what became stale:', () => {
  test.each([
    ['a push to the default branch', 'push', { ref: 'refs/heads/main' }, [{ is: 'refs' }]],
    ['our own merge on the default branch', 'push', { ref: 'refs/heads/main', ...byUs }, [{ is: 'refs' }]],
    ['a push to the state branch', 'push', { ref: 'refs/heads/sluice/state' }, [{ is: 'state' }]],
    [
      "somebody's push to a promotion branch",
      'push',
      { ref: 'refs/heads/sluice/promote/staging/api' },
      [{ is: 'refs' }],
    ],
    ['a deleted state branch', 'delete', { ref: 'sluice/state', ref_type: 'branch' }, [{ is: 'state' }]],
    ['a new head', 'pull_request', { action: 'synchronize', pull_request: pull }, [{ is: 'pull', pull: 12 }]],
    [
      'a pull request of ours that was opened',
      'pull_request',
      { action: 'opened', pull_request: pull, ...byUs },
      [{ is: 'pull', pull: 12 }],
    ],
    [
      'a merge',
      'pull_request',
      { action: 'closed', pull_request: { ...pull, merged: true } },
      [{ is: 'pull', pull: 12 }, { is: 'refs' }],
    ],
    [
      'a pull request that left the default branch',
      'pull_request',
      { action: 'edited', pull_request: { number: 12, base: { ref: 'dev' } }, changes: { base: {} } },
      [{ is: 'pull', pull: 12 }],
    ],
    ['a review', 'pull_request_review', { action: 'submitted', pull_request: pull }, [{ is: 'pull', pull: 12 }]],
    ['a comment', 'issue_comment', { action: 'created', issue: { pull_request: {} } }, [{ is: 'comments' }]],
    [
      'the check of another App',
      'check_run',
      { action: 'completed', check_run: { head_sha: head, app: { id: 3 } } },
      [{ is: 'checks', head }],
    ],
    [
      'our check that somebody wants again',
      'check_run',
      { action: 'rerequested', check_run: { head_sha: head, app: { id: 7 } } },
      [{ is: 'checks', head }],
    ],
    ['a status', 'status', { sha: head }, [{ is: 'checks', head }]],
    ['changed rules', 'repository_ruleset', { action: 'edited' }, [{ is: 'everything' }]],
    ['an installation', 'installation', { action: 'created' }, 'installations'],
    ['a renamed repository', 'repository', { action: 'renamed' }, 'installations'],
  ])('%s', (_, event, payload, stale) => {
    expect(staleOf(event, payload)).toEqual(stale)
  })
})

describe('an event is ignored:', () => {
  test.each([
    ['our own check', 'check_run', { action: 'created', check_run: { head_sha: head, app: { id: 7 } } }],
    ['our own comment', 'issue_comment', { action: 'created', issue: { pull_request: {} }, ...byUs }],
    ['our own report', 'pull_request', { action: 'edited', pull_request: pull, ...byUs }],
    ['our own state', 'push', { ref: 'refs/heads/sluice/state', ...byUs }],
    ['a comment on an issue', 'issue_comment', { action: 'created', issue: {} }],
    ['a label', 'pull_request', { action: 'labeled', pull_request: pull }],
    [
      'a pull request to another branch',
      'pull_request',
      { action: 'opened', pull_request: { number: 1, base: { ref: 'x' } } },
    ],
    ['a tag', 'push', { ref: 'refs/tags/v1' }],
    ['an event that nothing depends on', 'star', { action: 'created' }],
    ['a name that objects have', 'constructor', {}],
    ['a payload of another shape', 'push', { ref: 7 }],
    ['a SHA that is none', 'status', { sha: '../../x' }],
    ['no repository', 'push', { repository: undefined }],
  ])('%s', (_, event, payload) => {
    expect(staleOf(event, payload)).toBe('ignored')
  })

  test('without an installation', () => {
    expect(intake('push', { ref: 'refs/heads/main', repository }, self).is).toBe('ignored')
  })
})

describe("GitHub's own examples", () => {
  // Its declarations describe a module, Node imports the JSON itself.
  const examples = webhooks as unknown as readonly { readonly name: string; readonly examples: readonly object[] }[]

  test.each(
    examples.flatMap(({ name, examples: some }) => some.map((example, index) => [name, index, example] as const)),
  )('of %s (%i) are read without an error', (name, _, example) => {
    const told = intake(name, { ...example, installation: { id: 1 } }, self)
    expect(['stale', 'installations', 'ignored']).toContain(told.is)
    expect(told).not.toMatchObject({ why: 'the payload is not as expected' })
  })
})
