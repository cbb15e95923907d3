import { fileURLToPath } from 'node:url'
import { ensureTools, type ToolName } from '../src/toolchain/ensure-tools.ts'

const toolsFolder = process.env['SLUICE_TOOLS_DIR'] ?? fileURLToPath(new URL('../.tools', import.meta.url))

/** Where the suite keeps its tools, and how it gets those that are not there yet. */
export const ensureTestTools = (wanted: readonly ToolName[], onProgress: (line: string) => void) =>
  ensureTools({ dir: toolsFolder, wanted, env: process.env, onProgress })

/** The absolute path of a real tool; the global set-up has brought it before the first test. */
export async function tool(name: ToolName): Promise<string> {
  const tools = await ensureTestTools([name], () => {})
  return tools[name].path
}
