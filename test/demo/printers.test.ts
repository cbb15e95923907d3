import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { DemoEvent } from '../../src/demo/events.ts'
import { printerFor } from '../../src/demo/printers.ts'

const addresses = {
  forge: 'http://127.0.0.1:1',
  repository: 'http://127.0.0.1:1/acme/config',
  cluster: 'http://127.0.0.1:2',
  registry: 'http://127.0.0.1:3',
  server: 'http://127.0.0.1:4',
  log: '/tmp/d/server.log',
}

const story: readonly DemoEvent[] = [
  { at: 0, event: 'demo.begins', folder: '/tmp/d' },
  { at: 0.2, event: 'tools.progress', line: 'cosign 3.1.2: by go install' },
  { at: 1, event: 'tools.ready', tools: { kustomize: '5.8.1', cosign: '3.1.2' } },
  { at: 1, event: 'demo.warns', text: 'this cosign is flawed' },
  { at: 2, event: 'stage.progress', line: 'built and signed 3 images' },
  { at: 3, event: 'stage.ready', addresses, about: 'The cluster is played.', patience: { soak: '10s', settle: '2s' } },
  { at: 4, event: 'step.begins', step: 1, title: 'Somebody edits production', about: 'gates bind' },
  { at: 4.5, event: 'step.did', step: 1, who: 'ann', what: 'opens #1', link: 'http://127.0.0.1:1/acme/config/pull/1' },
  {
    at: 65.25,
    event: 'step.saw',
    step: 1,
    what: 'it waits',
    reasons: ['approvals.too-few'],
    lines: ['-  count: 2', '+  count: 5'],
  },
  { at: 66, event: 'step.ends', step: 1, title: 'Somebody edits production', ok: true, seconds: 62 },
  {
    at: 70,
    event: 'step.failed',
    step: 2,
    awaited: '#2 is merged',
    why: 'it did not come within 90 s',
    pulls: ['#2 Bring api: Waits for state.'],
    report: '**Waits** for `state`.\nmore',
    log: ['{"level":"error"}'],
    logFile: '/tmp/d/server.log',
  },
  { at: 71, event: 'demo.stays', addresses, invitations: [{ title: 'Comment:', lines: ['curl http://127.0.0.1:1'] }] },
  { at: 72, event: 'demo.done', ok: false, seconds: 72, steps: [], kept: '/tmp/d' },
]

interface Terminal {
  readonly isTTY: boolean
  readonly columns?: number
}

const printed = (flags: { json: boolean; isColourWanted: boolean } & Terminal): string => {
  let text = ''
  const print = printerFor(flags, { ...flags, write: (more) => (text += more) })
  for (const event of story) print(event)
  return text
}

describe('the narration', () => {
  const text = printed({ json: false, isColourWanted: true, isTTY: false })

  test('tells each event with its time, links and reason codes', () => {
    expect(text).toContain(' 0:04.5  ann opens #1\n')
    expect(text).toContain(' 1:05.3  → it waits (approvals.too-few)\n')
    expect(text).toContain('http://127.0.0.1:1/acme/config/pull/1')
    expect(text).toContain('soak: 10s, settle: 2s')
  })

  test('says of a step that did not come out what was awaited and what was seen', () => {
    expect(text).toContain('waited until #2 is merged: it did not come within 90 s')
    expect(text).toContain('#2 Bring api: Waits for state.')
    expect(text).toContain("the end of the server's log (/tmp/d/server.log):")
    expect(text).toContain('{"level":"error"}')
    expect(text).toContain('What happened is kept in /tmp/d.')
  })

  test('fits a narrow terminal, words under words, with addresses and lines for a shell left whole', () => {
    const narrow = printed({ json: false, isColourWanted: true, isTTY: true, columns: 40 })
    const lines = stripVTControlCharacters(narrow).split('\n')

    expect(lines.filter((line) => line.length > 40 && !line.includes('http://'))).toEqual([])
    expect(stripVTControlCharacters(narrow)).toContain(
      '         It is set to be quick: soak:\n         10s, settle: 2s.\n',
    )
    expect(text.split('\n').some((line) => line.length > 40 && !line.includes('http://'))).toBe(true)
  })

  test('is coloured only where a terminal shows it and nobody said no', () => {
    const hasColour = (shown: string) => shown.includes('\u001b[')

    expect(hasColour(text)).toBe(false)
    expect(hasColour(printed({ json: false, isColourWanted: true, isTTY: true }))).toBe(true)
    expect(hasColour(printed({ json: false, isColourWanted: false, isTTY: true }))).toBe(false)
  })
})

test('--json prints the same events, one object a line, the last of them demo.done', () => {
  const lines = printed({ json: true, isColourWanted: true, isTTY: true }).trimEnd().split('\n')

  expect(lines.map((line) => JSON.parse(line))).toEqual(story)
  expect(lines.at(-1)).toMatch(/^\{"event":"demo\.done","ok":false,/)
})
