/**
 * Builds `dist/` beside `src/`: the same tree, so that an asset named by a URL relative to a module (`../../fixtures/…`) is
 * found from either. What is no TypeScript in `src/` goes along as it is.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const { status } = spawnSync(process.execPath, [compiler, '--project', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
cpSync(join(root, 'src'), dist, { recursive: true, filter: (source) => !source.endsWith('.ts') })
