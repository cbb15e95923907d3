import { join } from 'node:path'
import { execa } from 'execa'
import type { Scenario } from '../scenarios/scenario.ts'
import type { HostileFile } from './hostile-overlays.ts'

export interface PlantedBranch {
  readonly branch: string
  /** By path in the repository. */
  readonly files: Readonly<Record<string, HostileFile>>
}

/**
 * Commits on top of main, one branch each, as a pushed pack would bring them: the forge's API and `git add` would refuse
 * some of these names and modes, and those who attack do not ask them.
 */
export async function plantBranches({ dir }: Pick<Scenario, 'dir'>, planted: readonly PlantedBranch[]): Promise<void> {
  const parts = planted.flatMap(({ branch, files }) => [
    Buffer.from(`commit refs/heads/${branch}\ncommitter eve <eve@example.com> ${seconds()} +0000\n${data(branch)}`),
    Buffer.from('from refs/heads/main^0\n'),
    ...Object.entries(files).map(([path, file]) => Buffer.from(entryOf(path, file))),
  ])
  const repository = join(dir, 'forge', 'acme', 'config.git')
  await execa('git', ['-C', repository, 'fast-import', '--quiet'], { input: Buffer.concat(parts) })
}

const seconds = (): number => Math.floor(Date.now() / 1000)

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`

function entryOf(path: string, file: HostileFile): string {
  // As fast-import reads it: in quotes, with the escapes of C.
  const name = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
  if (typeof file === 'string') return `M 100644 inline ${name}\n${data(file)}`
  return file.mode === '160000'
    ? `M 160000 ${file.text} ${name}\n`
    : `M ${file.mode} inline ${name}\n${data(file.text)}`
}
