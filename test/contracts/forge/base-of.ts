import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Sha, toSha } from '../../../src/domain/ids.ts'
import type { ForgeRepository } from '../../../src/ports/forge/forge.ts'

export interface Base {
  readonly commit: Sha
  readonly tree: Sha
}

/** The default branch, as git fetches it with a token: which also proves that the token and the address are good. */
export async function baseOf(repository: ForgeRepository, token: string): Promise<Base> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-'))
  try {
    const env = {
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    }
    await execa('git', ['clone', '--quiet', '--bare', '--depth=1', repository.cloneUrl, folder], { env })
    const { stdout } = await execa('git', ['-C', folder, 'rev-parse', 'HEAD', 'HEAD^{tree}'])
    const [commit = '', tree = ''] = stdout.split('\n')
    return { commit: toSha(commit), tree: toSha(tree) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
