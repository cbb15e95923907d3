import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { overlay, overlayFile } from '../../src/demo/config-repository.ts'
import { openSandboxCluster } from '../../src/demo/sandbox-cluster.ts'
import { type Stage, setStage } from '../../src/demo/stage.ts'
import { toSha } from '../../src/domain/ids.ts'
import { seal } from '../../src/promotion/seal.ts'
import { writeTrailers } from '../../src/promotion/trailers.ts'
import { tool } from '../tools.ts'
import { digestOf, sluice, start } from './sluice.ts'

let stage: Stage
let dir: string
const repo = 'acme/config'
const ask = (...words: readonly string[]) => sluice(words, { env: { ...stage.environment, SLUICE_LOG_LEVEL: 'info' } })
const json = async (...words: readonly string[]) => JSON.parse((await ask(...words, '--json')).out)
/** The forge's own repository, written as somebody with its disk would. */
const git = async (...args: readonly string[]): Promise<string> => {
  const env = { GIT_AUTHOR_NAME: 'eve', GIT_AUTHOR_EMAIL: 'e@x', GIT_COMMITTER_NAME: 'eve', GIT_COMMITTER_EMAIL: 'e@x' }
  return (await execa('git', ['-C', join(dir, 'forge', 'acme', 'config.git'), ...args], { env })).stdout.trim()
}

async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise((wake) => setTimeout(wake, 300))
  }
  throw new Error(
    `not seen within a minute: ${what}\n${(await readFile(join(dir, 'server.log'), 'utf8')).slice(-3000)}`,
  )
}

vi.setConfig({ testTimeout: 120_000 })

const stateHead = () => git('for-each-ref', '--format=%(objectname)', 'refs/heads/sluice/state')

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-cli-stage-'))
  stage = await setStage({
    dir,
    openCluster: openSandboxCluster,
    tools: { kustomize: await tool('kustomize'), cosign: await tool('cosign'), registry: await tool('registry') },
    searchPath: process.env['PATH'] ?? '',
    onProgress: () => {},
    allowFlawedCosign: true,
  })
}, 120_000)

afterAll(async () => {
  await stage.stop()
  await rm(dir, { recursive: true, force: true })
})

/** A cluster wherever a Kubernetes client looks by itself, with a program to run for its token. */
async function setTrap() {
  let connections = 0
  const server = createServer((_, answer) => void answer.end()).on('connection', () => {
    connections += 1
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const home = await mkdtemp(join(dir, 'home-'))
  const marker = join(home, 'ran')
  const kubeconfig = JSON.stringify({
    'current-context': 'trap',
    clusters: [{ name: 'trap', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'trap', context: { cluster: 'trap', user: 'trap' } }],
    users: [{ name: 'trap', user: { exec: { command: 'touch', args: [marker] } } }],
  })
  await mkdir(join(home, '.kube'))
  for (const file of ['.kube/config', 'kubeconfig']) await writeFile(join(home, file), kubeconfig)
  return {
    env: {
      HOME: home,
      KUBECONFIG: join(home, 'kubeconfig'),
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(port),
    },
    marker,
    connections: () => connections,
    close: () => void server.close(),
  }
}

describe('before the server first ran', () => {
  test('plan looks at the forge, says what the first round records, and writes nothing', async () => {
    const before = stage.forge.calls().length
    const ran = await ask('plan', repo)
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('fetching') })
    expect(ran.out).toContain('record  1 genesis, 1 audited on sluice/state')
    expect(await stateHead()).toBe('')
    const writes = stage.forge
      .calls()
      .slice(before)
      .filter(({ method, path }) => method !== 'GET' && !/(access_tokens|git-upload-pack)$/.test(path))
    expect(writes).toEqual([])
  })

  test('adopt reports a repository at the forge', async () => {
    const { rows, repository } = await json('adopt', repo)
    expect(repository).toBe(repo)
    expect(rows).toContainEqual(expect.objectContaining({ application: 'api', environment: 'staging', is: 'same' }))
  })

  test('doctor has one line for everything, each with its fix, and fails for nothing that is in place', async () => {
    const ran = await ask('doctor')
    expect(ran.out).toMatch(/ok +settings/)
    expect(ran.out).toMatch(/warn +App permissions +more than app\.yml asks for: statuses: write\n +→ /)
    expect(ran.out).toMatch(/ok +webhook +webhooks go to http.*\/api\/github\/webhooks/)
    expect(ran.out).toMatch(/ok +acme\/config main +pull requests only, check `sluice` required/)
    expect(ran.out).toMatch(/ok +acme\/config main: bypass/)
    expect(ran.out).toMatch(/ok +acme\/config sluice\/\*\*/)
    expect(ran.out).toMatch(/ok +acme\/config state +not there yet/)
    expect(ran.out).toMatch(/ok +cluster sandbox/)
    expect(ran.out).toMatch(/ok +registry 127\.0\.0\.1:\d+ +answers/)
    expect(ran).toMatchObject({ code: 0 })
  })

  test('doctor fails where the key is of another App or the webhook goes elsewhere', async () => {
    stage.forge.setWebhook('https://elsewhere.test/hook')
    const wrong = await ask('doctor')
    stage.forge.setWebhook(`${stage.server.url}/api/github/webhooks`)
    expect(wrong).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /fail +webhook +webhooks go to https:\/\/elsewhere\.test\/hook[\s\S]*→ on the settings page/,
      ),
    })
    const other = await sluice(['doctor'], { env: { ...stage.environment, SLUICE_APP_ID: '999999' } })
    expect(other.code).toBe(1)
    expect(other.out).toMatch(/fail .*forge\.credentials/)
  })

  test('doctor fails where manifests name a cluster that the settings do not', async () => {
    const clusters = join(dir, 'other-clusters.yaml')
    const known = await readFile(stage.environment['SLUICE_CLUSTERS'] ?? '', 'utf8')
    await writeFile(clusters, known.replaceAll('sandbox', 'sandbx'))
    const ran = await sluice(['doctor'], { env: { ...stage.environment, SLUICE_CLUSTERS: clusters } })
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/ok +cluster sandbx/)
    const missing = ran.out.split('\n').filter((line) => /^fail +acme\/config cluster/.test(line))
    expect(missing).toEqual([expect.stringMatching(/ cluster sandbox +the delivery of dev, staging, .* names it/)])
    expect(ran.out).toContain('→ name it in the file of SLUICE_CLUSTERS')
  })

  test('T55 no cluster but those of the settings is ever asked, whatever lies in the environment and at home', async () => {
    const trap = await setTrap()
    try {
      const { SLUICE_CLUSTERS: _, ...without } = stage.environment
      expect((await sluice(['doctor'], { env: { ...without, ...trap.env } })).out).toMatch(
        /warn +clusters +none is configured/,
      )
      const withIts = await sluice(['doctor'], { env: { ...stage.environment, ...trap.env } })
      expect(withIts.out).toMatch(/ok +cluster sandbox/)
      expect(trap.connections()).toBe(0)
      await expect(access(trap.marker)).rejects.toThrow('ENOENT')
    } finally {
      trap.close()
    }
  })

  test('a repository that the App is not installed on is named with those that it works on', async () => {
    expect(await ask('plan', 'acme/other')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/not installed on acme\/other; it works on acme\/config \(target\.not-installed\)\n$/),
    })
  })
})

describe('while the server runs', () => {
  beforeAll(async () => {
    await stage.server.start()
    await eventually('the state branch', async () => (await stateHead()) !== '')
  })

  test('status and explain ask the server, or look by themselves, and say the same', async () => {
    const server = ['--server', stage.server.url]
    await eventually('a round', async () => (await ask('status', ...server)).out.includes('api'))
    const [seen] = await json('status', repo, ...server)
    const [looked] = await json('status', repo)
    const releases = (overview: { slots: { slot: string; release: { id: string } }[] }) =>
      overview.slots.map(({ slot, release }) => [slot, release.id])
    expect(releases(seen)).toEqual(releases(looked))
    expect((await ask('status', '--environment', 'staging', ...server)).out).not.toContain('production')
    expect(await ask('status', '--environment', 'stagin', ...server)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean staging?'),
    })
    const explained = await ask('explain', 'api', 'staging', ...server)
    expect(explained).toMatchObject({
      code: 0,
      out: expect.stringMatching(/api in staging\n {2}runs api:1\.0\.0 .*\n {2}health: .*\n {2}next: nothing/),
    })
    expect(await ask('explain', 'apo', 'staging', ...server)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean api staging?'),
    })
  })

  test('plan and explain say which gate waits, why, and who can unblock it', async () => {
    const file = overlayFile('api', 'production')
    const text = overlay('api', 'production', { registry: stage.registry.host }, digestOf('e'), '9.9.9')
    await stage.people.ann.commitFiles(repo, 'hand', { [file]: text }, 'By hand', { from: 'main' })
    const number = await stage.people.ann.openPull({ repo, title: 'By hand', head: 'hand', base: 'main' })
    const ran = await ask('plan', repo)
    expect(ran.out).toMatch(new RegExp(`#${number} By hand: (waits for|refused by)`))
    expect(ran.out).toMatch(/wait +approved +.*approvals\.too-few.*unblocked by .*acme\/sre/)
    const explained = await ask('explain', 'api', 'production', '--repository', repo)
    expect(explained.out).toMatch(new RegExp(`#${number} By hand[\\s\\S]*approved`))
  })

  test('the status token is asked for and sent', async () => {
    const guarded = createServer((request, response) => {
      const isRight = request.headers.authorization === 'Bearer the-token-of-the-test'
      response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' }).end('[]')
    })
    await new Promise<void>((done) => guarded.listen(0, '127.0.0.1', done))
    const address = guarded.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const right = await sluice(['status', '--server', url], { env: { SLUICE_STATUS_TOKEN: 'the-token-of-the-test' } })
    expect(right.code).toBe(0)
    expect(await sluice(['status', '--server', url])).toMatchObject({
      code: 2,
      err: expect.stringContaining('SLUICE_STATUS_TOKEN'),
    })
    await new Promise((done) => guarded.close(done))
    expect(await sluice(['status', '--server', url])).toMatchObject({
      code: 2,
      err: expect.stringContaining('status.unreachable'),
    })
  })

  test('a port that is taken is one clear line', async () => {
    const ran = await ask('serve')
    expect(ran.code).toBe(2)
    expect(ran.err.trim().split('\n').at(-1)).toMatch(
      /^sluice: cannot listen on 127\.0\.0\.1:\d+: something else listens there/,
    )
  })

  const serving = async (name: string) => {
    const data = join(dir, name)
    const settings = { SLUICE_PORT: '0', SLUICE_DATA_DIR: data, SLUICE_LOG_LEVEL: 'info' }
    const running = await start(['serve'], { ...stage.environment, ...settings })
    await eventually(
      'a mirror',
      async () => (await execa('ls', [join(data, 'mirrors')], { reject: false })).stdout !== '',
    )
    return running
  }

  test('a stop is graceful', async () => {
    const running = await serving('second')
    running.signal('SIGTERM')
    expect(await running.ended).toBe(0)
    expect(running.err()).toContain('finishing what is under way')
  })

  test('a stop that a supervisor tells to each process of it is one stop', async () => {
    const running = await serving('fourth')
    running.signal('SIGTERM')
    await eventually('the first was heard', async () => running.err().includes('finishing what is under way'))
    running.signal('SIGTERM')
    expect(await running.ended).toBe(0)
  })

  test('a second signal ends it at once', async () => {
    const running = await serving('third')
    running.signal('SIGTERM')
    running.signal('SIGINT')
    expect(await running.ended).toBe(130)
  })
})

describe('sluice state repair', () => {
  beforeAll(() => stage.server.stop())

  test('says that there is nothing to repair', async () => {
    expect(await ask('state', 'repair', repo)).toMatchObject({
      code: 0,
      out: expect.stringContaining('trusted, nothing to repair'),
    })
  })

  test('T68: shows a commit of somebody else with what it says, and goes on only with what was read', async () => {
    const ours = await stateHead()
    const index = { GIT_INDEX_FILE: join(dir, 'index') }
    const bare = join(dir, 'forge/acme/config.git')
    const blob = await execa('git', ['-C', bare, 'hash-object', '-w', '--stdin'], { input: '{"kind":"forged"}\n' })
    await execa('git', ['-C', bare, 'read-tree', ours], { env: index })
    await execa(
      'git',
      ['-C', bare, 'update-index', '--add', '--cacheinfo', `100644,${blob.stdout},events/2026/01/01/00/forged.json`],
      { env: index },
    )
    const tree = (await execa('git', ['-C', bare, 'write-tree'], { env: index })).stdout
    const foreign = await git('commit-tree', tree, '-p', ours, '-m', 'A thaw by hand')
    await git('update-ref', 'refs/heads/sluice/state', foreign)

    const shown = await ask('state', 'repair', repo)
    expect(shown.code).toBe(1)
    expect(shown.out).toContain(`Not written by Sluice: ${foreign}`)
    expect(shown.out).toContain('A thaw by hand')
    expect(shown.out).toContain('"forged"')
    expect(shown.out).toContain('would be left out')
    expect(await ask('doctor')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/fail +acme\/config state[\s\S]*→ sluice state repair acme\/config/),
    })
    expect(await ask('plan', repo)).toMatchObject({
      code: 1,
      out: expect.stringContaining('the state branch is not trusted'),
    })

    expect(await ask('state', 'repair', repo, '--accept', foreign)).toMatchObject({
      code: 2,
      err: expect.stringContaining('repair.no-reason'),
    })
    expect(await ask('state', 'repair', repo, '--accept', ours, '--reason', 'no')).toMatchObject({
      code: 2,
      err: expect.stringContaining('repair.other-head'),
    })
    expect(await stateHead()).toBe(foreign)

    const signed = await ask('state', 'repair', repo, '--accept', foreign, '--reason', 'read by mo')
    expect(signed).toMatchObject({ code: 0, out: expect.stringContaining('signed as') })
    expect(await ask('state', 'repair', repo)).toMatchObject({
      code: 0,
      out: expect.stringContaining('nothing to repair'),
    })
    expect(await git('ls-tree', '-r', '--name-only', 'refs/heads/sluice/state')).not.toContain('forged')
    expect((await json('plan', repo)).state.trusted).toBe(true)
  })

  test('T66: a branch that is gone begins anew once somebody says so, in place of what is lost', async () => {
    const lost = await stateHead()
    await promotionNaming(lost)
    await git('update-ref', '-d', 'refs/heads/sluice/state')
    const shown = await ask('state', 'repair', repo)
    expect(shown).toMatchObject({ code: 1, out: expect.stringContaining(`Lost: the state ${lost}`) })
    expect(shown.out).toContain('--accept none')
    expect(await ask('state', 'repair', repo, '--accept', 'none', '--reason', 'deleted by mistake')).toMatchObject({
      code: 0,
    })
    expect(await ask('state', 'repair', repo)).toMatchObject({
      code: 0,
      out: expect.stringContaining('nothing to repair'),
    })
    expect(await git('log', '--format=%B', '-1', 'refs/heads/sluice/state')).toContain(`Sluice-In-Place-Of: ${lost}`)
    expect(await git('ls-tree', '-r', '--name-only', 'refs/heads/sluice/state')).toMatch(/genesis-.*\n.*repair-/s)
  })

  test('T67: a branch that was set back stands for what is lost once it was accepted', async () => {
    const before = await stateHead()
    const later = await git('commit-tree', `${before}^{tree}`, '-p', before, '-m', 'will be lost')
    await promotionNaming(later)
    const shown = await ask('state', 'repair', repo)
    expect(shown).toMatchObject({
      code: 1,
      out: expect.stringMatching(new RegExp(`state.*does not hold[\\s\\S]*Lost: the state ${later}`)),
    })
    expect(await ask('state', 'repair', repo, '--accept', before, '--reason', 'restored from a backup')).toMatchObject({
      code: 0,
    })
    expect(await ask('state', 'repair', repo)).toMatchObject({ code: 0 })
  })

  test('T15: history that was rewritten goes on once somebody has looked at the new one', async () => {
    const base = await git('rev-parse', 'refs/heads/main')
    const rewritten = await git('commit-tree', `${base}^{tree}`, '-m', 'All in one')
    await git('update-ref', 'refs/heads/main', rewritten)
    const shown = await ask('state', 'repair', repo)
    expect(shown).toMatchObject({ code: 1, out: expect.stringContaining('was rewritten') })
    expect(shown.out).toContain(`--accept ${rewritten}`)
    expect(await ask('state', 'repair', repo, '--accept', rewritten, '--reason', 'squashed on purpose')).toMatchObject({
      code: 0,
    })
    expect(await ask('state', 'repair', repo)).toMatchObject({ code: 0 })
  })
})

/** Puts a merge of ours onto the default branch, as it would have been made with that state. */
async function promotionNaming(state: string): Promise<void> {
  const base = await git('rev-parse', 'refs/heads/main')
  const head = await git('commit-tree', `${base}^{tree}`, '-p', base, '-m', 'Head')
  const { id: repository } = (await stage.people.root.request('GET', `/repos/${repo}`)) as { id: number }
  const nothing = { release: null, replaces: null, takesBack: null, pull: null, gated: null, over: null }
  const trailers = writeTrailers({ kind: 'edit', slot: null, base: toSha(base), state: toSha(state), ...nothing })
  const message = seal(`Merge\n\n${trailers}`, { repository, merges: head }, [
    stage.environment['SLUICE_STATE_KEY'] ?? '',
  ])
  const merge = await git('commit-tree', `${base}^{tree}`, '-p', base, '-p', head, '-m', message)
  await git('update-ref', 'refs/heads/main', merge)
}
