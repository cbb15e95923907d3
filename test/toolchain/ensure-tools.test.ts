import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureTools } from '../../src/toolchain/ensure-tools.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ensure-tools-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newFolder = () => mkdtemp(join(folder, 'case-'))

async function script(dir: string, name: string, body: string): Promise<string> {
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return dir
}

/** A Go that takes its time and then "builds" a kustomize, noting each call. */
const slowGo = (dir: string) =>
  script(
    join(dir, 'bin'),
    'go',
    `echo "$@" >> ${dir}/go-calls; /bin/sleep 0.3; printf '#!/bin/sh\\necho v5.8.1\\n' > $GOBIN/kustomize; /bin/chmod +x $GOBIN/kustomize`,
  )

const oneBuild =
  'install -trimpath -gcflags=all=-dwarf=false -ldflags=-s -w sigs.k8s.io/kustomize/kustomize/v5@v5.8.1\n'

async function ensureKustomize(dir: string, path: string) {
  const lines: string[] = []
  const tools = await ensureTools({
    dir: join(dir, 'tools'),
    wanted: ['kustomize'],
    env: { PATH: path },
    onProgress: (line) => lines.push(line),
  })
  return { ...tools.kustomize, lines }
}

test('a fitting tool on PATH is used where it stands, in silence', async () => {
  const dir = await newFolder()
  const bin = await script(join(dir, 'bin'), 'kustomize', 'echo v5.6.0')
  expect(await ensureKustomize(dir, bin)).toEqual({ path: join(bin, 'kustomize'), version: '5.6.0', lines: [] })
})

test('a tool on PATH that is too old, or another program, is passed over for a build of the pinned one', async () => {
  const dir = await newFolder()
  const old = await script(join(dir, 'old'), 'kustomize', 'echo v4.5.7')
  const other = await script(join(dir, 'other'), 'kustomize', 'echo "(devel)"')
  const tool = await ensureKustomize(dir, [old, other, await slowGo(dir)].join(':'))
  expect(tool).toMatchObject({ path: join(dir, 'tools/kustomize'), version: '5.8.1' })
  expect(await readFile(join(dir, 'go-calls'), 'utf8')).toBe(oneBuild)
  expect(tool.lines.at(-1)).toMatch(/^kustomize 5\.8\.1 is there after \d+ s: .*\(go install\)$/)
})

test('where no way leads to a tool, the commands for all that are missing are told at once, and not which ways there are not', async () => {
  const dir = await newFolder()
  const bin = await script(join(dir, 'bin'), 'cosign', 'echo "GitVersion: v3.1.2"')
  const lines: string[] = []
  const bringing = ensureTools({
    dir: join(dir, 'tools'),
    wanted: ['kustomize', 'cosign', 'registry'],
    env: { PATH: bin },
    onProgress: (line) => lines.push(line),
  })
  const error = await bringing.catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ reason: 'tool.missing', message: expect.stringContaining('no go on PATH') })
  const commands = String(error).match(/GOBIN=\S+ go install .*\/(\w+)(?:\/v5)?@/g) ?? []
  expect(commands.map((command) => /(kustomize|cosign|registry)(?:\/v5)?@/.exec(command)?.[1])).toEqual([
    'kustomize',
    'registry',
  ])
  expect(lines).toEqual([])
})

test('what was brought once is there at once the next time', async () => {
  const dir = await newFolder()
  await ensureKustomize(dir, await slowGo(dir))
  expect(await ensureKustomize(dir, '/nowhere')).toMatchObject({ version: '5.8.1', lines: [] })
})

test('callers at the same time bring a tool once', async () => {
  const dir = await newFolder()
  const path = await slowGo(dir)
  const all = await Promise.all([1, 2, 3].map(() => ensureKustomize(dir, path)))
  expect(new Set(all.map((each) => each.path)).size).toBe(1)
  expect(await readFile(join(dir, 'go-calls'), 'utf8')).toBe(oneBuild)
  expect((await readdir(join(dir, 'tools'))).sort()).toEqual(['kustomize', 'tools.json'])
})

test('the lock of a process that has died is taken over', async () => {
  const dir = await newFolder()
  await mkdir(join(dir, 'tools/.lock'), { recursive: true })
  await writeFile(join(dir, 'tools/.lock/pid'), '4194304')
  expect((await ensureKustomize(dir, await slowGo(dir))).version).toBe('5.8.1')
})

test('who no longer wants a tool ends its build, all that the build started, and leaves no trace', async () => {
  const dir = await newFolder()
  const path = await script(join(dir, 'bin'), 'go', `/bin/sleep 60 & echo $! > ${dir}/compiler; wait`)
  const leaving = new AbortController()
  const wanted = { dir: join(dir, 'tools'), wanted: ['kustomize'] as const, env: { PATH: path }, onProgress: () => {} }
  const bringing = ensureTools({ ...wanted, signal: leaving.signal })
  bringing.catch(() => {})
  const compiler = await vi.waitUntil(
    async () => Number(await readFile(join(dir, 'compiler'), 'utf8').catch(() => '')),
    {
      timeout: 20_000,
    },
  )

  leaving.abort()

  await expect(bringing).rejects.toBe(leaving.signal.reason)
  await vi.waitUntil(() => !isRunning(compiler))
  expect(await readdir(join(dir, 'tools'))).toEqual([])
})

/** A process that has ended may still stand in the table until somebody asks how. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('a tool that somebody put into the folder by hand is taken', async () => {
  const dir = await newFolder()
  await script(join(dir, 'tools'), 'kustomize', 'echo v5.8.1')
  expect((await ensureKustomize(dir, '/nowhere')).path).toBe(join(dir, 'tools/kustomize'))
})

test('where no way leads to a tool the error tells each way and the command to run', async () => {
  const dir = await newFolder()
  const bin = await script(join(dir, 'bin'), 'go', 'echo "go: module needs Go 1.99" >&2; exit 1')
  const failure = await ensureKustomize(dir, bin).catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'OperatorError', reason: 'tool.missing' })
  expect(String(failure)).toContain('go install: go: module needs Go 1.99')
  expect(String(failure)).toContain('Debian packages: no apt-get')
  expect(String(failure)).toContain(
    `GOBIN=${join(dir, 'tools')} go install -trimpath sigs.k8s.io/kustomize/kustomize/v5@v5.8.1`,
  )
  expect(await readdir(join(dir, 'tools'))).toEqual([])
})
