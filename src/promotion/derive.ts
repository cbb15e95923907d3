import { applicationSettings } from '../config/application-settings.ts'
import type { CheckedConfig } from '../config/checked-config.ts'
import { overlayOf } from '../config/overlay-paths.ts'
import { partsOfSlot, type Sha, type SlotKey } from '../domain/ids.ts'
import type { OverlayProblem, Release } from '../domain/release.ts'
import { bringRelease } from '../overlays/edit-overlay.ts'
import { takeBack } from '../overlays/take-back.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import type { GitObjects } from '../ports/git.ts'

/** What is to be written for a slot: the same wish and base always give the same edits. */
export type Wish =
  /** `from` is the overlay that runs it now, where its tags are read; they are decoration and no part of a release. */
  | { readonly is: 'bring'; readonly slot: SlotKey; readonly release: Release; readonly from: string | null }
  /** What the promotion merged as `merge` over `parent` set goes back to what it was. */
  | { readonly is: 'take-back'; readonly slot: SlotKey; readonly merge: Sha; readonly parent: Sha }

export type Derived =
  | { readonly is: 'edits'; readonly edits: readonly TreeEdit[] }
  /** The slot holds it already. */
  | { readonly is: 'nothing' }
  | { readonly is: 'problem'; readonly problem: OverlayProblem }

/** The edits that fulfil a wish on the tree of a commit of the default branch. */
export async function derive(git: GitObjects, config: CheckedConfig, base: Sha, wish: Wish): Promise<Derived> {
  const { application, environment } = partsOfSlot(wish.slot)
  const described = config.environments.get(environment)
  if (described === undefined) return gone(environment)
  const overlay = overlayOf(described, application)
  const { promotes } = applicationSettings(config, application)
  const edits =
    wish.is === 'bring'
      ? await bringRelease({
          reader: git,
          promotes,
          release: wish.release,
          from: { tree: base, overlay: wish.from ?? overlay },
          to: { tree: base, overlay },
        })
      : await takeBack({ reader: git, promotes, overlay, before: wish.parent, after: wish.merge, now: base })
  if (edits.is === 'unsupported') return { is: 'problem', problem: edits.problem }
  return edits.edits.length === 0 ? { is: 'nothing' } : { is: 'edits', edits: edits.edits }
}

const gone = (environment: string): Derived => ({
  is: 'problem',
  problem: {
    reason: 'config.environment-gone',
    file: '.sluice',
    detail: `no Environment manifest describes ${environment}`,
  },
})
