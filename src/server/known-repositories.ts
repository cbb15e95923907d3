import type { ForgeRepository } from '../ports/forge/forge.ts'

/** The repositories that the forge's API listed for our installations: what an event may be about (T04). */
export interface KnownRepositories {
  /** Found by id alone; undefined where the installation is not the one that it was listed for. */
  find(id: number, installation: number): ForgeRepository | undefined
  /** Takes the place of the list before. */
  replace(repositories: readonly ForgeRepository[]): Replaced
  all(): readonly ForgeRepository[]
}

export interface Replaced {
  readonly added: readonly ForgeRepository[]
  /** Renamed, moved, with another default branch or other settings. */
  readonly changed: readonly ForgeRepository[]
  readonly gone: readonly ForgeRepository[]
}

export function createKnownRepositories(): KnownRepositories {
  let known: ReadonlyMap<number, ForgeRepository> = new Map()
  return {
    find: (id, installation) => {
      const repository = known.get(id)
      return repository?.installation === installation ? repository : undefined
    },
    replace: (repositories) => {
      const before = known
      known = new Map(repositories.map((repository) => [repository.id, repository]))
      return {
        added: repositories.filter(({ id }) => !before.has(id)),
        changed: repositories.filter((now) => {
          const then = before.get(now.id)
          return then !== undefined && JSON.stringify(then) !== JSON.stringify(now)
        }),
        gone: [...before.values()].filter(({ id }) => !known.has(id)),
      }
    },
    all: () => [...known.values()],
  }
}
