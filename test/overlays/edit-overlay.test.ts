import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import type { Promotes } from '../../src/config/checked-config.ts'
import type { Sha } from '../../src/domain/ids.ts'
import { type Release, type ReleaseParts, releaseOf } from '../../src/domain/release.ts'
import { bringRelease, type OverlayEdits } from '../../src/overlays/edit-overlay.ts'
import { reachOf } from '../../src/overlays/reach.ts'
import { readRelease } from '../../src/overlays/read-release.ts'
import { takeBack } from '../../src/overlays/take-back.ts'
import { type Files, memoryRepository } from './memory-repository.ts'
import { digest, promotes } from './sample.ts'

const api = 'ghcr.io/acme/api'
const worker = 'ghcr.io/acme/worker'
const empty: ReleaseParts = { images: {}, trees: {}, files: {}, fields: {} }
const header = 'kind: Kustomization\nresources: [../../base]\n'
const base = { 'base/kustomization.yaml': 'resources: []\n', 'o/production/ingress.yaml': 'kind: Ingress\n' }

/** A staging and a production overlay with these files; answers what bringing staging's release to production does. */
async function promote(
  staging: Files,
  production: Files,
  what: Promotes = promotes(),
  targetImages: readonly string[] = [],
) {
  const repository = memoryRepository()
  const folder = (name: string, files: Files) =>
    Object.fromEntries(Object.entries(files).map(([path, content]) => [`o/${name}/${path}`, content]))
  const tree = repository.addTree({ ...base, ...folder('staging', staging), ...folder('production', production) })
  const at = (name: string, from: Sha = tree) => ({ reader: repository.reader, tree: from, overlay: `o/${name}` })
  const releaseIn = async (overlay: string, from: Sha = tree) =>
    readRelease(at(overlay, from), what, await reachOf(at(overlay, from)))
  const source = await releaseIn('staging')
  if (source.is !== 'pinned') throw new Error(JSON.stringify(source))
  const bring = (release: Release, from = 'staging'): Promise<OverlayEdits> =>
    bringRelease({
      reader: repository.reader,
      from: { tree, overlay: `o/${from}` },
      to: { tree, overlay: 'o/production' },
      release,
      promotes: what,
      targetImages,
    })
  const edits = await bring(source.release)
  const after = edits.is === 'edits' ? await repository.applyEdits(tree, edits.edits) : tree
  const undo = async (now: Sha = after) =>
    takeBack({ reader: repository.reader, overlay: 'o/production', promotes: what, before: tree, after, now })
  return {
    repository,
    tree,
    after,
    edits,
    release: source.release,
    releaseIn,
    bring,
    undo,
    files: await repository.filesOf(after),
  }
}

const images = (...entries: readonly string[]): string => `${header}images:\n${entries.join('')}`
const entry = (name: string, ...lines: readonly string[]): string =>
  [`  - name: ${name}`, ...lines.map((line) => `    ${line}`), ''].join('\n')

const corpusFolder = fileURLToPath(new URL('../../fixtures/overlays/kustomizations/', import.meta.url))
const corpus = readdirSync(corpusFolder).map((name) => [name, readFileSync(corpusFolder + name, 'utf8')] as const)

describe('bringing a release', () => {
  test('sets digest and tag, and leaves every other byte', async () => {
    const staging = images(entry(api, 'newTag: "1.5.0"', `digest: ${digest('c')}`))
    const production = images(
      `  # the door\n`,
      entry(api, `digest: ${digest('a')} # Sluice`, 'newTag: 1.4.2', 'newName: mirror/api'),
    )
    const { files, edits } = await promote({ 'kustomization.yaml': staging }, { 'kustomization.yaml': production })
    expect(edits).toMatchObject({ is: 'edits', changed: [{ part: `image ${api}`, value: digest('c') }] })
    const expected = production.replace(digest('a'), digest('c')).replace('1.4.2', '1.5.0')
    expect(files['o/production/kustomization.yaml']).toBe(expected)
  })

  test('what runs already is not edited', async () => {
    const same = { 'kustomization.yaml': images(entry(api, `digest: ${digest('a')}`)) }
    expect((await promote(same, same)).edits).toEqual({ is: 'edits', edits: [], changed: [] })
  })

  test('a bare tag in the target gets its digest line', async () => {
    const staging = images(entry(api, 'newTag: 1.5.0', `digest: ${digest('c')}`))
    const { files } = await promote(
      { 'kustomization.yaml': staging },
      { 'kustomization.yaml': images(entry(api, 'newTag: 1.4.2 # old')) },
    )
    expect(files['o/production/kustomization.yaml']).toBe(
      images(entry(api, 'newTag: 1.5.0 # old', `digest: ${digest('c')}`)),
    )
  })

  test('a stale tag goes where the new digest has none', async () => {
    const staging = images(entry(api, `digest: ${digest('c')}`))
    const production = images(entry(api, 'newTag: 1.4.2', `digest: ${digest('a')}`))
    const { files } = await promote({ 'kustomization.yaml': staging }, { 'kustomization.yaml': production })
    expect(files['o/production/kustomization.yaml']).toBe(images(entry(api, `digest: ${digest('c')}`)))
  })

  test('a tag that YAML would read as a number is quoted', async () => {
    for (const tag of ['1.10', '0777', '1e3', 'yes', '2026-11-20', '12:30', '0x1f', 'null', '1_000']) {
      const staging = images(entry(api, `newTag: "${tag}"`, `digest: ${digest('c')}`))
      const production = images(entry(api, 'newTag: v1', `digest: ${digest('a')}`))
      const { files } = await promote({ 'kustomization.yaml': staging }, { 'kustomization.yaml': production })
      expect(files['o/production/kustomization.yaml']).toContain(`newTag: "${tag}"`)
    }
  })

  test('an image that the target does not render is refused by name', async () => {
    const staging = { 'kustomization.yaml': images(entry(api, `digest: ${digest('c')}`)) }
    const { edits } = await promote(staging, { 'kustomization.yaml': header })
    expect(edits).toMatchObject({
      is: 'unsupported',
      problem: { reason: 'release.image-unmatched', file: 'o/production/kustomization.yaml' },
    })
  })

  test('an image that the base renders gets an entry in the style of the file', async () => {
    const staging = images(
      entry(api, 'newTag: 1.5.0', `digest: ${digest('c')}`),
      entry(worker, `digest: ${digest('d')}`),
    )
    const style = (text: string) =>
      promote({ 'kustomization.yaml': staging }, { 'kustomization.yaml': text }, promotes(), [api, worker])
    expect((await style(header)).files['o/production/kustomization.yaml']).toBe(staging)
    const deep = `${header}images:\n    -   name: ${worker}\n        digest: ${digest('d')}\nnamespace: x\n`
    expect((await style(deep)).files['o/production/kustomization.yaml']).toBe(
      deep.replace(
        'namespace',
        `    -   name: ${api}\n        newTag: 1.5.0\n        digest: ${digest('c')}\nnamespace`,
      ),
    )
    const flow = `${header}images:\r\n- { name: ${worker}, digest: ${digest('d')} }`
    expect((await style(flow)).files['o/production/kustomization.yaml']).toBe(
      `${flow}\r\n- { name: ${api}, newTag: 1.5.0, digest: ${digest('c')} }`,
    )
  })

  test('what an anchor or an alias shares is never edited', async () => {
    const staging = { 'kustomization.yaml': images(entry(api, `digest: ${digest('c')}`)) }
    for (const text of [
      `${header}images: &all\n  - name: ${api}\n    digest: ${digest('a')}\n`,
      `${header}images:\n  - name: ${api}\n    digest: &d ${digest('a')}\n`,
      `${header}metadata: &m { name: ${api}, digest: "${digest('a')}" }\nimages:\n  - *m\n`,
      `${header}metadata: &m { digest: "${digest('a')}" }\nimages:\n  - { <<: *m, name: ${api} }\n`,
    ]) {
      const { edits } = await promote(staging, { 'kustomization.yaml': text })
      expect(edits, text).toMatchObject({ is: 'unsupported', problem: { reason: 'release.unspliceable' } })
    }
  })

  test('trees, files and fields travel by content', async () => {
    const what = promotes({
      images: 'none',
      trees: ['base'],
      files: ['config/flags.yaml'],
      fields: [{ file: 'release.yaml', path: 'spec.chart.version' }],
    })
    const staging = {
      'kustomization.yaml': 'resources: [base]\n',
      'base/kustomization.yaml': 'resources: []\n',
      'base/new.yaml': 'x: 1\n',
      'config/flags.yaml': 'beta: true\n',
      'release.yaml': 'spec:\n  chart:\n    version: "6.10"\n',
    }
    const production = {
      'kustomization.yaml': 'resources: [base]\n',
      'base/kustomization.yaml': 'resources: [old.yaml]\n',
      'base/old.yaml': 'x: 0\n',
      'release.yaml': "# chart\nspec:\n  chart: { name: shop, version: '6.9' }   # keep\n---\nkind: Other\n",
    }
    const done = await promote(staging, production, what)
    expect(done.edits.is === 'edits' && done.edits.changed.map(({ part }) => part)).toEqual([
      'field release.yaml#spec.chart.version',
      'tree base',
      'file config/flags.yaml',
    ])
    expect(done.files['o/production/release.yaml']).toBe(production['release.yaml'].replace('6.9', '6.10'))
    expect(done.files['o/production/base/new.yaml']).toBe('x: 1\n')
    expect(done.files['o/production/base/old.yaml']).toBeUndefined()
    expect(done.files['o/production/config/flags.yaml']).toBe('beta: true\n')
    expect(await done.releaseIn('production', done.after)).toEqual(await done.releaseIn('staging'))
    const back = await done.undo()
    expect(back.is === 'edits' && (await done.repository.applyEdits(done.after, back.edits))).toBe(done.tree)
  })

  test('a field that the target does not have, or that is no single value, is refused', async () => {
    const what = promotes({ images: 'none', fields: [{ file: 'r.yaml', path: 'a.b' }] })
    const staging = { 'kustomization.yaml': 'resources: []\n', 'r.yaml': 'a: { b: 1 }\n' }
    const reason = async (text: string) => {
      const { edits } = await promote(staging, { 'kustomization.yaml': 'resources: []\n', 'r.yaml': text }, what)
      return edits.is === 'unsupported' ? edits.problem.reason : 'edits'
    }
    expect(await reason('a: {}\n')).toBe('release.field-unmatched')
    expect(await reason('a: { b: [1] }\n')).toBe('release.field-not-scalar')
    expect(await reason('a: { b: 2 }\n---\na: { b: 3 }\n')).toBe('release.ambiguous-field')
    expect(await reason('a:\n  b: |\n    text\n')).toBe('release.unspliceable')
    expect(await reason('a: { b: 2 }\n')).toBe('edits')
  })
})

describe('strongest test 5: the corpus', () => {
  test.each(corpus)('%s: only the digests and tags change, and they come back', async (_, text) => {
    const staging = images(
      entry(api, 'newTag: "9.9"', `digest: ${digest('c')}`),
      entry(worker, `digest: ${digest('d')}`, 'newTag: v9'),
    )
    const done = await promote({ 'kustomization.yaml': staging }, { 'kustomization.yaml': text })
    expect(done.edits).toMatchObject({ is: 'edits', changed: [{ value: digest('c') }, { value: digest('d') }] })
    const edited = done.files['o/production/kustomization.yaml'] ?? ''
    expect(withoutValues(edited)).toBe(withoutValues(text))
    expect(await done.releaseIn('production', done.after)).toMatchObject({ release: { id: done.release.id } })
    const back = await done.undo()
    expect(back.is === 'edits' && (await done.repository.applyEdits(done.after, back.edits))).toBe(done.tree)
  })
})

/** The text without what an edit may touch: values of digest and newTag, and whole lines or pairs that it may add. */
const withoutValues = (text: string): string =>
  text
    .replace(/, (?:digest|newTag): ("[^"]*"|'[^']*'|[^,} \r\n]+)/g, '')
    .replace(/^ *(?:digest|newTag): ("[^"]*"|'[^']*'|[^ \r\n]+)\r?\n/gm, '')
    .replace(/(digest|newTag): ("[^"]*"|'[^']*'|[^ ,}\r\n]+)/g, '$1: _')
    .trimEnd()

describe('I5: a revert is exact', () => {
  const digests = fc.constantFrom('a', 'b', 'c', 'd').map(digest)
  const tags = fc.option(fc.constantFrom('1.4.2', '1.10', 'v2', 'yes', '0777', "it's", 'main-3f2a'), { nil: undefined })
  const quotes = fc.constantFrom('', '"', "'")
  const comments = fc.constantFrom('', ' # by hand', '   # ünïcode')
  const layouts = fc.record({
    lineBreak: fc.constantFrom('\n', '\r\n'),
    isClosed: fc.boolean(),
    isFlow: fc.boolean(),
    indent: fc.constantFrom('', '  ', '    '),
    gap: fc.constantFrom(' ', '   '),
    tail: fc.constantFrom('', 'namespace: x', '# the end'),
    mark: fc.constantFrom('', '\ufeff'),
    noise: comments,
  })
  type Layout = typeof layouts extends fc.Arbitrary<infer T> ? T : never
  const entries = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(api, worker, 'redis', 'a/b', 'c'),
      digest: fc.option(digests, { nil: undefined }),
      tag: tags,
      newName: fc.boolean(),
      quote: quotes,
      comment: comments,
      digestFirst: fc.boolean(),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
  )
  type Entries = typeof entries extends fc.Arbitrary<infer T> ? T : never

  function write(layout: Layout, list: Entries): string {
    const { lineBreak, isFlow, indent, gap, tail, mark, noise } = layout
    const quoted = (value: string, quote: string): string => {
      const needsQuotes = parseDocument(value, { version: '1.1' }).toJS() !== value || quote === '"'
      return quote === "'" ? `'${value.replaceAll("'", "''")}'` : needsQuotes ? JSON.stringify(value) : value
    }
    const item = (image: Entries[number]): string => {
      const pairs = [
        `name: ${quoted(image.name, image.quote)}`,
        ...(image.newName ? ['newName: mirror/x'] : []),
        ...(image.tag === undefined ? [] : [`newTag: ${quoted(image.tag, image.quote)}`]),
        ...(image.digest === undefined ? [] : [`digest: ${quoted(image.digest, image.quote)}`]),
      ]
      if (image.digestFirst) pairs.reverse()
      if (isFlow) return `${indent}-${gap}{ ${pairs.join(', ')} }${image.comment}`
      return pairs
        .map((pair, index) => `${indent}${index === 0 ? '-' : ' '}${gap}${pair}${image.comment}`)
        .join(lineBreak)
    }
    const lines = [
      'kind: Kustomization',
      `resources: [../../base]${noise}`,
      'images:',
      ...list.map(item),
      ...(tail === '' ? [] : [tail]),
    ]
    return mark + lines.join(lineBreak) + (layout.isClosed ? lineBreak : '')
  }

  const worlds = fc.record({ layout: layouts, production: entries, staging: entries.map(pinned) })

  function pinned(list: Entries): Entries {
    return list.map((image) => ({ ...image, digest: image.digest ?? digest('e') }))
  }
  const plain: Layout = {
    lineBreak: '\n',
    isClosed: true,
    isFlow: false,
    indent: '',
    gap: ' ',
    tail: '',
    mark: '',
    noise: '',
  }
  const everything = [api, worker, 'redis', 'a/b', 'c']

  test('promotion and revert give back every byte, whatever the file looks like', async () => {
    let promoted = 0
    await fc.assert(
      fc.asyncProperty(worlds, async ({ layout, production, staging }) => {
        const done = await promote(
          { 'kustomization.yaml': write(plain, staging) },
          { 'kustomization.yaml': write(layout, production) },
          promotes(),
          everything,
        )
        if (done.edits.is === 'unsupported') {
          expect(done.edits.problem.reason).toBe('release.unspliceable')
          return
        }
        promoted += 1
        const wanted = await done.releaseIn('staging')
        const there = await done.releaseIn('production', done.after)
        if (wanted.is === 'pinned' && there.is === 'pinned')
          expect(there.release.parts.images).toMatchObject(wanted.release.parts.images)
        const back = await done.undo()
        expect(back.is).toBe('edits')
        if (back.is === 'edits')
          expect(await done.repository.filesOf(await done.repository.applyEdits(done.after, back.edits))).toEqual(
            await done.repository.filesOf(done.tree),
          )
      }),
      { numRuns: 400 },
    )
    expect(promoted).toBeGreaterThan(300)
  })

  test('what came after the promotion stays, where it touched something else', async () => {
    const staging = { 'kustomization.yaml': images(entry(api, 'newTag: "2"', `digest: ${digest('c')}`)) }
    const production = images(entry(api, `digest: ${digest('a')}`), entry(worker, `digest: ${digest('b')}`))
    const done = await promote(staging, { 'kustomization.yaml': production })
    const promoted = done.files['o/production/kustomization.yaml'] ?? ''
    const edit = (from: string, to: string) =>
      done.repository.addTree({ ...done.files, 'o/production/kustomization.yaml': promoted.replace(from, to) })
    const now = edit(digest('b'), digest('d'))
    const back = await done.undo(now)
    const files =
      back.is === 'edits' ? await done.repository.filesOf(await done.repository.applyEdits(now, back.edits)) : {}
    expect(files['o/production/kustomization.yaml']).toBe(production.replace(digest('b'), digest('d')))
    expect(await done.undo(edit(digest('c'), digest('e')))).toMatchObject({
      is: 'unsupported',
      problem: { reason: 'revert.conflict' },
    })
  })

  test('a field, a file or a folder that somebody changed since is for people (T48)', async () => {
    const what = promotes({
      images: 'none',
      fields: [{ file: 'a.yaml', path: 'spec.size' }],
      files: ['b.txt'],
      trees: ['c'],
    })
    const held = (value: string): Files => ({
      'kustomization.yaml': header,
      'a.yaml': `spec: { size: ${value} }\n`,
      'b.txt': value,
      'c/d.txt': value,
    })
    const done = await promote(held('new'), held('old'), what)
    expect((await done.undo()).is).toBe('edits')
    for (const [path, text] of [
      ['a.yaml', 'spec: { size: else }\n'],
      ['b.txt', 'else'],
      ['c/d.txt', 'else'],
      ['c/e.txt', 'else'],
    ] as const) {
      const now = done.repository.addTree({ ...done.files, [`o/production/${path}`]: text })
      expect(await done.undo(now), path).toMatchObject({ is: 'unsupported', problem: { reason: 'revert.conflict' } })
    }
  })
})

test('a release holds what promotes names, a bare tag is told with its line', async () => {
  const repository = memoryRepository()
  const read = async (text: string, what = promotes()) => {
    const tree = repository.addTree({ ...base, 'x/o/kustomization.yaml': text })
    const at = { reader: repository.reader, tree, overlay: 'x/o' }
    return readRelease(at, what, await reachOf(at))
  }
  const text = images(entry(api, 'newTag: "1.10"', `digest: ${digest('a')}`), entry(worker, `digest: ${digest('b')}`))
  expect(await read(text)).toEqual({
    is: 'pinned',
    release: releaseOf({ ...empty, images: { [api]: digest('a'), [worker]: digest('b') } }, 'api:1.10'),
  })
  expect(await read(text, promotes({ images: [worker] }))).toMatchObject({
    release: { parts: { images: { [worker]: digest('b') } } },
  })
  expect(await read(images(entry(api, 'newTag: 1.4.2')))).toEqual({
    is: 'unpinned',
    images: [{ name: api, tag: '1.4.2', file: 'x/o/kustomization.yaml', line: 4 }],
  })
  expect(await read(images(entry(api, 'digest: sha256:abc')))).toMatchObject({
    is: 'unreadable',
    problem: { reason: 'release.bad-digest', line: 4 },
  })
  expect(await read(images(entry(api), entry(api)))).toMatchObject({
    is: 'unreadable',
    problem: { reason: 'release.duplicate-image', line: 5 },
  })
  expect(await read('helmCharts: []')).toMatchObject({ is: 'unreadable', problem: { reason: 'render.helm' } })
  const tree = repository.addTree(base)
  const at = { reader: repository.reader, tree, overlay: 'gone' }
  expect(await readRelease(at, promotes(), await reachOf(at))).toEqual({ is: 'absent' })
})
