import { tmpdir } from 'node:os'
import { runTool } from '../run-tool.ts'
import { type ToolName, toolTable } from './tool-table.ts'

/**
 * The version that a file says it has, or null where it is not there, does not run, or is something else. Debian builds say
 * `devel`: their packages know the version, which is then believed if the file runs at all.
 */
export async function versionOf(name: ToolName, path: string, packaged: string | null = null): Promise<string | null> {
  const { versionArguments, versionIn } = toolTable[name]
  // Cosign looks for its trust root under HOME; asking for a version must not depend on one.
  const call = { command: path, args: versionArguments, cwd: tmpdir(), env: { HOME: tmpdir() } }
  const run = await runTool({ ...call, timeoutMs: 20_000, maxOutputBytes: 64 * 1024 }).catch(() => null)
  return run?.exitCode === 0 ? (versionIn(`${run.stdout}\n${run.stderr}`) ?? packaged) : null
}
