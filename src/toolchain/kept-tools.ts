import { constants } from 'node:fs'
import { access, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Route, Tool } from './route.ts'
import { type ToolName, toolTable } from './tool-table.ts'
import { versionOf } from './version-of.ts'

interface Kept extends Tool {
  readonly from: string
  /** The version that was looked for: a new pin asks again. */
  readonly pinned: string
}

/** What an earlier call brought here. Only files are read. */
export async function recordedTool(dir: string, name: ToolName): Promise<Tool | null> {
  const kept = (await readRecord(dir))[name]
  if (kept === undefined || kept.pinned !== toolTable[name].version) return null
  return access(kept.path, constants.X_OK).then(
    () => ({ path: kept.path, version: kept.version }),
    () => null,
  )
}

/** A fitting file that somebody put here by hand, for example with the command that our error names. */
export const placedTool: Route = async (name, { dir }) => {
  for (const command of toolTable[name].commands) {
    const path = join(dir, command)
    const version = await versionOf(name, path)
    if (version !== null && toolTable[name].fits(version)) return { tool: { path, version } }
  }
  return { why: `${dir}: nothing fitting` }
}

/** Callers hold the lock of the folder: the record is read, changed and replaced as a whole. */
export async function recordTool(dir: string, name: ToolName, tool: Tool, from: string): Promise<void> {
  const record = { ...(await readRecord(dir)), [name]: { ...tool, from, pinned: toolTable[name].version } }
  const draft = join(dir, `tools.json.${process.pid}`)
  await writeFile(draft, `${JSON.stringify(record, null, 2)}\n`)
  await rename(draft, recordFile(dir))
}

const recordFile = (dir: string) => join(dir, 'tools.json')

// A record that cannot be read is no record: the tools are then looked for again.
async function readRecord(dir: string): Promise<Partial<Record<ToolName, Kept>>> {
  try {
    return JSON.parse(await readFile(recordFile(dir), 'utf8'))
  } catch {
    return {}
  }
}
