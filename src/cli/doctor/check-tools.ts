import type { ToolSettings } from '../../settings.ts'
import type { CliWorld } from '../world.ts'
import { type Finding, ok, warn } from './finding.ts'

export async function checkTools(world: CliWorld, settings: ToolSettings): Promise<readonly Finding[]> {
  const tools = (await world.tools(settings)).map(({ tool, path, version, problem }): Finding => {
    const name = `${tool}${version === null ? '' : ` ${version}`}${path === null ? '' : ` at ${path}`}`
    return problem === null ? ok(tool, name) : { is: problem.is, what: tool, says: problem.says, fix: problem.fix }
  })
  return [...tools, ...isolationFindings(await world.isolation())]
}

/** What keeps a hostile overlay from the network and from all memory, beside the static checks. */
function isolationFindings({
  network,
  memory,
}: {
  readonly network: boolean
  readonly memory: boolean
}): readonly Finding[] {
  return [
    network
      ? ok('isolation: network', 'tools run in an empty network namespace')
      : warn(
          'isolation: network',
          'this machine allows no network namespaces: only the static checks keep overlays from it',
          'allow `unshare -rn` (user namespaces), or run with a NetworkPolicy as manifests/ does',
        ),
    memory
      ? ok('isolation: memory', 'tools run with bounded memory')
      : warn('isolation: memory', 'there is no working prlimit: an overlay may take all memory', 'install util-linux'),
  ]
}
