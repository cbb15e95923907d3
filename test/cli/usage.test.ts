import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { originOf } from '../../src/cli/checkout-forge.ts'
import { permissionFinding, webhookFinding } from '../../src/cli/doctor/check-app.ts'
import { ruleFindings } from '../../src/cli/doctor/check-repository.ts'
import { failureOf } from '../../src/cli/failure-line.ts'
import { createProgram } from '../../src/cli/program.ts'
import { acceptanceOf } from '../../src/cli/state-repair.ts'
import { targetOf } from '../../src/cli/target.ts'
import { columns, jsonText, plainText } from '../../src/cli/terminal.ts'
import type { CliWorld } from '../../src/cli/world.ts'
import { OperatorError, TransientError, UserError } from '../../src/domain/failures.ts'
import { toSha } from '../../src/domain/ids.ts'
import { cliPage, commandsOf } from './cli-page.ts'
import { sluice } from './sluice.ts'

const unasked = () => {
  throw new Error('no command asked for anything')
}
const nothing: CliWorld = {
  workingFolder: '/',
  now: unasked,
  settings: unasked,
  localSettings: unasked,
  demo: unasked,
  serve: unasked,
  openCheckout: unasked,
  openForge: unasked,
  tools: unasked,
  isolation: unasked,
  askRegistry: unasked,
  askServer: unasked,
}
const settingsOf = (forge: string) => ({
  SLUICE_APP_ID: '1',
  SLUICE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
  SLUICE_WEBHOOK_SECRET: 'a'.repeat(64),
  SLUICE_STATE_KEY: 'b'.repeat(64),
  SLUICE_API_URL: `http://${forge}`,
})

async function unusedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `127.0.0.1:${port}`
}

const silent = { out: () => {}, err: () => {} }
const { program } = createProgram({ version: '0.0.0', terminal: silent, world: nothing })

describe('the command line', () => {
  test('docs/cli.md is what --help says', async () => {
    await expect(cliPage(program)).toMatchFileSnapshot('../../docs/cli.md')
  })

  test.each(commandsOf(program).map((command) => [command.name(), command] as const))(
    '%s has examples and its exit codes in --help',
    (_, command: Command) => {
      let help = ''
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
      expect(help).toContain('Examples:')
      expect(help).toContain('Exit codes:')
    },
  )

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await sluice(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test('what does not exist is told with what was most likely meant, and ends with 2', {
    timeout: 120_000,
  }, async () => {
    expect(await sluice(['validat'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean validate?'),
    })
    expect(await sluice(['plan', '--jsno'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--json') })
    expect(await sluice(['schema', 'enviroment'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean environment?'),
    })
    expect(await sluice(['explain', 'api'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/environment[\s\S]*sluice explain --help/),
    })
    expect(await sluice(['state', 'repair'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('sluice state repair --help'),
    })
  })

  test('help for what does not exist says so, and for what exists is its help', { timeout: 120_000 }, async () => {
    for (const [words, wrong] of [
      [['help', 'validat'], /^sluice: unknown command 'validat'\n\(Did you mean validate\?\)/],
      [['state', 'help', 'nonsense'], /^sluice: unknown command 'nonsense'\n/],
    ] as const)
      expect(await sluice(words)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(wrong) })
    expect(await sluice(['help', 'plan'])).toEqual(await sluice(['plan', '--help']))
    expect(await sluice(['help'])).toEqual(await sluice(['--help']))
    expect(await sluice(['help', 'help'])).toEqual(await sluice(['--help']))
  })

  test.each([
    ['below a file', join(fileURLToPath(import.meta.url), 'data'), 'ENOTDIR'],
    // Where the kernel makes the folders, and lies about the one that it did not make.
    ...(process.platform === 'linux' ? [['below /proc', '/proc/sluice/data', 'ENOENT']] : []),
  ])('a data folder %s is the operator’s to mend, and no bug', async (_, dataDir = '', code = '') => {
    expect(await sluice(['serve'], { env: { ...settingsOf('127.0.0.1:1'), SLUICE_DATA_DIR: dataDir } })).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        new RegExp(`^sluice: SLUICE_DATA_DIR: .* cannot be written to \\(${code}\\) \\(data\\.unwritable\\)\n$`),
      ),
    })
  })

  test.each([
    ['git version 2.30.2', 'git 2.30.2 at .* is older than 2.38.0.*SLUICE_GIT \\(git\\.old\\)'],
    ['hello', 'does not tell its version; is it git\\? \\(git\\.tool\\)'],
  ])('a git that says "%s" is told at the start', async (says, told) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-old-git-'))
    try {
      const env = { ...settingsOf('127.0.0.1:1'), SLUICE_DATA_DIR: folder, SLUICE_GIT: join(folder, 'git') }
      await writeFile(env.SLUICE_GIT, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 })
      const asIs = { code: 2, err: expect.stringMatching(new RegExp(`^sluice: .*${told}\n$`)) }
      expect(await sluice(['serve'], { env })).toMatchObject(asIs)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('a forge that does not answer is told by its host and the reason', async () => {
    const nobody = await unusedAddress()
    expect(await sluice(['status'], { env: settingsOf(nobody) })).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${nobody} did not answer (ECONNREFUSED); try again (forge.unreachable)`),
    })
  })

  test('who asks for a status without settings is pointed to a server that has them', async () => {
    expect(await sluice(['status', 'acme/config'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^sluice: the settings have 4 problems \(settings\.invalid\):[\s\S]*--server/),
    })
  })

  test('every problem of the settings is told at once, without a stack', async () => {
    const ran = await sluice(['serve'], { env: { SLUICE_WEBHOOK_SECRET: 'development' } })
    expect(ran).toMatchObject({ code: 2, out: '' })
    for (const name of [
      'SLUICE_APP_ID',
      'SLUICE_PRIVATE_KEY',
      'SLUICE_STATE_KEY',
      'SLUICE_WEBHOOK_SECRET is a well-known default',
    ])
      expect(ran.err).toContain(name)
    expect(ran.err).not.toMatch(/\n\s+at /)
  })

  test('schema prints what editors are given', async () => {
    const ran = await sluice(['schema', 'environment'])
    const kept = await readFile(new URL('../../schemas/environment.json', import.meta.url), 'utf8')
    expect(JSON.parse(ran.out)).toEqual(JSON.parse(kept))
  })
})

describe('what is thrown', () => {
  test('is one line with its code; the stack only where somebody looks for a fault', () => {
    const told = { code: 'x.y', message: 'no' }
    expect(failureOf(new UserError('x.y', 'no'), false)).toEqual({ code: 2, line: 'sluice: no (x.y)', told })
    expect(failureOf(new OperatorError('x.y', 'no'), false)).toEqual({ code: 2, line: 'sluice: no (x.y)', told })
    expect(failureOf(new TransientError('x.y', 'no'), false)).toEqual({
      ...{ code: 2, line: 'sluice: no; try again (x.y)' },
      told: { code: 'x.y', message: 'no; try again' },
    })
    expect(failureOf(new OperatorError('x.y', 'two are wrong:\n  - a\n  - b'), false).line).toBe(
      'sluice: two are wrong (x.y):\n  - a\n  - b',
    )
    const bug = failureOf(new TypeError('undefined is not'), false)
    expect(bug).toMatchObject({
      code: 70,
      line: expect.stringMatching(/^sluice: this is a bug .*reference [0-9a-f]{8}/),
      told: { code: 'bug', message: expect.stringMatching(/^this is a bug of Sluice: undefined is not \(reference/) },
    })
    expect(bug.line).not.toContain('\n')
    expect(failureOf(new TypeError('undefined is not'), true).line).toMatch(/\n\s+at /)
  })
})

describe('what is printed', () => {
  test('T26: control and bidirectional characters of strangers stay on their line', () => {
    expect(plainText('a\u001b[2Jb\u202ec\nd\te')).toBe('a\u{fffd}[2Jb\u{fffd}c\nd\te\n')
    expect(jsonText({ a: '\u001b\u202e\u{e0041}' })).toBe('{\n  "a": "\\u001b\\u202e\\udb40\\udc41"\n}\n')
    expect(JSON.parse(jsonText({ a: '\u202e\u{e0041}' }))).toEqual({ a: '\u202e\u{e0041}' })
  })

  test('columns are aligned, and no line ends in spaces', () => {
    expect(
      columns(
        [
          ['a', 'bb', ''],
          ['ccc', 'd', 'e'],
        ],
        ' ',
      ),
    ).toBe(' a    bb\n ccc  d   e')
  })
})

describe('targets', () => {
  test('a folder that is there is a checkout, owner/name a repository, anything else nothing', () => {
    expect(targetOf('.', '/tmp')).toEqual({ is: 'checkout', folder: '/tmp' })
    expect(targetOf('acme/config.d', '/tmp')).toEqual({ is: 'remote', owner: 'acme', name: 'config.d' })
    for (const word of ['./acme/config', 'acme', 'a/b/c', '-x/y z'])
      expect(() => targetOf(word, '/tmp')).toThrow(UserError)
    const here = fileURLToPath(new URL('.', import.meta.url))
    expect(() => targetOf('usage.test.ts', here)).toThrow(/"usage\.test\.ts" is no folder/)
    expect(() => targetOf('usage.test.ts/below', here)).toThrow(UserError)
  })

  test('an origin names its repository however it is written, without credentials', () => {
    const found = { owner: 'acme', name: 'config', url: 'https://github.com/acme/config' }
    for (const origin of [
      'https://github.com/acme/config.git',
      'https://ann:token@github.com/acme/config',
      'git@github.com:acme/config.git',
      'ssh://git@github.com/acme/config.git',
    ])
      expect(originOf(origin)).toEqual(found)
    expect(originOf('/srv/git/config')).toBeNull()
  })
})

describe('doctor', () => {
  test('too few permissions fail, too many are worth a look', () => {
    const wanted = { contents: 'write', metadata: 'read' }
    expect(permissionFinding('App', wanted, { contents: 'read', metadata: 'read' }, 'here')).toMatchObject({
      is: 'fail',
      says: 'missing: contents: write',
    })
    expect(permissionFinding('App', wanted, { ...wanted, administration: 'write' }, 'here')).toMatchObject({
      is: 'warn',
    })
    expect(permissionFinding('App', wanted, wanted, 'here')).toMatchObject({ is: 'ok', fix: null })
  })

  test('a webhook that goes nowhere or elsewhere fails, one that cannot be read is unknown', () => {
    expect(webhookFinding('').is).toBe('fail')
    expect(webhookFinding('https://other.test/').is).toBe('fail')
    expect(webhookFinding(null).is).toBe('warn')
  })

  test('T16: an open default branch, and a bypass that cannot be read, are said', () => {
    const config = { owner: 'acme', name: 'config', defaultBranch: 'main' }
    const rules = {
      pullRequestRequired: false,
      requiredApprovals: 0,
      lastPushApproval: false,
      otherDemands: [],
      requiredChecks: [{ name: 'sluice', app: 7 }],
      upToDate: true,
      allowsForcePush: true,
      allowsDeletion: false,
      allowedMergeMethods: ['squash'],
      bypass: 'unknown',
    } as const
    const findings = ruleFindings({ ...config, allowsMergeCommits: true }, rules, 8)
    expect(findings.map(({ is }) => is)).toEqual(['warn', 'fail', 'warn', 'fail'])
    expect(findings[0]?.says).toContain('the check `sluice` of this App is not required')
    expect(findings[0]?.says).toContain('directly')
    expect(findings[3]?.fix).toContain('up to date')
    expect(findings.every(({ fix }) => fix !== null)).toBe(true)
    const merging = (allowsMergeCommits: boolean | null) =>
      ruleFindings({ ...config, allowsMergeCommits }, { ...rules, allowedMergeMethods: ['merge'] }, 7)[1]
    expect([true, false, null].map((is) => merging(is)?.is)).toEqual(['ok', 'fail', 'ok'])
    expect(merging(false)?.says).toContain('settings of the repository')
    expect(merging(null)?.says).toContain('not shown whether the settings do')
  })
})

describe('what an operator accepts', () => {
  const head = toSha('a'.repeat(40))
  const base = toSha('b'.repeat(40))
  const found = {
    is: 'untrusted',
    head,
    base,
    lostHistory: null,
    reason: null,
    detail: null,
    lost: null,
    lastOurs: null,
    foreign: [],
    unreadable: [],
    brokenSnapshot: false,
  } as const

  test('is the present head, with a reason', () => {
    expect(acceptanceOf(found, { accept: 'aaaaaaa', reason: ' read ' })).toEqual({
      why: 'read',
      repair: { accepts: head, inPlaceOf: null },
    })
    expect(() => acceptanceOf(found, { accept: 'aaaaaaa' })).toThrow('--reason')
    expect(() => acceptanceOf(found, { accept: 'aaa', reason: 'x' })).toThrow('read that')
    expect(() => acceptanceOf(found, { accept: 'none', reason: 'x' })).toThrow('read that')
    expect(() => acceptanceOf({ ...found, head: null }, { accept: 'aaaaaaa', reason: 'x' })).toThrow('none')
  })

  test('is the default branch where its history was rewritten', () => {
    expect(acceptanceOf({ ...found, is: 'rewritten' }, { accept: base, reason: 'x' })).toEqual({
      why: 'x',
      repair: null,
    })
  })

  test('is never a snapshot that nobody can read', () => {
    expect(() => acceptanceOf({ ...found, brokenSnapshot: true }, { accept: head, reason: 'x' })).toThrow(
      'snapshot.jsonl',
    )
  })
})
