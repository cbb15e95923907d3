import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ToolName } from '../../src/toolchain/ensure-tools.ts'
import { tool } from '../tools.ts'

/** How a tool can be broken, as shell. */
const ways = {
  hangs: 'exec /bin/sleep 600',
  'is killed': 'kill -9 $$',
  'ends as never before': 'exit 113',
  'prints rubbish': 'echo hello; exit 0',
  'prints nothing': 'exit 0',
} as const

export interface BreakableTool {
  /** For the settings of the server. */
  readonly path: string
  /** From the next call on; null mends it. */
  breakAs(way: keyof typeof ways | null): void
  remove(): void
}

/** The real tool behind a script that can be told to do something else. */
export async function breakableTool(name: ToolName): Promise<BreakableTool> {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${name}-`))
  const path = join(folder, name)
  const real = await tool(name)
  const instead = join(folder, 'instead')
  const breakAs: BreakableTool['breakAs'] = (way) => writeFileSync(instead, way === null ? '' : ways[way])
  breakAs(null)
  writeFileSync(path, `#!/bin/sh\n. "${instead}"\nexec "${real}" "$@"\n`)
  chmodSync(path, 0o755)
  return { path, breakAs, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
