import { openPulls } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'
import { mergePull } from './merge-pull.ts'

/** Merges, in the background, what somebody has enabled auto-merge for and nothing blocks any more. */
export function considerAutoMerge(world: World, repository: Repository): void {
  const wanted = () => openPulls(repository).filter((pull) => pull.autoMerge !== null)
  if (wanted().length === 0) return
  world.background.start(() =>
    repository.inTurn(async () => {
      for (const pull of wanted()) {
        if (pull.autoMerge === null) continue
        const { by, method } = pull.autoMerge
        await mergePull(world, { repository, pull, by: { kind: 'person', account: by }, door: 'auto-merge', method })
      }
    }),
  )
}
