import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createLog } from '../src/log.ts'
import { Secret } from '../src/settings/secret.ts'
import { settingsRows } from '../src/settings/variables.ts'
import { readSettings, readToolSettings } from '../src/settings.ts'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()

const complete = {
  SLUICE_APP_ID: '7',
  SLUICE_PRIVATE_KEY: privateKey,
  SLUICE_WEBHOOK_SECRET: 'b5d1d2c8f3a04be0',
  SLUICE_STATE_KEY: 'k'.repeat(32),
}

const temporaryFile = (content: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'file')
  writeFileSync(file, content)
  return file
}

describe('settings', () => {
  test('are complete with four variables, the rest has defaults', () => {
    const settings = readSettings(complete)
    expect(settings.forge).toMatchObject({
      appId: 7,
      apiUrl: 'https://api.github.com',
      gitUrl: 'https://github.com',
      installations: 'all',
    })
    expect(settings).toMatchObject({ sweepIntervalMs: 300_000, concurrency: 4, clusters: [], dataDir: './data' })
  })

  test('let the folder of the demonstration’s tools be, which stays exported in a developer’s shell', () => {
    expect(() => readSettings({ ...complete, SLUICE_TOOLS_DIR: '/tmp/tools' })).not.toThrow()
    expect(() => readToolSettings({ SLUICE_TOOLS_DIR: '/tmp/tools' })).not.toThrow()
  })

  test('take credentials of registries from a Docker config.json, and run no helper for them', () => {
    const folderWith = (config: unknown) => {
      const folder = mkdtempSync(join(tmpdir(), 'settings-'))
      writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
      return folder
    }
    const read = (SLUICE_DOCKER_CONFIG: string) => readSettings({ ...complete, SLUICE_DOCKER_CONFIG })
    const right = folderWith({ auths: { 'ghcr.io': { auth: 'dTpw' } } })
    expect(read(right).dockerConfig).toBe(right)
    expect(readSettings(complete).dockerConfig).toBeNull()
    expect(() => read('/nowhere')).toThrow(/SLUICE_DOCKER_CONFIG: cannot read \/nowhere\/config\.json \(ENOENT\)/)
    expect(() => read(folderWith('dTpw'))).toThrow(/is no Docker config\.json/)
    expect(() => read(folderWith('dTpw'))).not.toThrow(/dTpw/)
    expect(() => read(folderWith({ credHelpers: { 'ghcr.io': 'ecr-login' } }))).toThrow(/helper program \(ecr-login\)/)
  })

  test('name every problem at once, each with what would be right', () => {
    const read = () =>
      readSettings({
        ...complete,
        SLUICE_APP_ID: 'seven',
        SLUICE_STATE_KEY: 'short',
        SLUICE_PORT: '99999',
        SLUICE_SWEEP_INTERVAL: 'soon',
        SLUICE_LOG_LEVL: 'debug',
      })
    expect(read).toThrow(/the settings have 5 problems/)
    expect(read).toThrow(/SLUICE_APP_ID must be a whole number from 1 .*found "seven"/)
    expect(read).toThrow(/SLUICE_STATE_KEY must be at least 32 bytes/)
    expect(read).toThrow(/SLUICE_PORT must be a whole number from 0 to 65535, found "99999"/)
    expect(read).toThrow(/SLUICE_SWEEP_INTERVAL must be a duration such as 30s/)
    expect(read).toThrow(/SLUICE_LOG_LEVL is not a setting; did you mean SLUICE_LOG_LEVEL\?/)
  })

  test.each(['0s', '1ms', '999ms', '25h', '600h', '999999999h'])('refuse %s between sweeps', (interval) => {
    expect(() => readSettings({ ...complete, SLUICE_SWEEP_INTERVAL: interval })).toThrow(
      `SLUICE_SWEEP_INTERVAL must be a duration such as 30s, 5m or 1h, from 1s to 24h, found "${interval}"`,
    )
  })

  test.each([
    ['1s', 1_000],
    ['1000ms', 1_000],
    ['24h', 86_400_000],
  ])('take %s between sweeps', (interval, milliseconds) => {
    expect(readSettings({ ...complete, SLUICE_SWEEP_INTERVAL: interval }).sweepIntervalMs).toBe(milliseconds)
  })

  test.each([
    ['', /SLUICE_WEBHOOK_SECRET \(or SLUICE_WEBHOOK_SECRET_FILE, a path\) is not set/],
    ['development', /well-known default/],
    ['0123456789abcde', /at least 16 characters/],
    ['b5d1d2c8f3a04be0,secret', /well-known default/],
  ])('refuse %j as webhook secret, and do not repeat it', (secret, problem) => {
    const read = () => readSettings({ ...complete, SLUICE_WEBHOOK_SECRET: secret })
    expect(read).toThrow(problem)
    if (secret === '0123456789abcde') expect(read).not.toThrow(new RegExp(secret))
  })

  test('take secrets from files, and several of them while one is being replaced', () => {
    const settings = readSettings({
      ...complete,
      SLUICE_PRIVATE_KEY: '',
      SLUICE_PRIVATE_KEY_FILE: temporaryFile(privateKey),
      SLUICE_WEBHOOK_SECRET: 'b5d1d2c8f3a04be0,0eb40a3f8c2d1d5b',
    })
    expect(settings.forge.privateKey.reveal().trim()).toBe(privateKey.trim())
    expect(settings.forge.webhookSecrets.map((secret) => secret.reveal())).toEqual([
      'b5d1d2c8f3a04be0',
      '0eb40a3f8c2d1d5b',
    ])
  })

  test('take a private key whose line ends were escaped, and say what is wanted of one that is none', () => {
    const escaped = privateKey.replaceAll('\n', '\\n')
    expect(readSettings({ ...complete, SLUICE_PRIVATE_KEY: escaped }).forge.privateKey.reveal()).toContain('\n')
    expect(() => readSettings({ ...complete, SLUICE_PRIVATE_KEY: 'nonsense-key' })).toThrow(/in PEM/)
    expect(() => readSettings({ ...complete, SLUICE_PRIVATE_KEY: 'nonsense-key' })).not.toThrow(/nonsense-key/)
  })

  test('read clusters from a file', () => {
    const file = temporaryFile(
      '- { name: staging, server: "https://10.0.0.1:6443", tokenFile: /var/run/token }\n- { name: production, kubeconfig: /etc/kube, context: prod }\n',
    )
    expect(readSettings({ ...complete, SLUICE_CLUSTERS: file }).clusters).toEqual([
      {
        name: 'staging',
        by: 'token',
        server: 'https://10.0.0.1:6443',
        token: { file: '/var/run/token' },
        ca: null,
        reconcileRequests: false,
        knownAs: [],
      },
      {
        name: 'production',
        by: 'kubeconfig',
        file: '/etc/kube',
        context: 'prod',
        allowExecPlugins: false,
        reconcileRequests: false,
        knownAs: [],
      },
    ])
  })

  test('I10 let a cluster be written to only where it says so', () => {
    const clusters = (more: string) =>
      readSettings({
        ...complete,
        SLUICE_CLUSTERS: temporaryFile(`- { name: a, server: "https://10.0.0.1"${more} }\n`),
      }).clusters
    expect(clusters(', reconcileRequests: true')).toMatchObject([{ reconcileRequests: true }])
    expect(clusters('')).toMatchObject([{ reconcileRequests: false }])
    expect(() => clusters(', reconcileRequests: sometimes')).toThrow(/reconcileRequests/)
  })

  test('know a cluster by what controllers of others call it, and only one by each name', () => {
    const clusters = (...knownAs: readonly string[]) => {
      const entries = knownAs.map(
        (known, at) => `- { name: c${at}, server: "https://10.0.0.${at}", knownAs: ${known} }\n`,
      )
      return readSettings({ ...complete, SLUICE_CLUSTERS: temporaryFile(entries.join('')) }).clusters
    }
    expect(clusters('[eu, flux-system/eu]', '[us]')).toMatchObject([
      { knownAs: ['eu', 'flux-system/eu'] },
      { knownAs: ['us'] },
    ])
    expect(() => clusters('[eu]', '[us, eu]')).toThrow('more than one cluster is known as eu')
    expect(() => clusters('eu')).toThrow(/knownAs/)
  })

  test('T55 let a kubeconfig name a program only where its cluster says so', () => {
    const clusters = (more: string) => {
      const file = temporaryFile(`- { name: production, kubeconfig: /etc/kube${more} }\n`)
      return readSettings({ ...complete, SLUICE_CLUSTERS: file, KUBECONFIG: '/home/ann/.kube/config' }).clusters
    }
    expect(clusters(', allowExecPlugins: true')).toMatchObject([{ allowExecPlugins: true, file: '/etc/kube' }])
    expect(clusters('')).toMatchObject([{ allowExecPlugins: false, file: '/etc/kube' }])
  })

  test.each([
    ['- { name: a }', /SLUICE_CLUSTERS\[0\] must be a list of/],
    ['- { name: a, kubeconfig: /k }\n- { name: a, kubeconfig: /k }', /names the cluster a more than once/],
    [': : :', /SLUICE_CLUSTERS must be a list of/],
  ])('refuse the clusters %j', (content, problem) => {
    expect(() => readSettings({ ...complete, SLUICE_CLUSTERS: temporaryFile(content) })).toThrow(problem)
  })

  test('say which file cannot be read', () => {
    expect(() => readSettings({ ...complete, SLUICE_CLUSTERS: '/nowhere/clusters.yaml' })).toThrow(
      /SLUICE_CLUSTERS: cannot read \/nowhere\/clusters.yaml \(ENOENT\)/,
    )
  })

  test('need no forge where a command works on a checkout', () => {
    expect(readToolSettings({ SLUICE_KUSTOMIZE: '/opt/kustomize' }).tools).toMatchObject({
      git: 'git',
      kustomize: '/opt/kustomize',
    })
    expect(() => readToolSettings({ SLUICE_KUSTOMISE: '/opt/kustomize' })).toThrow(/did you mean SLUICE_KUSTOMIZE\?/)
  })

  test('I8: print no secret', () => {
    const settings = readSettings(complete)
    const printed = `${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })} ${settings.forge.privateKey}`
    expect(printed).not.toContain('b5d1d2c8f3a04be0')
    expect(printed).not.toContain('PRIVATE KEY')
    expect(printed).not.toContain('k'.repeat(32))
    expect(new Secret('abc').reveal()).toBe('abc')
  })

  test('are all in the documentation', () => {
    const page = readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8')
    for (const row of settingsRows()) {
      const name = row.secret ? `\`${row.name}\`, \`${row.name}_FILE\`` : `\`${row.name}\``
      const shown = row.required ? '(required)' : row.default === '' ? '' : `\`${row.default}\``
      expect(page).toContain(`| ${name} | ${shown} | ${row.description} |`)
    }
    expect(page.match(/^\| `SLUICE_/gm)).toHaveLength(settingsRows().length)
  })
})

describe('the log', () => {
  test('I8: holds no secret, wherever it comes from', () => {
    const lines: string[] = []
    const log = createLog({ level: 'info' }, { write: (line) => lines.push(line) })
    log.info({ headers: { authorization: 'token abcdefgh12345678' } }, 'Request sent')
    log.error(
      {
        err: new Error(`clone https://x-access-token:ghs_16C7e42F292c6912E7710c838347Ae178B4a@h failed ${privateKey}`),
      },
      'Fetch failed',
    )
    log.info({ detail: 'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI3In0.c2lnbmF0dXJl' }, 'Said by a library')
    const all = lines.join('')
    expect(all).not.toMatch(/ghs_16C|abcdefgh12345678|BEGIN RSA|eyJhbGci/)
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'Request sent',
      'Fetch failed',
      'Said by a library',
    ])
  })

  test('is read by people where asked for, without secrets as well', () => {
    const lines: string[] = []
    const log = createLog({ level: 'info', pretty: true }, { write: (line) => lines.push(line) })
    log.warn({ repository: 7, token: 'ghs_16C7e42F292c6912E7710c838347Ae178B4a' }, 'Round failed')
    expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d warn {2}Round failed repository=7 token="\[secret\]"\n$/)
  })
})
