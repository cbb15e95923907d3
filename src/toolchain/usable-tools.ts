import { OperatorError } from '../domain/failures.ts'
import { findOnPath } from './find-on-path.ts'
import type { Tool } from './route.ts'
import { cosignFlaw, type ToolName, toolTable } from './tool-table.ts'
import { versionOf } from './version-of.ts'

export interface UsableTools {
  readonly kustomize: Tool
  readonly cosign: Tool
}

interface Wanted {
  /** Names to be found on the search path, or absolute paths. */
  readonly kustomize: string
  readonly cosign: string
  readonly allowFlawedCosign: boolean
  readonly searchPath: string | undefined
}

/**
 * The absolute paths of the tools that the server runs. Throws OperatorError `tool.missing`, and `tool.flawed` for a cosign
 * that is known to verify what it must not, unless the operator allowed that.
 */
export async function usableTools(wanted: Wanted): Promise<UsableTools> {
  const [kustomize, cosign] = await Promise.all([
    usableTool('kustomize', wanted.kustomize, wanted.searchPath),
    usableTool('cosign', wanted.cosign, wanted.searchPath),
  ])
  const flaw = cosignFlaw(cosign.version)
  if (flaw !== undefined && !wanted.allowFlawedCosign) {
    throw new OperatorError(
      'tool.flawed',
      `cosign at ${cosign.path} is not used: ${flaw}. Install 2.6.3 or later, or 3.0.6 or later. (SLUICE_ALLOW_FLAWED_COSIGN=1 runs it all the same, for demonstrations.)`,
    )
  }
  return { kustomize, cosign }
}

/** One tool by a name on the search path or an absolute path. Throws OperatorError `tool.missing` and `tool.broken`. */
export async function usableTool(name: ToolName, command: string, path: string | undefined): Promise<Tool> {
  const found = await located(name, command, path)
  // A build that says no version passes for the tool, and for a flawed one where versions matter.
  const version = await versionOf(name, found, 'devel')
  if (version !== null) return { path: found, version }
  throw new OperatorError('tool.broken', `${found} does not tell its version; is it ${name}?`)
}

async function located(name: ToolName, command: string, path: string | undefined): Promise<string> {
  if (command.startsWith('/')) return command
  const [found] = await findOnPath(command, path)
  if (found !== undefined) return found
  const { goPackage, version } = toolTable[name]
  throw new OperatorError(
    'tool.missing',
    `${command} is not on PATH; install it (\`go install ${goPackage}@v${version}\`, or a package of your system), or name its path in SLUICE_${name.toUpperCase()}`,
  )
}
