import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { ExecaError, execa } from 'execa'
import { demandGo, modules } from './demand-go.ts'
import { type Family, type FamilyName, families } from './families.ts'
import { RigUnavailable } from './rig-unavailable.ts'

/** A folder of the cache for each family that is there: programs in `bin`, manifests by module in `manifests`. */
export type Built = Readonly<Partial<Record<FamilyName, string>>>

// Only the suite reads it; the server knows no such setting.
const cache = process.env['SLUICE_TEST_RIG_CACHE'] ?? join(homedir(), '.cache', 'sluice-cluster-rig')

/**
 * Builds what is not in the cache yet, from the Go module proxy, one family after the other; the cache is keyed by the
 * requirements, their checksums, the Go version and how it builds. Rejects with RigUnavailable where that cannot be done here, and soon
 * once nobody wants it any more.
 */
export async function buildBinaries(
  wanted: readonly FamilyName[],
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<Built> {
  const goVersion = await demandGo()
  const built: Partial<Record<FamilyName, string>> = {}
  for (const name of wanted) {
    signal?.throwIfAborted()
    built[name] = await buildFamily(name, goVersion, { onProgress, signal })
  }
  return built
}

interface Building {
  readonly onProgress: (line: string) => void
  readonly signal: AbortSignal | undefined
}

async function buildFamily(name: FamilyName, goVersion: string, { onProgress, signal }: Building): Promise<string> {
  const family: Family = families[name]
  const folder = join(modules, name)
  const requirements = await readFile(join(folder, 'go.mod'), 'utf8')
  const version = versionIn(requirements, family.module)
  const checksums = await readFile(join(folder, 'go.sum'), 'utf8')
  const words = buildWords(family.linkerFlags?.(version) ?? '')
  const madeOf = [goVersion, process.arch, requirements, checksums, family, words, surroundings]
  const key = createHash('sha256').update(JSON.stringify(madeOf)).digest('hex').slice(0, 16)
  const kept = join(cache, `${name}-${key}`)
  if (await isThere(kept)) return kept
  onProgress(`${name} ${version}: building ${family.programs.join(', ')} (minutes; once for each version)`)
  const began = performance.now()
  const elapsed = () => `${Math.round((performance.now() - began) / 1000)} s`
  const ticking = setInterval(() => onProgress(`${name} ${version}: still at it after ${elapsed()}`), 60_000)
  const making = `${kept}.${process.pid}`
  await mkdir(making, { recursive: true })
  try {
    await compile(folder, join(making, 'bin'), words, signal)
    if (family.manifests !== undefined) await keepManifests(folder, join(making, 'manifests'), family.manifests)
    // Somebody else may have built the same meanwhile.
    if (!(await isThere(kept))) await rename(making, kept)
  } catch (cause) {
    signal?.throwIfAborted()
    const said = cause instanceof ExecaError ? `\n${String(cause.stderr).slice(-2_000)}` : ''
    throw new RigUnavailable(`${name} ${version} cannot be built on this machine${said}`, { cause })
  } finally {
    clearInterval(ticking)
    await rm(making, { recursive: true, force: true })
  }
  onProgress(`${name} ${version}: built in ${elapsed()}`)
  return kept
}

/** Nothing for debuggers, which is a fifth of a build. Not inlining would save as much again, and have controllers too busy to be on time. */
const quickly = '-gcflags=all=-dwarf=false'

/** How parallel it builds, people say in GOFLAGS and GOMAXPROCS. `-mod=readonly`: a checkout is not written to. */
const buildWords = (linkerFlags: string): readonly string[] => [
  ...['build', '-mod=readonly', '-trimpath', quickly, '-ldflags', `-s -w ${linkerFlags}`],
]
const surroundings = { GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOWORK: 'off' }

async function compile(
  folder: string,
  bin: string,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(bin)
  await execa('go', [...words, '-o', `${bin}/`, 'tool'], {
    cwd: folder,
    env: surroundings,
    // The compilers that it runs end with it.
    killDescendants: true,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  })
}

/** Copies of what the modules' own archives hold; a module that nothing is built from is fetched for it. */
async function keepManifests(folder: string, to: string, wanted: NonNullable<Family['manifests']>): Promise<void> {
  for (const [module, folders] of Object.entries(wanted)) {
    const { stdout } = await execa('go', ['mod', 'download', '-json', module], {
      cwd: folder,
      env: { GOTOOLCHAIN: 'local' },
    })
    const { Dir } = JSON.parse(stdout) as { readonly Dir: string }
    for (const each of folders) await cp(join(Dir, each), join(to, module, each), { recursive: true })
  }
  // The module cache is read-only and holds nothing executable; copies must be removable, and some are scripts.
  await execa('chmod', ['-R', 'u+wx', to])
}

/** Without the `v` that Go puts before it. */
export const familyVersion = async (name: FamilyName): Promise<string> =>
  versionIn(await readFile(join(modules, name, 'go.mod'), 'utf8'), families[name].module).replace(/^v/, '')

export const versionIn = (requirements: string, module: string): string =>
  requirements.match(new RegExp(`^(?:require|\\t)\\s*${module.replaceAll('.', '\\.')} (v\\S+)`, 'm'))?.[1] ?? '?'

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
