import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { provenBy } from '../../scripts/security-page.ts'
import { isVerb, notBuiltFlags, notBuiltVerbs } from '../../src/commands/table.ts'
import { plannedKey, plannedType } from '../../src/config/not-built-yet.ts'
import { noticeKinds } from '../../src/promotion/effects.ts'
import { variables } from '../../src/settings/variables.ts'
import { allPages, blocksOf, type Page, read, root, spansOf } from './pages.ts'

const pages = await allPages()
const readme = await read('README.md')

/** Everything that somebody might type: spans in backticks, and the lines of shell blocks. */
const typed = (page: Page): readonly string[] => [
  ...spansOf(page),
  ...['sh', 'bash', ''].flatMap((language) => blocksOf(page, language).flatMap(({ code }) => code.split('\n'))),
]

/** What is wrong, page by page, so that one run shows all of it. */
const complaints = (wordsOf: (page: Page) => readonly string[], isRight: (word: string, page: Page) => boolean) =>
  pages.flatMap((page) =>
    wordsOf(page)
      .filter((word) => !isRight(word, page))
      .map((word) => `${page.path}: ${word}`),
  )

const firstWord = (shape: RegExp) => (page: Page) => typed(page).flatMap((text) => shape.exec(text)?.[1] ?? [])

describe('the documentation names only what there is', () => {
  test('npm scripts', async () => {
    const { scripts } = JSON.parse(await read('package.json'))
    const named = (page: Page) =>
      typed(page).flatMap((text) => [...text.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name))
    expect(complaints(named, (name) => Object.hasOwn(scripts, name))).toEqual([])
  })

  test('commands of the command line', async () => {
    const known = await commandsOfCli()
    const named = firstWord(/^(?:sluice|npm run sluice --|npx --no-install sluice) ([a-z][\w-]*)/)
    expect(complaints(named, (name) => known.includes(name))).toEqual([])
  })

  test('commands of comments', () => {
    expect(complaints(firstWord(/^\/sluice ([a-z]+)/), (verb) => isVerb(verb) || notBuiltVerbs.has(verb))).toEqual([])
  })

  test('reason codes', async () => {
    const known = await reasonCodes()
    const families = new Set([...known].map((code) => code.split('.')[0]))
    const named = (page: Page) =>
      spansOf(page).filter(
        (span) =>
          /^[a-z]+\.[a-z][a-z-]+$/.test(span) &&
          families.has(span.split('.')[0]) &&
          !/\.(?:json|md|sh|ts|yaml|yml)$/.test(span) &&
          !manifestKeys.includes(span),
      )
    expect(complaints(named, (code, page) => known.has(code) || isExample(page, code))).toEqual([])
  })

  test('settings', () => {
    const known = new Set(['SLUICE_TOOLS_DIR', ...Object.keys(variables)])
    const named = ({ text }: Page) => text.match(/\bSLUICE_[A-Z_]+[A-Z]\b/g) ?? []
    // Those of the tests are read by the tests alone, which say so where they read them.
    const isKnown = (name: string) => known.has(name.replace(/_FILE$/, '')) || name.startsWith('SLUICE_TEST_')
    expect(complaints(named, isKnown)).toEqual([])
  })

  test('files', () => {
    const shape = /^(?:src|test|scripts|docs|manifests|schemas)\/[\w./-]+$/
    const named = (page: Page) => spansOf(page).filter((span) => shape.test(span))
    expect(complaints(named, (path, page) => isExample(page, path) || existsSync(new URL(path, root)))).toEqual([])
  })

  test('no path of somebody’s machine', () => {
    const named = ({ text }: Page) => text.match(/(?<![\w.])\/(?:home|root|Users|work)\/\S*/g) ?? []
    expect(complaints(named, () => false)).toEqual([])
  })
})

/** The pages that add something name what they add. */
const isExample = ({ path }: Page, word: string): boolean =>
  path.startsWith('docs/contributing/') && /quiet|fleet|undecline/.test(word)

/** Keys of manifests, and of objects in a cluster, that read like reason codes. */
const manifestKeys = ['rollback.by', 'rollback.breaker', 'rollback.when', 'status.history']

async function reasonCodes(): Promise<ReadonlySet<string>> {
  const listed = [...(await read('docs/reasons.md')).matchAll(/^\| `([a-z.-]+)` \|/gm)].map(([, code = '']) => code)
  return new Set([...listed, ...(await codesOfFailures())])
}

/** Everything that is thrown as the fault of somebody else than us. The sandbox is no part of what is run. */
async function codesOfFailures(): Promise<ReadonlySet<string>> {
  const files = (await readdir(new URL('src/', root), { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('sandbox/'),
  )
  const sources = (await Promise.all(files.map((file) => read(`src/${file}`)))).join('\n')
  const thrown = sources.matchAll(
    /new (?:Operator|Transient|User)Error\(\s*'([a-z.-]+)'|(?:return|[?:]) '(forge\.(?:credentials|permission|suspended|not-found|refused))'/g,
  )
  return new Set([...thrown].map(([, code, translated]) => code ?? translated ?? ''))
}

async function commandsOfCli(): Promise<readonly string[]> {
  const files = (await readdir(new URL('src/cli/', root), { recursive: true })).filter((file) => file.endsWith('.ts'))
  const sources = await Promise.all(files.map((file) => read(`src/cli/${file}`)))
  return sources.flatMap((source) => [...source.matchAll(/\.command\('([\w-]+)/g)].map(([, name = '']) => name))
}

describe('the README', () => {
  test('has the two command lines', () => {
    expect(readme).toContain('npm ci && npm run demo')
    expect(readme).toContain('npm ci && npm test')
  })

  test('names everything that manifests and comments refuse as not built yet', async () => {
    const section = readme.split('## What it does not do yet')[1]?.split('\n## ')[0] ?? ''
    const source = await read('src/config/not-built-yet.ts')
    const words = [...source.matchAll(/^ {2}'?([\w-]+)'?: '/gm)].map(([, word = '']) => word)
    expect(words.every((word) => plannedKey(word) !== undefined || plannedType(word) !== undefined)).toBe(true)
    for (const word of [...words, ...notBuiltVerbs, ...notBuiltFlags]) expect(section, word).toContain(word)
  })
})

describe('CONTRIBUTING', () => {
  test('has the import table that the linter holds', async () => {
    const page = await read('CONTRIBUTING.md')
    const biome = await read('biome.json')
    const messages = [...biome.matchAll(/"src\/([a-z]+) may import ([^;."]+(?:\.ts[^;."]*)*)[;.]/g)]
    expect(messages.length).toBeGreaterThan(5)
    for (const [, folder = '', list = ''] of messages) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${folder}/\` |`)) ?? ''
      for (const name of namesIn(list)) expect(row, `the row of ${folder}`).toContain(`\`${name}`)
    }
  })
})

const namesIn = (list: string): readonly string[] =>
  list
    .replace(/ and packages$/, '')
    .split(', ')
    .filter((name) => name !== 'nothing else of src/')
    .map((name) => name.replace('/**', '/'))

describe('the page of operation', () => {
  test('lists every metric by its name, and no other', async () => {
    const source = await read('src/server/metrics.ts')
    const page = await read('docs/operate.md')
    // A histogram is asked for by its count, too.
    const names = (text: string) =>
      new Set([...text.matchAll(/\bsluice_[a-z_]+/g)].map(([name]) => name.replace(/_seconds_count$/, '_seconds')))
    expect(names(page)).toEqual(names(source))
  })

  test('says of every code of a failure who acts and what mends it, and of no other', async () => {
    const section = (await read('docs/operate.md')).split('### What its codes ask for')[1]?.split('\n## ')[0] ?? ''
    const rows = section.split('\n').filter((line) => line.startsWith('| `'))
    const told = rows.flatMap((row) =>
      [...(row.split(' | ')[0] ?? '').matchAll(/`([a-z.-]+)`/g)].map(([, code]) => code),
    )
    const thrown = await codesOfFailures()
    expect(thrown.size).toBeGreaterThan(10)
    expect(told.toSorted()).toEqual([...thrown].toSorted())
  })

  test('explains log messages that are really written', async () => {
    const section = (await read('docs/operate.md')).split('## Logs')[1]?.split('\n## ')[0] ?? ''
    const rows = section.split('\n').filter((line) => line.startsWith('| `'))
    const messages = rows.flatMap((line) =>
      [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, text]) => text),
    )
    const files = (await readdir(new URL('src/', root), { recursive: true })).filter((file) => file.endsWith('.ts'))
    const sources = (await Promise.all(files.map((file) => read(`src/${file}`)))).join('\n')
    expect(messages.length).toBeGreaterThan(3)
    expect(messages.filter((message) => !sources.includes(`'${message}'`))).toEqual([])
  })

  test('lists every kind of notice', async () => {
    const page = await read('docs/operate.md')
    const rows = (page.split('## What needs a person')[1]?.split('\n## ')[0] ?? '').split('\n').slice(2)
    const listed = rows.flatMap((row) => /^\| ([a-z]+) \| (?!on )/.exec(row)?.[1] ?? [])
    expect(listed).toEqual([...noticeKinds])
    expect(page).toContain(`| \`sluice_notifications_total\` | \`kind\`: ${noticeKinds.join(', ')} |`)
  })
})

describe('the page of security', () => {
  test('says of each id only tests whose names carry it, and hides none', async () => {
    const page = await read('docs/security.md')
    const proven = await provenBy(new URL('test/', root))
    const rows = [...page.matchAll(/^\| \*\*([TI]\d+)\*\* \| .* \| (.*) \|$/gm)]
    const claimed = new Map(
      rows.map(([, id = '', files = '']) => [id, [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)]),
    )
    for (const [id, files] of claimed)
      for (const file of files) expect(proven.get(id), `${id} by ${file}`).toContain(file)
    for (const id of proven.keys()) expect([...claimed.keys()], `a row for ${id}`).toContain(id)
  })
})
