import { resolve } from 'node:path'
import { OperatorError } from '../domain/failures.ts'
import { withFolderLock } from './folder-lock.ts'
import { placedTool, recordedTool, recordTool } from './kept-tools.ts'
import type { Route, RouteAnswer, RouteSettings, Tool } from './route.ts'
import { debianPackages } from './routes/debian-packages.ts'
import { goInstall, goInstallCommand } from './routes/go-install.ts'
import { onPath } from './routes/on-path.ts'
import { type ToolName, toolTable } from './tool-table.ts'

export type { Tool } from './route.ts'
export { cosignFlaw, type ToolName, toolVersions } from './tool-table.ts'

interface EnsureTools<Name extends ToolName> {
  /** Where tools are kept (`.tools`); made where it is missing. */
  readonly dir: string
  readonly wanted: readonly Name[]
  /** The user's environment: PATH, HOME, what Go and apt read. */
  readonly env: Readonly<Partial<Record<string, string>>>
  /** One line each, with elapsed times; nothing where every tool is there already. */
  readonly onProgress: (line: string) => void
  /** Ends what is under way, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings each tool in a fitting version, by the first way that leads there, and asks nothing. Safe to call at the same time
 * from several processes. Throws OperatorError `tool.missing` with the command to run where no way leads there. Debian's
 * cosign is taken as the last resort although flawed: ask `cosignFlaw` before anything that counts rests on it.
 */
export async function ensureTools<Name extends ToolName>(options: EnsureTools<Name>): Promise<Record<Name, Tool>> {
  const settings = { ...options, dir: resolve(options.dir) }
  const entries: [Name, Tool][] = []
  const names = [...new Set(options.wanted)]
  for (const [at, name] of names.entries()) entries.push([name, await ensureTool(name, settings, names.slice(at))])
  return Object.fromEntries(entries) as Record<Name, Tool>
}

/** `open` are this tool and those that are still to come: what to do is said for all of them at once. */
const ensureTool = async (name: ToolName, settings: RouteSettings, open: readonly ToolName[]): Promise<Tool> =>
  (await recordedTool(settings.dir, name)) ??
  (await withFolderLock(
    settings.dir,
    (owner) => settings.onProgress(`${name}: waiting for process ${owner}, which brings tools`),
    // Another process may have brought it while we waited.
    async () => (await recordedTool(settings.dir, name)) ?? (await firstWay(name, settings, open)),
    settings.signal,
  ))

interface Way {
  readonly route: Route
  /** Said before a way that takes long; the others are silent. */
  readonly announced?: string
  readonly kept: boolean
}

const ways: Readonly<Record<string, Way>> = {
  folder: { route: placedTool, kept: true },
  PATH: { route: onPath, kept: false },
  'go install': { route: goInstall, announced: 'go install, which may take some minutes', kept: true },
  'Debian packages': { route: debianPackages, announced: 'Debian packages of the machine’s mirror', kept: true },
}

async function firstWay(name: ToolName, settings: RouteSettings, open: readonly ToolName[]): Promise<Tool> {
  const reasons: string[] = []
  for (const [from, way] of Object.entries(ways)) {
    settings.signal?.throwIfAborted()
    const answer = await (way.announced === undefined ? way.route(name, settings) : narrated(name, from, way, settings))
    // What was cut short is no way that failed.
    settings.signal?.throwIfAborted()
    if ('tool' in answer) {
      if (way.kept) await recordTool(settings.dir, name, answer.tool, from)
      return answer.tool
    }
    reasons.push(answer.why)
  }
  throw noWay(name, settings.dir, reasons, await notThere(open, settings))
}

async function notThere(names: readonly ToolName[], settings: RouteSettings): Promise<readonly ToolName[]> {
  const found = await Promise.all(
    names.map(async (name) => [await placedTool(name, settings), await onPath(name, settings)]),
  )
  return names.filter((_, at) => !(found[at] ?? []).some((answer) => 'tool' in answer))
}

/** A way that ends sooner has nothing to tell: no Go on PATH is no news. */
const shortestMs = 500

async function narrated(name: ToolName, from: string, way: Way, settings: RouteSettings): Promise<RouteAnswer> {
  const since = performance.now()
  const elapsed = () => `${Math.round((performance.now() - since) / 1000)} s`
  let isAnnounced = false
  const announcing = setTimeout(() => {
    isAnnounced = true
    settings.onProgress(`${name} ${toolTable[name].version}: by ${way.announced}`)
  }, shortestMs)
  const ticking = setInterval(() => settings.onProgress(`${name}: still at it after ${elapsed()} (${from})`), 15_000)
  const answer = await way.route(name, settings).finally(() => {
    clearTimeout(announcing)
    clearInterval(ticking)
  })
  if ('why' in answer) {
    if (isAnnounced) settings.onProgress(`${name}: no luck after ${elapsed()}; ${answer.why}`)
  } else
    settings.onProgress(`${name} ${answer.tool.version} is there after ${elapsed()}: ${answer.tool.path} (${from})`)
  return answer
}

const noWay = (name: ToolName, dir: string, reasons: readonly string[], open: readonly ToolName[]) =>
  new OperatorError(
    'tool.missing',
    `${name} ${toolTable[name].version} could not be had:\n` +
      `${reasons.map((reason) => `  ${reason}\n`).join('')}` +
      `With Go (https://go.dev/dl), run this and try again; or put what is missing on PATH in any other way:\n` +
      open.map((each) => `  ${goInstallCommand(each, dir)}`).join('\n'),
  )
