import { expect, test } from 'vitest'
import { quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'
import { endOfStory, goodEnd, tellStory } from './a-story.ts'
import { chance } from './chance.ts'
import { killAtRandom } from './kill-server.ts'
import { upsetDeliveries, upsetWrites } from './upset.ts'

const seed = 20_260_601
const stage = aStage({ applications: ['shop', 'cart', 'mail'], rules: quickRules })

// Nothing in the story moves a branch or rewrites a comment.
const writes = [
  'git/create-tree',
  'git/create-commit',
  'git/create-ref',
  'git/delete-ref',
  'pulls/create',
  'pulls/update',
  'pulls/merge',
  'checks/create',
  'checks/update',
  'issues/create-comment',
  'reactions/create-for-issue-comment',
  'git-push',
]

test('events that are lost, doubled, late, out of order and old end in the same world (T03, I7)', {
  timeout: 900_000,
}, async () => {
  const upset = upsetDeliveries(stage(), chance(seed))
  try {
    await tellStory(stage(), 'shop')
  } finally {
    await upset.stop()
  }
  for (const count of Object.values(upset.counts())) expect(count).toBeGreaterThan(5)
  await endsWell('shop')
})

test('a forge that fails before and after each write, or does not answer, ends in the same world (T13, I7)', {
  timeout: 900_000,
}, async () => {
  const upset = upsetWrites(stage(), writes)
  try {
    await tellStory(stage(), 'cart')
  } finally {
    await upset.stop()
  }
  expect(upset.left()).toEqual([])
  await endsWell('cart')
})

test('a server that is killed at any moment ends in the same world (T57, I7)', { timeout: 900_000 }, async () => {
  const killing = killAtRandom(stage(), { atMost: 6, random: chance(seed) })
  try {
    await tellStory(stage(), 'mail')
  } finally {
    await killing.stop()
  }
  expect(killing.kills()).toBeGreaterThan(3)
  await endsWell('mail')
})

/** What is said last may come a little after what the story waits for. */
async function endsWell(application: string): Promise<void> {
  await expect.poll(() => endOfStory(stage(), application), { interval: 500, timeout: 60_000 }).toEqual(goodEnd)
}
