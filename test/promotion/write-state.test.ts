import { expect, test } from 'vitest'
import type { Sha } from '../../src/domain/ids.ts'
import { writeState } from '../../src/promotion/apply/write-state.ts'
import type { EffectOf } from '../../src/promotion/effects.ts'
import { memoryGit } from '../fakes/memory-git.ts'
import { at, event, taken } from '../state/a-state.ts'
import { aWorld } from './world.ts'

test('what is on record stays as it is, and is not written again: two processes in one round leave one event (I7)', async () => {
  const git = memoryGit()
  const push = async (branch: string, commit: Sha, expected: Sha | null) => {
    if ((git.branches.get(branch) ?? null) !== expected) return 'lost-race'
    git.branches.set(branch, commit)
    return 'done'
  }
  const { repository, us } = aWorld().snapshot
  const ports = {
    git: { ...git, push } as never,
    repository,
    us,
    stateKeys: ['a state key'],
    now: () => at(1),
  } as const
  const record = (events: EffectOf<'write-state'>['events'], expected: Sha | null) =>
    writeState(ports, { kind: 'write-state', urgency: 0, events, expect: expected })
  const head = () => git.branches.get('sluice/state') ?? null

  const genesis = event({ kind: 'genesis', at: at(0), base: '0123456789012345678901234567890123456789' as Sha })
  const freeze = taken(0, { verb: 'freeze', environment: 'production', forMs: null, reason: null }, {})
  expect(await record([genesis], null)).toMatchObject({ is: 'done' })
  const first = head()
  expect(await record([genesis], first)).toEqual({ is: 'already-so' })
  expect(head()).toBe(first)

  expect(await record([genesis, freeze], first)).toMatchObject({ is: 'done' })
  expect(await record([freeze], first)).toMatchObject({ is: 'lost-race' })
  const changes = await git.changes(first as Sha, head() as Sha)
  expect(changes).toMatchObject([{ path: expect.stringContaining(freeze.id) }])
})
