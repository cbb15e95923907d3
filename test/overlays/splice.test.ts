import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { releaseOf } from '../../src/domain/release.ts'
import { bringRelease } from '../../src/overlays/edit-overlay.ts'
import { applySplices } from '../../src/overlays/splice.ts'
import { memoryRepository } from './memory-repository.ts'
import { promotes } from './sample.ts'

type Leaf = { readonly path: readonly string[]; readonly value: unknown }

const keys = fc.constantFrom('a', 'b', 'c', 'key', 'spec', 'ünï', 'x-y')
const scalars = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('1.10', 'yes', "it's", 'a: b', '#', '- x', 'multi\nline', ' '),
)
const documents = fc.letrec<{ node: unknown; map: Record<string, unknown> }>((tie) => ({
  node: fc.oneof({ maxDepth: 4 }, scalars, fc.array(tie('node'), { minLength: 1, maxLength: 3 }), tie('map')),
  map: fc.dictionary(keys, tie('node'), { minKeys: 1, maxKeys: 4 }),
})).map
const styles = fc.record({
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
  defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_SINGLE' as const, 'QUOTE_DOUBLE' as const),
  lineWidth: fc.constantFrom(0, 80),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  comment: fc.constantFrom('', '# first line\n', '---\n'),
})

function leavesOf(node: unknown, path: readonly string[] = []): readonly Leaf[] {
  if (typeof node !== 'object' || node === null) return [{ path, value: node }]
  return Object.entries(node).flatMap(([key, value]) => leavesOf(value, [...path, key]))
}

test('strongest test 5: in random YAML exactly the named value changes, or nothing does', async () => {
  let edited = 0
  await fc.assert(
    fc.asyncProperty(documents, styles, fc.nat(), scalars.map(String), async (value, style, nth, wanted) => {
      const { lineBreak, comment, ...options } = style
      const text = (comment + stringify(value, options)).replaceAll('\n', lineBreak)
      const leaves = leavesOf(parseDocument(text).toJS())
      const leaf = leaves[nth % leaves.length]
      if (leaf === undefined) return
      const path = leaf.path.join('.')
      const repository = memoryRepository()
      const tree = repository.addTree({ 'o/f.yaml': text })
      const result = await bringRelease({
        reader: repository.reader,
        from: { tree, overlay: 'o' },
        to: { tree, overlay: 'o' },
        release: releaseOf({ images: {}, trees: {}, files: {}, fields: { [`f.yaml#${path}`]: wanted } }),
        promotes: promotes({ images: 'none', fields: [{ file: 'f.yaml', path }] }),
      })
      if (result.is === 'unsupported') {
        expect(result.problem.reason).toMatch(/^release\.|^render\./)
        return
      }
      const [edit] = result.edits
      if (edit === undefined) return
      edited += 1
      const after = 'text' in edit ? edit.text : ''
      const document = parseDocument(after)
      expect(document.errors).toEqual([])
      const left = leavesOf(document.toJS())
      expect(left.map((each) => each.path)).toEqual(leaves.map((each) => each.path))
      for (const [index, each] of left.entries()) {
        const before = leaves[index]
        if (before !== leaf) expect(each).toEqual(before)
        else if (typeof leaf.value === 'string') expect(each.value).toBe(wanted)
      }
      expect(commonEnds(text, after)).toBe(true)
    }),
    { numRuns: 500 },
  )
  expect(edited).toBeGreaterThan(200)
})

/** Whether two texts differ in one stretch within one value only: the same beginning and the same end, line for line. */
function commonEnds(before: string, after: string): boolean {
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let end = 0
  while (end < before.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return start + end <= before.length && !before.slice(start, before.length - end).includes('\n#')
}

test('splices apply in any order, and overlapping ones are a bug', () => {
  const splices = [
    { start: 4, end: 5, text: 'E' },
    { start: 0, end: 1, text: 'AA' },
    { start: 2, end: 2, text: '-' },
  ]
  expect(applySplices('abcdef', splices)).toBe('AAb-cdEf')
  expect(() =>
    applySplices('abc', [
      { start: 0, end: 2, text: '' },
      { start: 1, end: 3, text: '' },
    ]),
  ).toThrow('overlap')
  expect(() => applySplices('abc', [{ start: 2, end: 9, text: '' }])).toThrow('outside')
})
