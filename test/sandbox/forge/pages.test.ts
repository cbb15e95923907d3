import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderMarkdown } from '../../../src/sandbox/forge/pages/markdown.ts'
import { config, type Rig, repo, startRig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.stop())

const flat = (text: string) =>
  renderMarkdown(text)
    .replaceAll(/\n+(?=<\/?(?:details|p|ul))/g, '')
    .trim()

test.each([
  ['a heading', '## Gates', '<h2>Gates</h2>'],
  [
    'emphasis, code and a link',
    '**a** *b* `c|d` [e](https://x.test/)',
    '<p><strong>a</strong> <em>b</em> <code>c|d</code> <a href="https://x.test/" rel="nofollow">e</a></p>',
  ],
  ['a nested list', '- a\n  - b\n- c', '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>'],
  [
    'a table',
    '| a | b |\n|---|--:|\n| `1\\|2` | 3 |',
    '<table><thead><tr><th class="left">a</th><th class="right">b</th></tr></thead><tbody><tr><td class="left"><code>1|2</code></td><td class="right">3</td></tr></tbody></table>',
  ],
  [
    'a fold',
    '<details><summary>More</summary>\n\ntext\n\n</details>',
    '<details><summary>More</summary><p>text</p></details>',
  ],
  [
    'a fold that nobody closes',
    '<details>\n\n</details></details>\n<details>',
    '<details></details><details></details>',
  ],
  ['a quote', '> a\n> b', '<blockquote><p>a<br>\nb</p></blockquote>'],
  ['an alert', '> [!WARNING]\n> a', '<div class="alert warning"><p class="alert-title">Warning</p><p>a</p></div>'],
  [
    'a diff',
    '```diff\n-a\n+b\n```',
    '<pre><code><span class="line removed">-a</span>\n<span class="line added">+b</span></code></pre>',
  ],
  ['a hidden marker', '<!-- sluice:v1 -->\ntext', '<p>text</p>'],
  ['escaped signs and entities', '\\*a\\* &lt;b&gt;', '<p>*a* &lt;b&gt;</p>'],
])('Markdown: %s', (_, text, html) => {
  expect(flat(text)).toBe(html)
})

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[a](javascript:alert(1))',
  '`</code><script>`',
  '```\n</code></pre><script>\n```',
  '[a](https://x.test/"onclick="alert(1))',
  '<details onclick=x><summary><script></summary>',
  '| <script> |\n|---|',
])('no script gets through: %s', (text) => {
  expect(flat(text)).not.toMatch(/<script|<img|href="javascript|" ?onclick=|<details on/)
})

test('a pull request can be read: title, report, reviews, checks, commits and the diff, all escaped', async () => {
  const head = await rig.alice.commitFiles(repo, 'change', { 'apps/<b>.yaml': 'a: <script>\n' }, 'Add <i>')
  const pull = await rig.alice.openPull({ repo, title: '<script>', head: 'change', base: 'main', body: '# Report' })
  await rig.bob.review(repo, pull, 'APPROVE', 'Looks **good**')
  await rig.bob.comment(repo, pull, '/sluice status')
  const check = await rig.bot.request('POST /repos/{owner}/{repo}/check-runs', {
    ...config,
    name: 'sluice',
    head_sha: head,
    status: 'in_progress',
    output: { title: 'Waits for approval', summary: '## Why' },
  })
  const page = await read(`/${repo}/pull/${pull}`)
  for (const part of [
    '<h1>Report</h1>',
    'Looks <strong>good</strong>',
    '/sluice status',
    'Waits for approval',
    'Add &lt;i&gt;',
    'apps/&lt;b&gt;.yaml',
    '+a: &lt;script&gt;',
  ])
    expect(page).toContain(part)
  expect(page).not.toContain('<script')
  expect(await read(`/${repo}/runs/${check.data.id}`)).toContain('<h2>Why</h2>')
  expect(await read(`/${repo}`)).toContain(`/${repo}/pull/${pull}`)
  expect(await read(`/${repo}/tree/main/apps/shop/base/kustomization.yaml`)).toContain('resources: []')
  expect(await read(`/${repo}/commit/${head}`)).toContain('1 file changed')
  expect(await read('/')).toContain(repo)
  expect((await fetch(`${rig.forge.url}/${repo}/pull/99`)).status).toBe(404)
})

const read = async (path: string) => (await fetch(rig.forge.url + path)).text()
