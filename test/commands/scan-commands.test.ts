import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanCommands } from '../../src/commands/scan-commands.ts'

describe('scanCommands', () => {
  test('finds commands at the start, after a blank line and after another command', () => {
    const body = '/sluice status\n/sluice diff\n\nSome prose.\n\n/sluice help\nmore prose'
    expect(wordsOf(body)).toEqual([['status'], ['diff'], ['help']])
  })

  test('knows the line that each stands on, with LF, CRLF and CR', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const scanned = scanCommands(['/sluice status', '', 'hello', '', '/sluice diff'].join(end), [])
      expect(scanned.map(({ line }) => line)).toEqual([1, 5])
    }
  })

  test('reads double-quoted text as one word, without escapes or expansion', () => {
    const scanned = scanCommands(String.raw`/sluice rollback production --reason "it is $HOME \ broken; rm -rf /"`, [])
    expect(scanned).toMatchObject([
      {
        is: 'command',
        words: [
          { text: 'rollback', quoted: false },
          { text: 'production', quoted: false },
          { text: '--reason', quoted: false },
          { text: String.raw`it is $HOME \ broken; rm -rf /`, quoted: true },
        ],
      },
    ])
  })

  test('accepts any case of the prefix, tabs, and spaces at the end', () => {
    expect(wordsOf('/Sluice\tstatus  production  ')).toEqual([['status', 'production']])
  })

  test('takes short commands only where the repository names them', () => {
    expect(wordsOf('/rollback production', ['rollback'])).toEqual([['rollback', 'production']])
    expect(wordsOf('/rollback production')).toEqual([])
    expect(wordsOf('/hold\n/sluicer status\n/sluice-status', ['rollback'])).toEqual([])
  })

  test.each([
    ['within a sentence', 'please run /sluice status'],
    ['indented', ' /sluice status'],
    ['as indented code', '    /sluice status'],
    ['right below prose', 'look:\n/sluice status'],
    ['in a quote', '> /sluice status'],
    ['as the lazy end of a quote', '> I said\n/sluice status'],
    ['in a fence', '```\n/sluice status\n```'],
    ['in a fence after a blank line', '```sh\n\n/sluice status\n```'],
    ['in a tilde fence that holds backticks', '~~~\n```\n\n/sluice status\n~~~'],
    ['in a longer fence that holds a shorter one', '````\n```\n\n/sluice status\n````'],
    ['in a fence that a mark with text does not close', '```\n``` x\n\n/sluice status\n```'],
    ['in a fence that is never closed', '```\n\n/sluice status'],
    ['in an indented fence', '   ```\n\n/sluice status\n   ```'],
    ['in an HTML comment', '<!--\n\n/sluice status\n\n-->'],
    ['in an HTML comment that opens within a line', 'see <!-- this\n\n/sluice status\n-->'],
    ['in an HTML comment that is never closed', '<!-- x --> <!--\n\n/sluice status'],
    ['in a preformatted block', '<pre>\n\n/sluice status\n\n</pre>'],
    ['in a script', '<SCRIPT type="x">\n\n/sluice status\n\n</script>'],
    ['right below an HTML comment', '<!-- x -->\n/sluice status'],
  ])('finds no command %s (T05)', (_, body) => {
    expect(scanCommands(body, [])).toEqual([])
  })

  test.each([
    ['a closed fence', '```\ncode\n```\n\n/sluice status'],
    ['inline code between triple backticks', '```code```\n\n/sluice status'],
    ['a closed HTML comment', '<!-- a\n\nb -->\n\n/sluice status'],
    ['the shortest HTML comment', '<!-->\n\n/sluice status'],
    ['a preformatted block', '<pre>x</pre>\n\n/sluice status'],
    ['a tag that only begins like one', '<prefix>\n\n/sluice status'],
    ['a quote', '> quoted\n\n/sluice status'],
    ['a list', '- item\n\n/sluice status'],
    ['a line of spaces', 'text\n \t \n/sluice status'],
  ])('finds the command after %s', (_, body) => {
    expect(wordsOf(body)).toEqual([['status']])
  })

  test('reads five commands and says how many were left', () => {
    const scanned = scanCommands(Array.from({ length: 8 }, () => '/sluice status').join('\n'), [])
    expect(scanned).toHaveLength(6)
    expect(scanned.at(-1)).toMatchObject({ is: 'unreadable', refusal: { reason: 'commands.too-many', found: '3' } })
  })

  test.each([
    ['/sluice hold --reason "open', 'commands.unclosed-quote'],
    ['/sluice hold --reason "a"b', 'commands.text-after-quote'],
    ['/sluice hold --reason “bad release”', 'commands.curly-quote'],
    ['/sluice status produc\u{200B}tion', 'commands.invisible-character'],
    ['/sluice status \u{A0}production', 'commands.invisible-character'],
    ['/sluice hold --reason "\u{202E}neddih"', 'commands.invisible-character'],
    [`/sluice hold ${'x'.repeat(2000)}`, 'commands.too-long'],
  ])('says what is wrong with %j', (body, reason) => {
    expect(scanCommands(body, [])).toMatchObject([{ is: 'unreadable', refusal: { reason } }])
  })

  test('lets emoji stand in a text', () => {
    expect(wordsOf('/sluice hold --reason "fire 👩‍🚒 ❤️"')).toEqual([['hold', '--reason', 'fire 👩‍🚒 ❤️']])
  })

  test('never throws, and finds nothing that does not stand at column 0 of its own line (property)', () => {
    const pieces = fc.constantFrom(
      '/sluice',
      ' status',
      '\n',
      '\r\n',
      '\r',
      '"',
      '```',
      '~~~',
      '<!--',
      '-->',
      '<pre>',
      '</pre>',
      '>',
      ' ',
      'x',
      '\t',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const body = parts.join('')
        const lines = body.split(/\r\n|\r|\n/)
        const scanned = scanCommands(body, [])
        expect(scanned.length).toBeLessThanOrEqual(6)
        for (const found of scanned.filter(({ text }) => text !== '')) {
          expect(lines[found.line - 1]).toBe(found.text)
          expect(found.text.startsWith('/sluice')).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('finds nothing in what a fence encloses, whatever it is (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('/sluice status', '', 'x', '``', '> a', '<!--', '<pre>')), (lines) => {
        expect(scanCommands(['```', ...lines, '```'].join('\n'), [])).toEqual([])
      }),
    )
  })

  test.each([
    ['backticks', '`'],
    ['tildes on lines', '~~~\n'],
    ['comment openings', '<!--'],
    ['comments', '<!-->'],
    ['closed and opened comments', '--><!--'],
    ['tags', '<pre>\n'],
    ['quotes', '"'],
    ['spaces', ' '],
    ['commands with quotes', '/sluice "a" "b"\n'],
    ['commands that are never closed', '/sluice "a\n'],
    ['carriage returns', '\r'],
    ['a fence mark and spaces', '``` '],
  ])('stays quick on 64 KB of %s (T22)', (_, piece) => {
    const hostile = piece.repeat(Math.ceil(65_536 / piece.length))
    const started = performance.now()
    expect(scanCommands(hostile, ['rollback']).length).toBeLessThanOrEqual(6)
    expect(scanCommands(`/sluice ${hostile}`, []).length).toBeLessThanOrEqual(6)
    // Linear code takes a few milliseconds; quadratic code on this size takes many seconds.
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

const wordsOf = (body: string, shortVerbs: readonly string[] = []): readonly (readonly string[])[] =>
  scanCommands(body, shortVerbs).map((found) => (found.is === 'command' ? found.words.map(({ text }) => text) : []))
