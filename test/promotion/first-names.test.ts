import { expect, test } from 'vitest'
import { releaseOf } from '../../src/domain/release.ts'
import { withFirstNames } from '../../src/promotion/observe/first-names.ts'
import { ago, aWorld, hour, minute, releaseNamed, slotIs, staging, type Verb, witnessed } from './world.ts'

const named = (release: string, alias: string) => releaseOf(releaseNamed(release).parts, alias)

test('a tag that moves beside the digest gives no release another name', () => {
  const nameIn = (release: string, ...verbs: readonly Verb[]) => {
    const { snapshot } = aWorld(
      slotIs(staging, { release: { is: 'pinned', release: named(release, 'api:moved') } }),
      ...verbs,
    )
    const slot = withFirstNames(snapshot.slots, snapshot.state.folded.witnessed).get(staging)
    return slot?.release.is === 'pinned' ? slot.release.release.alias : undefined
  }
  const isOriginal = slotIs(staging, { original: named('two', 'api:first') })
  expect(nameIn('two', witnessed(staging, 'two', ago(hour), ago(minute)))).toBe('api:two')
  expect(nameIn('two', isOriginal)).toBe('api:first')
  expect(nameIn('three', isOriginal, witnessed(staging, 'two', ago(hour), ago(minute)))).toBe('api:moved')
})
