import { expect, test } from 'vitest'
import { codeIn, firstLines, openReasons, readReport, sentenceIn } from '../../src/demo/read-report.ts'

const report = `**Waits** for \`soaked\`. Can be unblocked by \`acme/sre\`.

| gate | verdict | who can unblock it | next look |
| - | - | - | - |
| ✅ \`state\` | Nothing holds it. (\`state.clear\`) | | |
| ⏳ \`soaked\` | Healthy in dev for 2s of 10s. (\`upstream.soaking\`) | | 2026-11-20 23:00:00 UTC |
| ❌ \`signed\` | Not signed: 127.0.0.1:1/acme/api@\u{200B}sha256:00. (\`signature.unsigned\`) | | |

\`\`\`diff
# apps/v1 Deployment production/web (changed; workload)
   name: web
-  replicas: 2
+  replicas: 5
\`\`\`
`

test('a report is read as a person reads it: the headline, the gates with their codes, and what changes', () => {
  const read = readReport(report)

  expect(read.headline).toBe('Waits for soaked. Can be unblocked by acme/sre.')
  expect(read.gates.map(({ name, is }) => `${name} ${is}`)).toEqual(['state pass', 'soaked wait', 'signed fail'])
  expect(read.gates.at(-1)?.says).toBe('Not signed: 127.0.0.1:1/acme/api@sha256:00.')
  expect(openReasons(read)).toEqual(['upstream.soaking', 'signature.unsigned'])
  expect(read.difference).toEqual([
    '# apps/v1 Deployment production/web (changed; workload)',
    '-  replicas: 2',
    '+  replicas: 5',
  ])
})

test('a refusal is read apart from its code', () => {
  const reply = '**Not done.** It takes `write`. (`rights.role`)\n\n<!-- sluice:reply:7 -->'

  expect(codeIn(reply)).toBe('rights.role')
  expect(sentenceIn(reply)).toBe('It takes write.')
})

test('what is no report has no gates and changes nothing', () => {
  expect(readReport('')).toEqual({ headline: '', gates: [], difference: [] })
})

test('the beginning of an answer is told without its markup and its blank lines', () => {
  const reply = '**api** in `production` is well.\n\n- Next: nothing\n\n<!-- sluice:reply:7 -->'

  expect(firstLines(reply, 2)).toEqual(['api in production is well.', '- Next: nothing'])
})
