import fc from 'fast-check'
import picomatch from 'picomatch'
import { describe, expect, test } from 'vitest'
import { glob, globMatcher } from '../../src/gates/globs.ts'

const matches = (pattern: string, text: string): boolean => globMatcher([pattern])(text)

describe('a glob', () => {
  test.each([
    ['clusters/production/**', 'clusters/production/apps/api.yaml', true],
    ['clusters/production/**', 'clusters/production', false],
    ['clusters/production/**', 'clusters/production-eu/a.yaml', false],
    ['**/.sourceignore', '.sourceignore', true],
    ['**/.sourceignore', 'a/b/.sourceignore', true],
    ['**/.sourceignore', 'a/b.sourceignore', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/xb', false],
    ['ghcr.io/acme/api*', 'ghcr.io/acme/api-worker', true],
    ['ghcr.io/acme/api*', 'ghcr.io/acme/api/worker', false],
    ['ghcr.io/acme/api*', 'ghcr.io/acme-evil/api', false],
    ['apps/{api,web}/[a-c]?', 'apps/web/b7', true],
    ['apps/{api,web}/[a-c]?', 'apps/shop/b7', false],
    ['.*/x', '.sluice/x', true],
  ])('%s, and %s: %s', (pattern, text, is) => {
    expect(matches(pattern, text)).toBe(is)
  })

  const piece = fc.constantFrom('a', 'b', '-', '/', '*', '?', '**', '/**/', '**/', '/**', '{a,b}', '{a,/b}', '[ab]')
  const pattern = fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map((pieces) => pieces.join(''))
    // What no path holds, and where picomatch has ways of its own.
    .filter((text) => !/\/\/|^\/|\/$|\*{3}|[^/]\*\*|\*\*[^/]|\/\}|\{\//.test(text))
  const path = fc
    .array(fc.stringMatching(/^[ab-]{1,3}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'))

  test('matches what picomatch matches', () => {
    fc.assert(
      fc.property(pattern, path, (glob, text) => {
        const theirs = picomatch(glob, { dot: true, nonegate: true, noextglob: true, strictSlashes: true })
        expect([glob, text, matches(glob, text)]).toEqual([glob, text, theirs(text)])
      }),
      { numRuns: 5_000 },
    )
  })

  test('T22: that a stranger brings with a long name is done in the time of both together', () => {
    const hostile = '*a*a*a*a*a*a*b'
    expect(glob().safeParse(hostile).success).toBe(true)
    const startedAt = performance.now()
    expect(matches(hostile, 'a'.repeat(20_000))).toBe(false)
    expect(matches('**/a/**/a/**/a/**/a/**/b', Array(5_000).fill('a').join('/'))).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('T22: of more alternatives than anybody means is refused without being spelled out', () => {
    expect(glob().safeParse('{a,b}'.repeat(6)).success).toBe(true)
    expect(glob().safeParse('{a,b}'.repeat(40)).success).toBe(false)
  })
})
