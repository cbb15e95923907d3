import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal, parseCommand } from '../../src/commands/parse-command.ts'
import { type Refusal, refusalText } from '../../src/commands/refusals.ts'
import { scanCommands } from '../../src/commands/scan-commands.ts'
import { commands, verbs } from '../../src/commands/table.ts'
import type { Command } from '../../src/domain/command.ts'

const hour = 3_600_000

describe('parseCommand', () => {
  test.each<[string, Command]>([
    ['promote', { verb: 'promote', environment: null, application: null, release: null }],
    [
      'promote production --app api --release 0123456789ab',
      { verb: 'promote', environment: 'production', application: 'api', release: '0123456789ab' },
    ],
    ['merge', { verb: 'merge' }],
    [
      'rollback production --reason "it burns" --to 1.4.2',
      { verb: 'rollback', environment: 'production', application: null, to: '1.4.2', reason: 'it burns' },
    ],
    [
      'rollback production --to api:1.4.2 --reason "as reports show it"',
      { verb: 'rollback', environment: 'production', application: null, to: 'api:1.4.2', reason: 'as reports show it' },
    ],
    [
      'lock staging --app web --for 2h',
      { verb: 'lock', environment: 'staging', application: 'web', forMs: 2 * hour, reason: null },
    ],
    ['unlock staging', { verb: 'unlock', environment: 'staging', application: null }],
    [
      'freeze all --for 1h30m --reason audit',
      { verb: 'freeze', environment: 'all', forMs: 1.5 * hour, reason: 'audit' },
    ],
    ['thaw production', { verb: 'thaw', environment: 'production' }],
    ['hold', { verb: 'hold', reason: null }],
    ['unhold', { verb: 'unhold' }],
    [
      'unquarantine production 0123456789ab --app api',
      { verb: 'unquarantine', environment: 'production', application: 'api', release: '0123456789ab' },
    ],
    ['resume production', { verb: 'resume', environment: 'production' }],
    ['accept 0123ABC', { verb: 'accept', sha: '0123abc' }],
    ['gate "smoke test"', { verb: 'gate', gate: 'smoke test', refuse: false, reason: null }],
    [
      'gate signoff --refuse --reason "not on Friday"',
      { verb: 'gate', gate: 'signoff', refuse: true, reason: 'not on Friday' },
    ],
    ['diff', { verb: 'diff' }],
    ['status', { verb: 'status', environment: null }],
    ['explain production --app api', { verb: 'explain', environment: 'production', application: 'api' }],
    ['help', { verb: 'help', about: null }],
    ['HELP rollback', { verb: 'help', about: 'rollback' }],
  ])('reads /sluice %s', (line, command) => {
    expect(parse(line)).toEqual(command)
  })

  test.each<[string, Partial<Refusal>]>([
    ['', { reason: 'commands.no-verb', tryThis: '/sluice help' }],
    [
      'promot production',
      { reason: 'commands.unknown-verb', nearest: 'promote', tryThis: '/sluice promote production' },
    ],
    ['deploy', { reason: 'commands.unknown-verb', nearest: null, tryThis: '/sluice help' }],
    ['constructor', { reason: 'commands.unknown-verb' }],
    ['retry', { reason: 'commands.not-built', found: 'retry' }],
    ['override signed --sha 0123456 --reason "x"', { reason: 'commands.not-built', found: 'override' }],
    ['promote --over config/flags.yaml', { reason: 'commands.not-built', found: '--over' }],
    [
      'freeze prodution --for 2h',
      {
        reason: 'commands.unknown-environment',
        found: 'prodution',
        allowed: ['dev', 'staging', 'production', 'all'],
        nearest: 'production',
        tryThis: '/sluice freeze production --for 2h',
      },
    ],
    ['lock all', { reason: 'commands.unknown-environment', found: 'all' }],
    [
      'lock production --app apy',
      { reason: 'commands.unknown-application', tryThis: '/sluice lock production --app api' },
    ],
    ['gate "smoke tests"', { reason: 'commands.unknown-gate', tryThis: '/sluice gate "smoke test"' }],
    [
      'freeze prod --for 2h',
      { reason: 'commands.unknown-environment', nearest: 'production', tryThis: '/sluice freeze production --for 2h' },
    ],
    [
      'rollback production --app api',
      {
        reason: 'commands.missing-argument',
        found: '--reason',
        tryThis: '/sluice rollback production --app api --reason "…"',
      },
    ],
    ['rollback --reason "x"', { reason: 'commands.missing-argument', found: 'environment' }],
    ['rollback production --reason', { reason: 'commands.missing-value', found: '--reason' }],
    ['rollback production --reason --to 1.0', { reason: 'commands.missing-value', found: '--reason' }],
    [
      'rollback production --reason it burns --app api',
      {
        reason: 'commands.unexpected-word',
        found: 'burns',
        tryThis: '/sluice rollback production --reason "it burns" --app api',
      },
    ],
    [
      'freeze production --for 2 hours',
      { reason: 'commands.unexpected-word', found: 'hours', tryThis: '/sluice freeze production --for 2h' },
    ],
    ['freeze production now', { reason: 'commands.unexpected-word', tryThis: `/sluice ${commands.freeze.usage}` }],
    [
      'freeze production --reason “audit until noon”',
      { reason: 'commands.curly-quote', tryThis: '/sluice freeze production --reason "audit until noon"' },
    ],
    ['freeze production --reason “audit', { reason: 'commands.curly-quote', tryThis: null }],
    ['rollback production --reason "  "', { reason: 'commands.bad-text' }],
    [
      'lock staging --four 2h',
      { reason: 'commands.unknown-flag', nearest: '--for', tryThis: '/sluice lock staging --for 2h' },
    ],
    ['lock staging —for 2h', { reason: 'commands.unknown-flag', tryThis: '/sluice lock staging --for 2h' }],
    [
      'lock staging --for=2h',
      { reason: 'commands.unknown-flag', nearest: '--for', tryThis: '/sluice lock staging --for 2h' },
    ],
    ['lock staging --for 2h --for 3h', { reason: 'commands.repeated-flag', found: '--for' }],
    ['merge --now', { reason: 'commands.no-flags', found: '--now' }],
    ['lock staging --for 2', { reason: 'commands.bad-duration' }],
    ['lock staging --for 0m', { reason: 'commands.bad-duration' }],
    ['lock staging --for 91d', { reason: 'commands.bad-duration' }],
    ['lock staging --for 999999999999999999h', { reason: 'commands.bad-duration' }],
    ['unquarantine production ../../etc', { reason: 'commands.bad-release' }],
    ['accept HEAD', { reason: 'commands.bad-sha' }],
    ['accept "0123456; rm"', { reason: 'commands.bad-sha' }],
  ])('refuses /sluice %s', (line, refusal) => {
    expect(parse(line)).toMatchObject({ is: 'refused', ...refusal })
  })

  test('a command that it proposes is one that works', () => {
    for (const line of [
      'freeze prodution',
      'lock production --app apy',
      'gate "smoke tests"',
      'lock staging --four 2h',
      'lock staging --for=2h',
      'freeze prod',
      'rollback production',
      'rollback production --reason it burns --app api',
      'freeze production --for 2 hours',
      'freeze production --reason “audit until noon”',
    ]) {
      const refusal = parse(line)
      const proposed = isRefusal(refusal) ? (refusal.tryThis ?? '') : ''
      expect(isRefusal(parse(proposed.replace('/sluice ', '')))).toBe(false)
    }
  })

  test('quoted text is a value, never a flag', () => {
    expect(parse('hold --reason "--refuse"')).toEqual({ verb: 'hold', reason: '--refuse' })
  })

  test('every line ends in a command of the table or in a refusal with a sentence (property)', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...verbs,
        '--app',
        '--for',
        '--to',
        '--reason',
        '--refuse',
        'api',
        'production',
        'all',
        '2h',
        '"a b"',
      ),
      fc.string({ maxLength: 12 }),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        for (const line of scanCommands(`/sluice ${words.join(' ').replace(/[\r\n]/g, '')}`, [])) {
          const parsed = parseCommand(line, context)
          if (isRefusal(parsed)) expect(refusalText(parsed)).toContain(`(\`${parsed.reason}\`)`)
          else expect(verbs).toContain(parsed.verb)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the table', () => {
  test.each(verbs)('%s is used as its usage says', (verb) => {
    const entry = commands[verb]
    expect(entry.usage.split(' ')[0]).toBe(verb)
    for (const flag of entry.flags) expect(entry.usage).toContain(`--${flag.name}`)
    const required = [...entry.words, ...entry.flags].filter((argument) => argument.required)
    for (const { name } of required) expect(entry.usage).not.toMatch(new RegExp(`\\[[^\\]]*(?:<|--)${name}`))
  })
})

describe('refusalText', () => {
  test('quotes what somebody typed so that it mentions nobody and ends no code (T26)', () => {
    const text = refusalText({
      is: 'refused',
      reason: 'commands.unexpected-word',
      found: '@acme/everyone `</code>` \u{202E}\n/sluice freeze all',
      allowed: [],
      nearest: null,
      tryThis: null,
    })
    expect(text).not.toContain('\n')
    expect(text).not.toContain('\u{202E}')
    expect(text).toContain("`@acme/everyone '</code>' ")
    expect(text.split('`')).toHaveLength(5)
  })

  test('stays short, whatever was typed', () => {
    const allowed = Array.from({ length: 2000 }, (_, index) => `application-${index}`)
    const refusal: Refusal = {
      is: 'refused',
      reason: 'commands.unknown-application',
      found: 'x'.repeat(5000),
      allowed,
      nearest: null,
      tryThis: null,
    }
    expect(refusalText(refusal).length).toBeLessThan(1200)
  })
})

const context = {
  environments: ['dev', 'staging', 'production'],
  applications: ['api', 'web'],
  gates: ['smoke test', 'signoff'],
}

function parse(line: string): Command | Refusal {
  const [scanned] = scanCommands(`/sluice ${line}`, [])
  if (scanned === undefined) throw new Error(`no command in ${line}`)
  return parseCommand(scanned, context)
}
