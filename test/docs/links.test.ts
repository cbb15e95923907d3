import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { allPages, type Page, root } from './pages.ts'

const pages = await allPages()

test('every relative link of the documentation leads somewhere', async () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, link })))
  const judged = await Promise.all(links.map(async (one) => ({ ...one, ok: await leadsSomewhere(one.page, one.link) })))
  expect(judged.filter(({ ok }) => !ok).map(({ page, link }) => `${page.path} → ${link}`)).toEqual([])
})

/** Of Markdown and of the HTML that shows pictures; addresses are left to those who own them. */
const linksOf = ({ text }: Page): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
    .map(([, markdown, html]) => markdown ?? html ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))

async function leadsSomewhere(page: Page, link: string): Promise<boolean> {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? new URL(page.path, root) : new URL(path, new URL(page.path, root))
  if (!existsSync(target)) return false
  return anchor === undefined || anchorsOf(await readFile(target, 'utf8')).includes(anchor)
}

/** As GitHub makes them: lower case, spaces to hyphens, without other signs. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
