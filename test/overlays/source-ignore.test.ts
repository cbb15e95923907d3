import { describe, expect, test } from 'vitest'
import { matchesGlob, parseGlob } from '../../src/overlays/glob.ts'
import { leavesOut, parseIgnoreFile } from '../../src/overlays/source-ignore.ts'

const isLeftOut = (path: string, ...files: readonly (readonly [folder: string, text: string])[]): boolean =>
  leavesOut(
    path,
    files.flatMap(([folder, text]) => parseIgnoreFile(folder, text)),
  ) !== undefined

describe('without an ignore file', () => {
  test.each([
    'logo.png',
    'apps/api/logo.jpeg',
    'apps/data.tar.gz',
    '.github/workflows/build.yaml',
    'apps/.github/CODEOWNERS',
    'cloudbuild.yaml',
    'apps/api/.sops.yaml',
    '.sops.yaml',
    'apps/.gitignore',
  ])('Flux leaves out %s', (path) => expect(isLeftOut(path)).toBe(true))

  test.each(['apps/api/deployment.yaml', 'github/a.yaml', 'apps/png', 'logo.png.yaml', '.gitlab/ci.yaml'])(
    'Flux takes %s',
    (path) => expect(isLeftOut(path)).toBe(false),
  )
})

test('an ignore file takes the place of the defaults, but for Git’s own files', () => {
  expect(isLeftOut('logo.png', ['', 'docs/'])).toBe(false)
  expect(isLeftOut('.sops.yaml', ['', 'docs/'])).toBe(false)
  expect(isLeftOut('.gitignore', ['', 'docs/'])).toBe(true)
  expect(isLeftOut('.gitignore', ['', '!.gitignore'])).toBe(false)
  expect(isLeftOut('logo.png', ['', '# only words\n\n'])).toBe(true)
})

/** Cases of fluxcd/pkg v0.18 `sourceignore/gitignore/pattern_test.go` and of its documentation; the rig plays others against Flux itself. */
test.each<[pattern: string, path: string, isLeftOut: boolean]>([
  ['docs/', 'docs/a.yaml', true],
  ['docs/', 'apps/docs/a.yaml', true],
  ['docs/', 'docs', false],
  ['/docs', 'docs/a.yaml', true],
  ['/docs', 'apps/docs/a.yaml', false],
  ['/*\n!/apps', 'apps/api/a.yaml', false],
  ['/*\n!/apps', 'clusters/a.yaml', true],
  ['*.yaml\n!apps/**', 'apps/a.yaml', false],
  ['*.yaml\n!apps/*', 'apps/a.yaml', false],
  ['*.yaml\n!apps/*', 'apps/deep/a.yaml', false],
  ['**/value/vol?ano', 'head/value/volcano', true],
  ['**/value', 'head/value/volcano', true],
  ['value/**/volcano', 'value/tail/deep/volcano', true],
  ['value/**/volcano', 'value/tail/deep/voleano', false],
  ['apps/**/', 'apps/a/b.yaml', true],
  ['apps/**', 'apps/b.yaml', true],
  ['a**b/c', 'aab/c', false],
  ['va[^ab]ue', 'value', true],
  ['va[^l-n]ue', 'value', false],
  ['va[!l]ue', 'value', true],
  ['va[l', 'value', false],
  ['a.yaml   ', 'a.yaml', true],
  ['a\\ ', 'a ', true],
  [' a.yaml', 'a.yaml', false],
  ['#a.yaml', '#a.yaml', false],
  ['\\#a.yaml', '#a.yaml', true],
  ['!', 'a.yaml', false],
  ['**', 'apps/a.yaml', true],
  ['head/v?lue/\r', 'head/value/a.yaml', true],
])('%j and %s: %s', (pattern, path, expected) => {
  expect(isLeftOut(path, ['', pattern])).toBe(expected)
})

test('an ignore file speaks of what lies below it, and a deeper one has the last word', () => {
  expect(isLeftOut('apps/api/a.yaml', ['apps', '/api/'])).toBe(true)
  expect(isLeftOut('other/api/a.yaml', ['apps', '/api/'])).toBe(false)
  expect(isLeftOut('apps/api/a.yaml', ['', '*.yaml'], ['apps/api', '!a.yaml'])).toBe(false)
  expect(isLeftOut('apps/api/b.yaml', ['', '*.yaml'], ['apps/api', '!a.yaml'])).toBe(true)
})

test('T22 a pattern made to be slow is not', () => {
  const glob = parseGlob(`${'*a'.repeat(2_000)}*b`)
  const began = performance.now()
  expect(matchesGlob(glob ?? [], 'a'.repeat(20_000))).toBe(false)
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('a character is a character, also beyond the first plane', () => {
  expect(matchesGlob(parseGlob('?.yaml') ?? [], '🌊.yaml')).toBe(true)
  expect(matchesGlob(parseGlob('[🌊-🌍].yaml') ?? [], '🌊.yaml')).toBe(true)
})
