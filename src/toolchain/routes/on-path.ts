import { findOnPath } from '../find-on-path.ts'
import type { Route } from '../route.ts'
import { toolTable } from '../tool-table.ts'
import { versionOf } from '../version-of.ts'

/** A fitting one that the machine has already. It stays where it is, and is looked at again next time. */
export const onPath: Route = async (name, { env }) => {
  const { commands, fits } = toolTable[name]
  const unfit: string[] = []
  for (const path of (await Promise.all(commands.map((command) => findOnPath(command, env['PATH'])))).flat()) {
    const version = await versionOf(name, path)
    if (version !== null && fits(version)) return { tool: { path, version } }
    unfit.push(`${path} is ${version ?? 'something else'}`)
  }
  return { why: `PATH: ${unfit.length === 0 ? 'not there' : `${unfit.join(', ')}, which does not fit`}` }
}
