import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlay, overlayFile } from '../../src/demo/config-repository.ts'
import { commitAll, demonstration, digestOf, git, registry, repositoryWith, sluice, write } from './sluice.ts'

const roots: string[] = []
const repository = async (files = demonstration): Promise<string> => {
  const root = await repositoryWith(files)
  roots.push(root)
  return root
}
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true })
})

const dev = overlayFile('api', 'dev')
const staging = overlayFile('api', 'staging')
const next = (environment: 'dev' | 'staging') => overlay('api', environment, { registry }, digestOf('d'), '1.1.0')

describe('sluice validate', () => {
  test('says what the manifests describe and which overlays are there', async () => {
    const ran = await sluice(['validate'], { cwd: await repository() })
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toContain('no problems')
    expect(ran.out).toMatch(
      /staging\n {2}promotes from {2}dev\n {2}gates {10}state, soaked, signed by its build, forge/,
    )
    expect(ran.out).toContain('apps/{application}/overlays/staging: api, web')
  })

  test('looks at files that are not committed, from a folder below, and ends with 1', async () => {
    const root = await repository()
    await write(root, {
      '.sluice/qa.yaml':
        'apiVersion: sluice.dev/v1alpha1\nkind: Environment\nmetadata: { name: qa }\nspec: { overlai: x }\n',
    })
    const ran = await sluice(['validate', 'apps/api'], { cwd: root })
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('.sluice/qa.yaml:4:')
    expect(ran.out).toContain('Did you mean overlay?')
  })

  test('names folders that would be applications, but for their name', async () => {
    const root = await repository()
    const files = Object.entries(demonstration).filter(([path]) => path.startsWith('apps/api/'))
    await write(root, Object.fromEntries(files.map(([path, text]) => [path.replace('/api/', '/user_service/'), text])))
    await write(root, { 'apps/No_App/readme.md': 'nothing to render' })
    const [validated, adopted] = [
      await sluice(['validate'], { cwd: root }),
      await sluice(['adopt', '--json'], { cwd: root }),
    ]
    expect(validated.code).toBe(1)
    expect(validated.out).not.toContain('no problems')
    expect(validated.out).toMatch(
      /misnamed +apps\/user_service\/overlays\/dev: user_service is no name .*; rename the folder/,
    )
    expect(validated.out).not.toContain('No_App')
    expect(adopted.code).toBe(1)
    const rows: { application: string; environment: string; is: string }[] = JSON.parse(adopted.out).rows
    expect(rows.filter(({ is }) => is === 'misnamed').map((row) => row.environment)).toEqual(
      expect.arrayContaining(['dev', 'staging', 'production']),
    )
  })

  test('prints the same for programs', async () => {
    const ran = await sluice(['validate', '--json'], { cwd: await repository() })
    const found = JSON.parse(ran.out)
    expect(found).toMatchObject({ diagnostics: [], applications: ['*'] })
    expect(found.environments.map((one: { name: string }) => one.name)).toEqual(
      expect.arrayContaining(['dev', 'staging', 'production']),
    )
  })

  test('a folder without manifests is wrong usage, not a finding', async () => {
    expect(await sluice(['validate', tmpdir()])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('config.none'),
    })
    expect(await sluice(['validate', '/nowhere'])).toMatchObject({
      code: 2,
      err: 'sluice: there is no folder /nowhere (config.none)\n',
    })
  })

  test('what is not done is told to programs as well, by its code', { timeout: 120_000 }, async () => {
    const root = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
    roots.push(root)
    for (const [words, code] of [
      [['validate', '/nowhere', '--json'], 'config.none'],
      [['plan', 'nowhere', '--json'], 'target.unknown'],
      [['status', 'acme/config', '--json'], 'settings.invalid'],
    ] as const) {
      const ran = await sluice(words, { cwd: root })
      const { error } = JSON.parse(ran.out)
      expect(ran).toMatchObject({ code: 2, err: expect.stringContaining(`(${code})`) })
      expect(error).toEqual({ code, message: expect.any(String) })
      expect(ran.err).toContain(error.message.split('\n')[0].replace(/:$/, ''))
    }
  })

  test('manifests that describe no environment are said to describe none', async () => {
    const root = await repositoryWith({ '.sluice/environments.yaml': '# soon\n' })
    expect(await sluice(['validate', root])).toMatchObject({
      code: 0,
      out: expect.stringContaining('No environment is described'),
    })
  })
})

describe('sluice plan on a checkout', () => {
  let root: string
  beforeAll(async () => {
    root = await repository()
  })

  test('on the default branch it says what comes next for each slot, and what it cannot see', async () => {
    const ran = await sluice(['plan'], { cwd: root })
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/api\/staging +api:1\.0\.0 \([0-9a-f]{12}\) .*upstream\.same/)
    expect(ran.out).toContain('cluster.not-configured')
    expect(ran.out).toContain('the state (locks, freezes, health that was seen) is not known')
  })

  test('a place that is none is told before a tool that is missing', { timeout: 120_000 }, async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
    roots.push(elsewhere)
    const env = { SLUICE_KUSTOMIZE: 'kustomize-of-nobody' }
    const told = async (...words: readonly string[]) => (await sluice(words, { cwd: root, env })).err
    expect(await told('plan', elsewhere)).toContain('(checkout.none)')
    expect(await told('adopt', '.sluice/environments.yaml')).toMatch(/is no folder.*\(target\.unknown\)\n$/)
    expect(await told('plan')).toContain('(tool.missing)')
  })

  test('what is not committed is judged as the branch would be, and nothing of the checkout changes', async () => {
    await write(root, { [dev]: next('dev') })
    const before = await readdir(`${root}/.git/objects`)
    const status = await git(root, 'status', '--porcelain')
    const ran = await sluice(['plan', root])
    expect(ran.out).toContain('branch main, with what is not committed')
    expect(ran.out).toMatch(/api\/dev \(edit\)/)
    expect(ran.out).toContain('1 uncommitted file is included')
    expect(await readdir(`${root}/.git/objects`)).toEqual(before)
    expect(await git(root, 'status', '--porcelain')).toBe(status)
    expect(await readFile(`${root}/${dev}`, 'utf8')).toBe(next('dev'))
  })

  test('a branch meets the gates of what it changes; those that need the forge wait and say so', async () => {
    await git(root, 'checkout', '--quiet', '-b', 'hotfix')
    await write(root, {
      [overlayFile('api', 'production')]: overlay('api', 'production', { registry }, digestOf('e'), '1.0.1'),
    })
    await commitAll(root, 'Hotfix')
    const ran = await sluice(['plan', '--json'], { cwd: root })
    const planned = JSON.parse(ran.out)
    const change = planned.pulls[0].changes.find((one: { slot: string }) => one.slot === 'api/production')
    const verdict = (gate: string) => change.verdicts.find((one: { gate: string }) => one.gate === gate)
    expect(verdict('approved')).toMatchObject({
      is: 'wait',
      reason: 'evidence.unavailable',
      says: expect.stringContaining('checkout.no-forge'),
    })
    expect(verdict('soaked').is).toBe('wait')
    expect(planned.pulls[0]).toMatchObject({ number: 0, title: 'branch hotfix', standing: 'gated' })
    expect(planned.wouldDo).toEqual([])
  })

  test('before the first manifests are merged, what is checked out is looked at as if it were', async () => {
    const bare = Object.fromEntries(Object.entries(demonstration).filter(([path]) => !path.startsWith('.sluice')))
    const adopting = await repository(bare)
    const manifests = Object.fromEntries(Object.entries(demonstration).filter(([path]) => path.startsWith('.sluice')))
    await write(adopting, manifests)
    const ran = await sluice(['plan'], { cwd: adopting })
    expect(ran.code).toBe(0)
    expect(ran.out).toContain('main holds no manifests yet')
    expect(ran.out).toMatch(/api\/production/)
  })

  test('of a shallow clone, as CI makes it, is looked at as far as it goes', async () => {
    const whole = await repository()
    await write(whole, { 'README.md': 'one more commit' })
    await commitAll(whole, 'One more')
    const shallow = `${whole}/shallow`
    await git(whole, 'clone', '--quiet', '--depth=1', `file://${whole}`, shallow)
    const ran = await sluice(['plan'], { cwd: shallow })
    expect(ran).toMatchObject({ code: 0, err: expect.not.stringContaining('missing') })
    expect(ran.out).toMatch(/api\/staging +api:1\.0\.0/)
  })

  test('a tag that is called like the branch stands in nobody’s way', async () => {
    const tagged = await repository()
    await git(tagged, 'branch', '--move', 'trunk')
    await git(tagged, 'tag', 'trunk')
    await write(tagged, { [dev]: next('dev') })
    const ran = await sluice(['plan'], { cwd: tagged })
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('branch trunk, with what is not committed') })
  })

  test('T20: a symlink that is not committed is not followed', async () => {
    const linked = await repository()
    await git(linked, 'config', 'core.symlinks', 'true')
    await rm(`${linked}/apps/api/base/service.yaml`)
    await symlink('/etc/hostname', `${linked}/apps/api/base/service.yaml`)
    const ran = await sluice(['plan', '--json'], { cwd: linked })
    const hostname = (await readFile('/etc/hostname', 'utf8')).trim()
    expect(ran.out).toContain('render.')
    expect(ran.out).not.toContain(`"${hostname}"`)
  })
})

describe('sluice adopt on a checkout', () => {
  test('tells same, behind, ahead, diverged, unpinned, unrenderable and unsupported, with what would travel', async () => {
    const root = await repository()
    await write(root, { [dev]: next('dev') })
    await commitAll(root, 'api 1.1.0 to dev')
    await write(root, {
      [overlayFile('web', 'dev')]: overlay('web', 'dev', { registry }, digestOf('e'), '1.1.0'),
      [overlayFile('web', 'staging')]: overlay('web', 'staging', { registry }, digestOf('f'), '0.9.0'),
      [overlayFile('web', 'production')]: overlay('web', 'production', { registry }, digestOf('f'), '0.9.0').replace(
        /^ +digest:.*$/m,
        '',
      ),
      [overlayFile('api', 'production')]: next('staging').replace('namespace: staging', 'namespace: production'),
    })
    const ran = await sluice(['adopt', '--json'], { cwd: root })
    const rows = JSON.parse(ran.out).rows as {
      application: string
      environment: string
      is: string
      travels: unknown[]
    }[]
    const row = (application: string, environment: string) =>
      rows.find((one) => one.application === application && one.environment === environment)
    expect(row('api', 'dev')?.is).toBe('first')
    expect(row('api', 'staging')).toMatchObject({
      is: 'behind',
      travels: [{ part: `image ${registry}/acme/api`, from: 'a'.repeat(12), to: 'd'.repeat(12) }],
    })
    expect(row('api', 'production')?.is).toBe('ahead')
    expect(row('web', 'staging')?.is).toBe('diverged')
    expect(row('web', 'production')?.is).toBe('unpinned')
    expect(ran.code).toBe(1)
  })

  test('overlays that name no image are no pair of equals, and the row says what is missing', async () => {
    const root = await repository()
    const without = (environment: 'dev' | 'staging') => next(environment).replace(/^images:\n(?: .*\n)+/m, '')
    const promotes = '{ fields: [{ file: release.yaml, path: spec.version }] }'
    const manifest = (name: string, spec: string) =>
      `apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: ${name} }\nspec: ${spec}\n`
    await write(root, {
      [dev]: without('dev'),
      [staging]: without('staging'),
      '.sluice/api.yaml': manifest('api', `{ owners: [acme/team], promotes: ${promotes} }`),
      '.sluice/web.yaml': manifest('web', `{ owners: [acme/team], promotes: ${promotes} }`),
    })
    const ran = await sluice(['adopt'], { cwd: root })
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/api +dev +nothing travels +apps\/api\/overlays\/dev renders \S+\/acme\/api and names none/)
    expect(ran.out).toMatch(/api +staging +nothing travels .*in no environment: field release\.yaml#spec\.version/)
    expect(ran.out).not.toMatch(/api +dev → staging +same/)
    expect(ran.out).toMatch(/web +dev +first .*in no environment: field release\.yaml#spec\.version/)
  })

  test('an image that has no place in an environment is told, with the line to write', async () => {
    const root = await repository()
    const withEntry = (text: string, name: string) =>
      text.replace('images:\n', `images:\n  - name: ${name}\n    digest: ${digestOf('e')}\n`)
    const debug = `${registry}/acme/debug`
    await write(root, {
      [dev]: withEntry(next('dev'), debug).replace('  - ../../base\n', '  - ../../base\n  - debug.yaml\n'),
      'apps/api/overlays/dev/debug.yaml': `apiVersion: v1\nkind: Pod\nmetadata: { name: debug }\nspec: { containers: [{ name: debug, image: ${debug} }] }\n`,
      [overlayFile('web', 'staging')]: withEntry(
        overlay('web', 'staging', { registry }, digestOf('b'), '1.0.0'),
        `${registry}/acme/tpyo`,
      ),
    })
    const ran = await sluice(['adopt'], { cwd: root })
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(
      /api +dev → staging +unmatched +nothing here renders \S+\/acme\/debug.*promotes: { images: \[\S+\/acme\/api\] }/,
    )
    expect(ran.out).toMatch(/web +staging +unmatched +apps\/web\/overlays\/staging\/\S+:\d+: the entry \S+\/acme\/tpyo/)
  })

  test('an overlay that nobody could render is one row; the others stand', async () => {
    const root = await repository()
    await write(root, {
      [staging]: `${next('staging')}\ngenerators: [x.yaml]\n`,
      [overlayFile('web', 'staging')]:
        `${overlay('web', 'staging', { registry }, digestOf('b'), '1.0.0')}\npatches:\n  - path: missing.yaml\n`,
    })
    const ran = await sluice(['adopt'], { cwd: root })
    expect(ran.out).toMatch(/api +staging +unsupported layout .*generators/)
    expect(ran.out).toMatch(/web +staging +(unsupported layout|unrenderable) .*missing\.yaml/)
    expect(ran.out).toMatch(/web +dev +first/)
  })

  test('a folder without a repository is said in one line', async () => {
    expect(await sluice(['adopt', tmpdir()])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^sluice: .*\(checkout\.none\)\n$/),
    })
  })
})
