import { describe, expect, test } from 'vitest'
import type { Sha } from '../../src/domain/ids.ts'
import { checkChain, type StateCommit } from '../../src/state/check-chain.ts'
import { type Keys, messageWithMac, type Repair, verifyMac } from '../../src/state/mac.ts'
import { aSha } from './a-state.ts'

const repository = 42
const keys: Keys = ['a key of at least thirty-two bytes!']

describe('the MAC of a state commit', () => {
  const facts = { repository, tree: aSha('tree'), parents: [aSha('parent')], repair: null }
  const message = messageWithMac('Record 2 events', keys, facts)

  test('is a trailer that verifies', () => {
    expect(message).toMatch(/^Record 2 events\n\nSluice-Mac: v1=[0-9a-f]{64}\n$/)
    expect(verifyMac(message, keys, facts)).toBe(true)
  })

  test.each([
    ['another repository', { ...facts, repository: 43 }],
    ['another tree', { ...facts, tree: aSha('other') }],
    ['another place in the line', { ...facts, parents: [aSha('other')] }],
    ['no parent', { ...facts, parents: [] }],
    ['a repair', { ...facts, repair: { accepts: aSha('parent'), inPlaceOf: null } }],
  ])('does not fit %s (T68)', (_, other) => {
    expect(verifyMac(message, keys, other)).toBe(false)
  })

  test.each(['', 'Sluice-Mac: v1=', 'Sluice-Mac: v1=00', 'Sluice-Mac: v2=', `Sluice-Mac: v1=${'0'.repeat(64)}`])(
    'is not %j (T68)',
    (trailer) => {
      expect(verifyMac(`Record 2 events\n\n${trailer}\n`, keys, facts)).toBe(false)
    },
  )

  test('of an old key is believed while the key is listed, and new commits carry the new one', () => {
    const rotated: Keys = ['the new key', ...keys]
    expect(verifyMac(message, rotated, facts)).toBe(true)
    expect(verifyMac(message, ['the new key'], facts)).toBe(false)
    expect(verifyMac(messageWithMac('x', rotated, facts), ['the new key'], facts)).toBe(true)
  })
})

describe('checkChain', () => {
  test('trusts a line of our own commits, down to the root', () => {
    const line = ourLine(4)
    expect(checkChain(line, { repository, keys })).toMatchObject({ is: 'trusted' })
    expect(checkChain(line, { repository, keys, mustDescendFrom: oidOf(line, 3) })).toMatchObject({ is: 'trusted' })
  })

  test('goes on from what was verified before', () => {
    const line = ourLine(4)
    const before = checkChain(line.slice(2), { repository, keys })
    const verified = before.is === 'trusted' ? before.verified : []
    const now = checkChain(line.slice(0, 2), { repository, keys, verified, mustDescendFrom: oidOf(line, 3) })
    expect(now).toEqual({ is: 'trusted', verified: line.map(({ oid }) => oid) })
    expect(checkChain([], { repository, keys, verified })).toMatchObject({ is: 'trusted' })
  })

  test('does not trust a branch whose beginning was not read', () => {
    expect(checkChain(ourLine(4).slice(0, 2), { repository, keys })).toMatchObject({ reason: 'state.incomplete' })
    const line = ourLine(4)
    expect(checkChain([...line.slice(0, 1), ...line.slice(2)], { repository, keys })).toMatchObject({
      reason: 'state.incomplete',
    })
  })

  test('a branch that never was is new, one that is gone is untrusted (T66)', () => {
    expect(checkChain([], { repository, keys })).toEqual({ is: 'new' })
    expect(checkChain([], { repository, keys, mustDescendFrom: aSha('lost') })).toMatchObject({
      is: 'untrusted',
      reason: 'state.missing',
      commit: aSha('lost'),
    })
  })

  test('a branch that was set back does not hold what the newest promotion names (T67)', () => {
    const line = ourLine(4)
    const trust = checkChain(line.slice(2), { repository, keys, mustDescendFrom: oidOf(line, 0) })
    expect(trust).toMatchObject({ is: 'untrusted', reason: 'state.rewound', commit: oidOf(line, 0) })
    expect(trust.is === 'untrusted' && trust.detail).toContain('sluice state repair')
  })

  test('a commit that is not ours, on top or within, makes it untrusted (T68)', () => {
    const line = ourLine(2)
    const forged = commitOn(line[0], 'forged', null, ['not the key'])
    const trust = { is: 'untrusted', reason: 'state.foreign-commit', commit: forged.oid }
    expect(checkChain([forged, ...line], { repository, keys })).toMatchObject(trust)
    expect(checkChain([commitOn(forged, 'ours'), forged, ...line], { repository, keys })).toMatchObject(trust)
  })

  test('the message of one of our commits does not make another ours (T68)', () => {
    const [head, ...rest] = ourLine(3)
    if (head === undefined) throw new Error('the line is empty')
    const copied = { ...commitOn(head, 'forged'), message: head.message }
    expect(checkChain([copied, head, ...rest], { repository, keys })).toMatchObject({ reason: 'state.foreign-commit' })
  })

  test('a line of another repository is foreign', () => {
    expect(checkChain(ourLine(2), { repository: 43, keys })).toMatchObject({ reason: 'state.foreign-commit' })
  })

  test('a merge is foreign, even by our key', () => {
    const [head, ...rest] = ourLine(2)
    if (head === undefined) throw new Error('the line is empty')
    const merge = signed('merge', [head.oid, aSha('elsewhere')], null)
    expect(checkChain([merge, head, ...rest], { repository, keys })).toMatchObject({ reason: 'state.foreign-commit' })
  })

  describe('after a repair', () => {
    test('believes what an operator accepted, foreign commits included', () => {
      const line = ourLine(2)
      const forged = commitOn(line[0], 'forged', null, ['not the key'])
      const repaired = commitOn(forged, 'repair', { accepts: forged.oid, inPlaceOf: null })
      const after = commitOn(repaired, 'after')
      expect(checkChain([after, repaired, forged, ...line], { repository, keys })).toMatchObject({ is: 'trusted' })
    })

    test('does not believe a forged commit above it', () => {
      const line = ourLine(2)
      const repaired = commitOn(line[0], 'repair', { accepts: oidOf(line, 0), inPlaceOf: null })
      const forged = commitOn(repaired, 'forged', null, ['not the key'])
      expect(checkChain([forged, repaired, ...line], { repository, keys })).toMatchObject({
        reason: 'state.foreign-commit',
      })
    })

    test('stands for the state that was lost, now and in later checks', () => {
      const lost = aSha('lost')
      const repaired = commitOn(undefined, 'repair', { accepts: null, inPlaceOf: lost })
      const first = checkChain([repaired], { repository, keys, mustDescendFrom: lost })
      expect(first).toMatchObject({ is: 'trusted' })
      const verified = first.is === 'trusted' ? first.verified : []
      const next = commitOn(repaired, 'next')
      expect(checkChain([next], { repository, keys, mustDescendFrom: lost, verified })).toMatchObject({ is: 'trusted' })
      expect(checkChain([repaired], { repository, keys, mustDescendFrom: next.oid })).toMatchObject({
        reason: 'state.rewound',
      })
    })

    test('cannot be made by somebody without the key', () => {
      const line = ourLine(2)
      const forged = commitOn(line[0], 'forged', { accepts: oidOf(line, 0), inPlaceOf: null }, ['not the key'])
      expect(checkChain([forged, ...line], { repository, keys })).toMatchObject({ reason: 'state.foreign-commit' })
    })
  })
})

/** Newest first. */
function ourLine(length: number): readonly StateCommit[] {
  const line: StateCommit[] = []
  for (let index = 0; index < length; index += 1) line.unshift(commitOn(line[0], `commit ${index}`))
  return line
}

const commitOn = (
  parent: StateCommit | undefined,
  name: string,
  repair: Repair | null = null,
  by: Keys = keys,
): StateCommit => signed(name, parent === undefined ? [] : [parent.oid], repair, by)

function signed(name: string, parents: readonly Sha[], repair: Repair | null, by: Keys = keys): StateCommit {
  const tree = aSha(`tree of ${name}`)
  return {
    oid: aSha(`${name} on ${parents}`),
    tree,
    parents,
    message: messageWithMac(name, by, { repository, tree, parents, repair }),
  }
}

function oidOf(line: readonly StateCommit[], index: number): Sha {
  const commit = line[index]
  if (commit === undefined) throw new Error(`no commit ${index}`)
  return commit.oid
}
