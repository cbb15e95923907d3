import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { configRepository } from '../../src/demo/config-repository.ts'
import { tool } from '../tools.ts'
import { whatNodeKeeps } from '../what-node-keeps.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const flags = ['--disable-warning=ExperimentalWarning', main]

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Where {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The command as somebody types it, in an environment of its own. */
export async function sluice(words: readonly string[], { cwd = '/', env = {} }: Where = {}): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...flags, ...words], {
    cwd,
    env: await environmentWith(env),
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  })
  return { code: exitCode ?? null, out: stdout, err: stderr }
}

/** A command that goes on until it is told to stop. */
export async function start(words: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [...flags, ...words], {
    cwd: '/',
    env: await environmentWith(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes) => (out += String(bytes)))
  child.stderr.on('data', (bytes) => (err += String(bytes)))
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  return { signal: (name: NodeJS.Signals) => child.kill(name), ended, out: () => out, err: () => err }
}

const environmentWith = async (env: Readonly<Record<string, string>>) => ({
  ...whatNodeKeeps,
  PATH: process.env['PATH'] ?? '',
  SLUICE_KUSTOMIZE: await tool('kustomize'),
  SLUICE_COSIGN: await tool('cosign'),
  SLUICE_ALLOW_FLAWED_COSIGN: '1',
  ...env,
})

export type Files = Readonly<Record<string, string>>

const digests = { api: 'a', web: 'b', worker: 'c' }
export const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`
export const registry = 'registry.test:5000'
const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' })

/** The demonstration's repository, as files. */
export const demonstration: Files = configRepository({
  registry,
  publicKey: publicKey.toString(),
  digests: Object.fromEntries(Object.entries(digests).map(([name, digit]) => [name, digestOf(digit)])),
  cluster: {
    name: 'sandbox',
    patience: { soak: '10s', settle: '2s', confirm: '5s', deadline: '60s', evidenceWithin: '5s' },
  },
})

export async function write(root: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

/** A folder of its own with a repository in it, everything committed on main. */
export async function repositoryWith(files: Files): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-cli-')))
  await write(root, files)
  await git(root, 'init', '--quiet', '--initial-branch=main')
  await commitAll(root, 'What runs where')
  return root
}

export async function commitAll(root: string, message: string): Promise<void> {
  await git(root, 'add', '--all')
  await git(root, 'commit', '--quiet', '--message', message)
}

const identity = { GIT_AUTHOR_NAME: 'ann', GIT_AUTHOR_EMAIL: 'ann@acme.test' }
export const git = async (root: string, ...args: readonly string[]): Promise<string> => {
  const committer = { GIT_COMMITTER_NAME: 'ann', GIT_COMMITTER_EMAIL: 'ann@acme.test' }
  return (await execa('git', ['-C', root, ...args], { env: { ...identity, ...committer } })).stdout
}
