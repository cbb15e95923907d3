import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../run-tool.ts'
import { findOnPath } from '../find-on-path.ts'
import type { Route, RouteSettings } from '../route.ts'
import { type ToolName, toolTable } from '../tool-table.ts'
import { versionOf } from '../version-of.ts'

const twentyMinutes = 20 * 60_000

/** The command that a person would type for the same. */
export const goInstallCommand = (name: ToolName, dir: string): string =>
  `GOBIN=${dir} go install -trimpath ${goTarget(name)}`

/** Builds the pinned version from its Go module, with the user's own Go settings. */
export const goInstall: Route = async (name, settings) => {
  const [go] = await findOnPath('go', settings.env['PATH'])
  if (go === undefined) return { why: 'go install: no go on PATH' }
  // Built aside and moved: a broken build never stands where the next start would find it.
  await mkdir(settings.dir, { recursive: true })
  const staging = await mkdtemp(join(settings.dir, '.go-'))
  try {
    return await buildInto(staging, go, name, settings)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function buildInto(staging: string, go: string, name: ToolName, { dir, env, signal }: RouteSettings) {
  const call = {
    command: go,
    // Nobody debugs it, and making what a debugger wants is a fifth of the work.
    args: ['install', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags=-s -w', goTarget(name)],
    cwd: staging,
    env: { ...env, GOBIN: staging },
    timeoutMs: twentyMinutes,
    maxOutputBytes: 4 * 1024 * 1024,
  }
  const run = await runTool(call, signal)
  if (run.exitCode !== 0) return { why: `go install: ${run.timedOut ? 'took over 20 minutes' : lastLines(run.stderr)}` }
  const path = join(dir, name)
  await rename(join(staging, name), path)
  const version = await versionOf(name, path)
  return version === null ? { why: `go install: ${path} does not run` } : { tool: { path, version } }
}

const goTarget = (name: ToolName): string => `${toolTable[name].goPackage}@v${toolTable[name].version}`

// A Go that is too old says so here in its own words.
const lastLines = (text: string): string =>
  text.trim().split('\n').slice(-3).join(' / ').slice(0, 400) || 'failed silently'
