import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSealed, seal } from '../../src/promotion/seal.ts'
import { readTrailers, type Trailers, writeTrailers } from '../../src/promotion/trailers.ts'
import { contentOf, production, releaseNamed, shaOf } from './world.ts'

const trailers: Trailers = {
  ...{ kind: 'promotion', slot: production, release: releaseNamed('two').id, replaces: releaseNamed('one').id },
  ...{ takesBack: null, base: shaOf('main'), state: shaOf('state'), pull: 12, gated: contentOf(production, 'two') },
  over: null,
}
const keys = ['the key that signs, long enough'] as const
const ofCommit = { repository: 77, tree: shaOf('tree'), parents: [shaOf('main')] } as const
const message = seal(`Promote api to production\n\n${writeTrailers(trailers)}`, ofCommit, keys)

describe('trailers', () => {
  test('come back as they were written', () => {
    expect(readTrailers(`Title\n\n${writeTrailers(trailers)}`)).toEqual(trailers)
    expect(readTrailers(message)).toEqual(trailers)
  })

  test('that are not ours, or not well-formed, are none', () => {
    expect(readTrailers('Fix a typo\n\nSigned-off-by: ann')).toBeUndefined()
    expect(readTrailers(`Title\n\n${writeTrailers(trailers).replace('v1', 'v2')}`)).toBeUndefined()
    expect(readTrailers(`Title\n\n${writeTrailers(trailers).replace('promotion', 'teleport')}`)).toBeUndefined()
  })

  test('count in the last paragraph only, so that a title or body cannot bring its own', () => {
    const forged = `${writeTrailers({ ...trailers, kind: 'rollback' })}\n\n${writeTrailers(trailers)}`
    expect(readTrailers(forged)?.kind).toBe('promotion')
    expect(readTrailers(`${writeTrailers(trailers)}\n\nand one more thing`)).toBeUndefined()
  })
})

describe('the seal', () => {
  test('fits the message and what it was made for, by any of the keys', () => {
    expect(isSealed(message, ofCommit, keys)).toBe(true)
    expect(isSealed(message, ofCommit, ['a newer key of the same kind', ...keys])).toBe(true)
  })

  test('fits nothing else: another tree, parent, repository or key (T10)', () => {
    expect(isSealed(message, { ...ofCommit, tree: shaOf('another tree') }, keys)).toBe(false)
    expect(isSealed(message, { ...ofCommit, parents: [shaOf('elsewhere')] }, keys)).toBe(false)
    expect(isSealed(message, { ...ofCommit, repository: 78 }, keys)).toBe(false)
    expect(isSealed(message, { repository: 77, merges: shaOf('tree') }, keys)).toBe(false)
    expect(isSealed(message, ofCommit, ['somebody else has this key'])).toBe(false)
    expect(isSealed('Promote api to production', ofCommit, keys)).toBe(false)
  })

  test('is void by any changed character (T10, property)', () => {
    const end = message.trimEnd().length - 1
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end }), fc.constantFrom('x', 'y', '0', '1', ' ', '\n'), (at, put) => {
        fc.pre(message[at] !== put)
        const changed = `${message.slice(0, at)}${put}${message.slice(at + 1)}`
        // White space at the very end means nothing to Git either.
        fc.pre(changed.trimEnd() !== message.trimEnd())
        expect(isSealed(changed, ofCommit, keys)).toBe(false)
      }),
    )
  })
})
