import { readdir, readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { reasonFamilies } from '../../scripts/reasons-page.ts'
import { jsonSchemas } from '../../src/config/json-schemas.ts'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import { application, environment, publicKey } from './manifests.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFile(new URL(path, root), 'utf8')

describe('what is generated', () => {
  test.each([...jsonSchemas()])('schemas/%s is as the source says', async (name, schema) => {
    expect(JSON.parse(await read(`schemas/${name}`))).toEqual(schema)
  })

  test.each(reasonFamilies)('docs/reasons.md lists every code: $title', async ({ codes }) => {
    const page = await read('docs/reasons.md')
    for (const code of Object.keys(codes)) expect(page).toContain(`| \`${code}\` |`)
  })

  test('the JSON Schemas accept what the parser accepts, and know no other keys', () => {
    const validate = new Ajv2020({ strict: false }).compile(jsonSchemas().get('sluice.json') ?? false)
    const plain = (text: string): unknown => parseAllDocuments(text)[0]?.toJS()
    expect(validate(plain(environment('dev')))).toBe(true)
    expect(validate(plain(application('*')))).toBe(true)
    expect(validate(plain(environment('dev', { colour: 'red' })))).toBe(false)
  })
})

describe('every manifest in the documentation', async () => {
  const pages = (await readdir(new URL('docs/', root), { recursive: true })).filter((name) => name.endsWith('.md'))
  const blocks = await Promise.all(pages.map(async (page) => blocksOf(page, await read(`docs/${page}`))))

  test.each(blocks.flat())('is right: %s', (_name, yaml) => {
    const files = new Map([
      ['.sluice/docs.yaml', yaml],
      ['.sluice/keys/build.pub', publicKey.toString()],
    ])
    expect(parseManifests(files, { repositoryName: 'shop' }).diagnostics).toEqual([])
  })
})

/** Whole manifests as they stand, and the lists of gates on the gates' pages within an environment. */
function blocksOf(page: string, text: string): readonly (readonly [string, string])[] {
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  return blocks.flatMap((block, at) => {
    const name = `${page} ${at + 1}`
    if (block.startsWith('gates:')) return [[name, inEnvironment(block)] as const]
    return block.includes('apiVersion: sluice.dev/') ? [[name, block] as const] : []
  })
}

const inEnvironment = (block: string): string =>
  `${environment('dev')}---\n${environment('live', { promotesFrom: '[dev]' })}${block.replace(/^/gm, '  ').trimEnd()}\n`
