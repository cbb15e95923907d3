import type { Sha } from '../domain/ids.ts'

/** Which facts of a repository may have changed. Never more than a hint about where to look: the truth is read afresh. */
export type Stale =
  | { readonly is: 'everything' }
  /** Branches other than the state branch: the default branch, promotion branches. */
  | { readonly is: 'refs' }
  /** The state branch. */
  | { readonly is: 'state' }
  /** Which pull requests are open. */
  | { readonly is: 'pulls' }
  | { readonly is: 'pull'; readonly pull: number }
  | { readonly is: 'checks'; readonly head: Sha }
  | { readonly is: 'comments' }
  | { readonly is: 'cluster'; readonly cluster: string }
  /** Nothing but the clock: something was to be looked at now. */
  | { readonly is: 'time' }

/** One list without repetitions, in the order of first mention; `everything` stands for all. */
export function mergeStale(...lists: readonly (readonly Stale[])[]): readonly Stale[] {
  const all = lists.flat()
  if (all.some(({ is }) => is === 'everything')) return [{ is: 'everything' }]
  return [...new Map(all.map((item) => [JSON.stringify(item), item])).values()]
}

/** Whether something of the family is stale. */
export const concerns = (stale: readonly Stale[], family: Stale['is']): boolean =>
  stale.some(({ is }) => is === family || is === 'everything')
