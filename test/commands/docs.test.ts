import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { refusalReasons } from '../../src/commands/refusals.ts'
import { rightReasons } from '../../src/commands/rights.ts'
import { commands, notBuiltVerbs, verbs } from '../../src/commands/table.ts'

const page = await readFile(new URL('../../docs/commands.md', import.meta.url), 'utf8')

test('the page of commands lists every verb as the table has it', () => {
  for (const verb of verbs) expect(page).toContain(`| \`${commands[verb].usage}\` | ${commands[verb].summary} |`)
  for (const verb of notBuiltVerbs) expect(page).toContain(`\`${verb}\``)
})

test('the page of commands lists every reason why an order means nothing, and no other', async () => {
  const sources = ['plan/resolve-commands.ts', 'report/replies.ts'].map((file) =>
    readFile(new URL(`../../src/promotion/${file}`, import.meta.url), 'utf8'),
  )
  const given = [...(await Promise.all(sources)).join().matchAll(/['`](orders\.[a-z-]+)\\?['`]/g)].map(
    ([, code]) => code,
  )
  const written = [...page.matchAll(/^\| `(orders\.[a-z-]+)` \|/gm)].map(([, code]) => code)
  expect(written.toSorted()).toEqual([...new Set(given)].toSorted())
})

test('the page of commands lists every reason code, and no other', () => {
  const written = [...page.matchAll(/^\| `((?:commands|rights)\.[a-z-]+)` \|/gm)].map(([, code]) => code)
  expect(written.toSorted()).toEqual([...Object.keys(refusalReasons), ...Object.keys(rightReasons)].toSorted())
})
