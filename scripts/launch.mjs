#!/usr/bin/env node
/**
 * Every npm script and the `sluice` command start here, on any Node since 20: finds a Node 24 and runs the program on it.
 * Plain JavaScript without imports from packages, since it must run where nothing newer is there.
 *
 *   launch.mjs <words…>          sluice <words…>
 *   launch.mjs --run FILE …      another TypeScript or JavaScript file of this project
 *   launch.mjs --bin NAME …      a command that a package brought (vitest, tsc, biome, knip)
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestMajor = 24
const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))
const require = createRequire(join(root, 'package.json'))

const node = findNode()
if (node === undefined) {
  process.stderr.write(
    `sluice needs Node ${oldestMajor} or later; this is ${process.version}.\n` +
      `On Linux (x64, arm64) it comes with the packages: run \`npm ci\` without --omit=optional.\n` +
      `Elsewhere install Node ${oldestMajor} (https://nodejs.org) and put it first on PATH.\n`,
  )
  process.exit(1)
}
const program = programOf(process.argv.slice(2))
if (!existsSync(program[0])) {
  process.stderr.write(
    `${program[0]} is not there: this package was packed without its build (\`npm run package\` makes a whole one).\n`,
  )
  process.exit(2)
}
run(node, program)

function findNode() {
  if (majorOf(process.version) >= oldestMajor) return process.execPath
  const packaged = packagedNode(`node-linux-${process.arch}`)
  if (packaged !== undefined) return packaged
  const onPath = spawnSync('node', ['--version'], { encoding: 'utf8' })
  return onPath.status === 0 && majorOf(onPath.stdout) >= oldestMajor ? 'node' : undefined
}

function packagedNode(name) {
  if (process.platform !== 'linux') return undefined
  try {
    const binary = join(dirname(require.resolve(`${name}/package.json`)), 'bin/node')
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

function majorOf(version) {
  return Number(/^v(\d+)/.exec(version)?.[1] ?? 0)
}

function programOf(words) {
  const [mode, name, ...rest] = words
  if (mode === '--run' && name !== undefined) return [resolve(root, name), ...rest]
  if (mode === '--bin' && name !== undefined) return [binOf(name), ...rest]
  return [mainFile(), ...words]
}

// An installed package has no TypeScript that Node would strip (it refuses below node_modules), so it runs what was built.
function mainFile() {
  const source = join(root, 'src/main.ts')
  const inPackage = root.split(/[\\/]/).includes('node_modules')
  return !inPackage && existsSync(source) ? source : join(root, 'dist/main.js')
}

function binOf(name) {
  const packages = { tsc: 'typescript', biome: '@biomejs/biome' }
  // By path, since a package may keep its package.json to itself (knip does).
  const manifest = join(root, 'node_modules', packages[name] ?? name, 'package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name])
}

// What a checkout's TypeScript was compiled to is kept, which nearly halves the start. An installed package was built before.
function compileCache() {
  const modules = join(root, 'node_modules')
  return existsSync(modules) ? { NODE_COMPILE_CACHE: join(modules, '.cache/sluice') } : {}
}

function run(command, program) {
  // npm puts its own Node first on PATH; children of ours must find the same Node as we run on.
  const path = command === 'node' ? process.env.PATH : `${dirname(command)}:${process.env.PATH}`
  const child = spawn(command, ['--disable-warning=ExperimentalWarning', ...program], {
    stdio: 'inherit',
    env: { ...compileCache(), ...process.env, PATH: path },
  })
  // The terminal sends Ctrl-C to the whole group; we stay until the program has ended in its own way.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal)
    })
  }
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
}
