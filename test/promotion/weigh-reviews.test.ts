import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/person.ts'
import type { Forge } from '../../src/ports/forge/forge.ts'
import type { Review } from '../../src/ports/forge/reviews.ts'
import { weighReviews } from '../../src/promotion/gather/weigh-reviews.ts'
import { ann, minute, now, sam, shaOf } from './world.ts'

const head = shaOf('head')
const later = (minutes: number) => (now + minutes * minute) as typeof now
const reviewed = (by: Person, is: Review['is'], minutes: number): Review => ({ by, is, head, at: later(minutes) })

/** What counts as whose, and whether it is of this head for this branch. */
async function weighed(reviews: readonly Review[], retargeted: number | 'never' | 'unasked') {
  const forge = {
    reviews: {
      list: async () => reviews,
      retargetedAt: async () => {
        if (retargeted === 'unasked') throw new Error('a request that nobody needs')
        return retargeted === 'never' ? null : later(retargeted)
      },
    },
    people: { role: async () => 'write', isMember: async () => true },
  }
  const found = await weighReviews(forge as unknown as Forge, 7, ['acme/sre'])
  return found.map(({ by, is, head: of }) => `${by.login} ${is}${of === head ? '' : ' of another difference'}`)
}

test('an approval counts for what it was given for: the head, and the branch that it was to go to (T61)', async () => {
  const reviews = [reviewed(ann, 'approved', 1), reviewed(sam, 'approved', 3)]
  expect(await weighed(reviews, 'never')).toEqual(['ann approved', 'sam approved'])
  expect(await weighed(reviews, 2)).toEqual(['ann approved of another difference', 'sam approved'])
  // The forge tells whole seconds: within the same one nobody knows which came first.
  expect(await weighed(reviews, 3)).toEqual([
    'ann approved of another difference',
    'sam approved of another difference',
  ])
})

test('what was approved anew counts, and an objection stands whatever became of the branch', async () => {
  expect(await weighed([reviewed(ann, 'approved', 1), reviewed(ann, 'approved', 3)], 2)).toEqual(['ann approved'])
  const against = [reviewed(ann, 'changes-requested', 1)]
  expect(await weighed(against, 'unasked')).toEqual(['ann changes-requested'])
})

test('a group of which the forge does not tell holds nobody, and is named as unknown', async () => {
  const forge = {
    reviews: { list: async () => [reviewed(sam, 'approved', 1)], retargetedAt: async () => null },
    people: {
      role: async () => 'write',
      isMember: async (group: string) => (group === 'acme/gone' ? undefined : false),
    },
  }
  const found = await weighReviews(forge as unknown as Forge, 7, ['acme/gone', 'acme/sre'])
  expect(found).toMatchObject([{ groups: [], unknownGroups: ['acme/gone'] }])
})
