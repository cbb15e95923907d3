import { beforeEach, expect, test } from 'vitest'
import type { Sha } from '../../src/domain/ids.ts'
import { observeState, type StateMemory } from '../../src/promotion/observe/state.ts'
import { encodeEvent, eventPath, snapshotOf, snapshotPath } from '../../src/state/event-files.ts'
import type { StateEvent } from '../../src/state/events.ts'
import { type Keys, messageWithMac, type Repair } from '../../src/state/mac.ts'
import { type MemoryGit, memoryGit } from '../fakes/memory-git.ts'
import { at, event, taken } from '../state/a-state.ts'

const repository = 77
const keys: Keys = ['a key of at least thirty-two bytes!']
const genesis = event({ kind: 'genesis', at: at(0), base: '0123456789012345678901234567890123456789' as Sha })
const freeze = taken(10, { verb: 'freeze', environment: 'production', forMs: null, reason: 'audit' }, {})
const resumed = taken(20, { verb: 'resume', environment: 'staging' }, {})

let git: MemoryGit
beforeEach(() => {
  git = memoryGit()
})

/** A commit of ours on the state branch: these events beside those that are there. */
async function record(onto: Sha | null, events: readonly StateEvent[], repair: Repair | null = null): Promise<Sha> {
  const edits = new Map<string, { readonly oid: Sha }>()
  for (const one of events)
    edits.set(eventPath(one), { oid: await git.writeBlob(new TextEncoder().encode(encodeEvent(one))) })
  return commit(await git.writeTree(onto, edits), onto === null ? [] : [onto], repair)
}

const commit = (tree: Sha, parents: readonly Sha[], repair: Repair | null = null): Promise<Sha> =>
  git.writeCommit({
    ...{ tree, parents, at: at(0), author: { name: 'sluice', email: 'sluice@example.com' } },
    message: messageWithMac('Record', keys, { repository, tree, parents, repair }),
  })

const look = (head: Sha | undefined, previous: StateMemory | null = null) =>
  observeState({ git, repository, keys, at: at(60), mustDescendFrom: undefined }, head, previous)

test('T67 a process that saw more sees a rewind, also behind a repair of long ago', async () => {
  const begun = await record(null, [genesis])
  const repaired = await record(begun, [], { accepts: begun, inPlaceOf: null })
  const { branch, memory } = await look(await record(repaired, [freeze]))
  expect(branch.folded.directives).toMatchObject([{ kind: 'freeze' }])

  const rewound = await look(repaired, memory)
  expect(rewound.branch.trusted).toMatchObject({ untrusted: expect.stringContaining('does not hold the state') })
  expect(rewound.branch.folded.directives).toMatchObject([{ kind: 'freeze' }])
})

test('what an operator read and accepted since then is believed as it is', async () => {
  const begun = await record(null, [genesis])
  const { memory } = await look(await record(begun, [freeze]))
  const repaired = await look(await record(begun, [], { accepts: begun, inPlaceOf: null }), memory)
  expect(repaired.branch).toMatchObject({ trusted: true, folded: { directives: [] } })
})

test('I7 what another process recorded and put into one file between two looks is read', async () => {
  const begun = await record(null, [genesis])
  const { memory } = await look(begun)
  const frozen = await record(begun, [freeze])
  const snapshot = await git.writeBlob(new TextEncoder().encode(snapshotOf([genesis, freeze])))
  const tree = await git.writeTree(
    frozen,
    new Map([
      [snapshotPath, { oid: snapshot }],
      ['events', null],
    ]),
  )
  const seen = await look(await record(await commit(tree, [frozen]), [resumed]), memory)
  expect(seen.branch.folded.directives).toMatchObject([{ kind: 'freeze' }])
  expect([...(seen.memory?.events.keys() ?? [])].toSorted()).toEqual([genesis.id, freeze.id, resumed.id].toSorted())
  expect(seen.branch.loose).toBe(1)
})
