import { tmpdir } from 'node:os'
import { runTool } from '../run-tool.ts'
import { type ToolName, toolTable } from './tool-table.ts'

/**
 * The version that a file says it has, or null where it is not there, does not run, or is something else. Debian's builds
 * say only `devel`: `unsaid` is the answer for those, such as the version of the package.
 */
export async function versionOf(name: ToolName, path: string, unsaid: string | null = null): Promise<string | null> {
  const { versionArguments, versionIn } = toolTable[name]
  // Cosign looks for its trust root under HOME; asking for a version must not depend on one.
  const call = { command: path, args: versionArguments, cwd: tmpdir(), env: { HOME: tmpdir() } }
  const run = await runTool({ ...call, timeoutMs: 20_000, maxOutputBytes: 64 * 1024 }).catch(() => null)
  if (run?.exitCode !== 0) return null
  const printed = `${run.stdout}\n${run.stderr}`
  return versionIn(printed) ?? (/\bdevel\b/.test(printed) ? unsaid : null)
}
