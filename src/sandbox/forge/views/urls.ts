import { fullName } from '../model/repositories.ts'
import type { Repository, World } from '../model/world.ts'

export const apiOf = (world: World): string => `${world.url}/api/v3`
export const apiOfRepository = (world: World, repository: Repository): string =>
  `${apiOf(world)}/repos/${fullName(repository)}`
export const pageOf = (world: World, repository: Repository): string => `${world.url}/${fullName(repository)}`

/** The forge's times have whole seconds. */
export const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
export const timeOrNull = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : timeOf(milliseconds)

export const nodeId = (kind: string, id: number | string): string => Buffer.from(`${kind}:${id}`).toString('base64url')
