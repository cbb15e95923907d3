import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cosignFlaw, ensureTools } from '../toolchain/ensure-tools.ts'
import type { Tell } from './events.ts'
import type { StageOptions } from './stage.ts'

/** Brings what the demonstration needs, and warns of a cosign that one should not rely on elsewhere. */
export async function bringTools(
  {
    toolsDir,
    env,
    interrupted,
  }: {
    readonly toolsDir: string | null
    readonly env: Readonly<Partial<Record<string, string>>>
    readonly interrupted: AbortSignal
  },
  tell: Tell,
): Promise<Pick<StageOptions, 'tools' | 'allowFlawedCosign'>> {
  const dir = toolsDir ?? usualFolder()
  const onProgress = (line: string) => tell({ event: 'tools.progress', line })
  const { kustomize, cosign, registry } = await ensureTools({
    dir,
    wanted: ['kustomize', 'cosign', 'registry'],
    env,
    onProgress,
    signal: interrupted,
  })
  const versions = { kustomize: kustomize.version, cosign: cosign.version, registry: registry.version }
  tell({ event: 'tools.ready', tools: versions })
  const flaw = cosignFlaw(cosign.version)
  if (flaw !== undefined)
    tell({ event: 'demo.warns', text: `${flaw}. The demonstration runs with it all the same; do not.` })
  return {
    tools: { kustomize: kustomize.path, cosign: cosign.path, registry: registry.path },
    allowFlawedCosign: flaw !== undefined,
  }
}

const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

/** Beside the program, so that a second start finds them; an installation that nobody may write to keeps them here. */
function usualFolder(): string {
  try {
    accessSync(packageRoot, constants.W_OK)
    return join(packageRoot, '.tools')
  } catch {
    // Not ours to write to, which is no error: the folder that the user is in will do.
    return '.tools'
  }
}
