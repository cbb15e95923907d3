import type { Sha } from '../../domain/ids.ts'
import type { GitObjects } from '../../ports/git.ts'
import type { ConfigFacts, Snapshot } from '../snapshot.ts'
import { manifestFolder } from './config.ts'
import { type AskingForPulls, pullOfCommit } from './pull-of-commit.ts'
import type { History } from './records.ts'

type Context = AskingForPulls & { readonly git: GitObjects }

/** The newest change of manifests that do not parse, and where people are told of it; null where they parse. */
export async function whoBroke(
  context: Context,
  base: Sha,
  { broken }: ConfigFacts,
  { merges }: History,
): Promise<Snapshot['brokenBy']> {
  if (broken === null) return null
  const [change] = await context.git.history(base, [manifestFolder], 1)
  if (change === undefined) return null
  const { oid: commit } = change
  return { commit, pull: (await pullOfCommit(context, commit)) ?? (await lastBefore(context, merges, commit)) }
}

/** What was pushed has no pull request: then the last one that Sluice merged before. Those that it merges since do not count. */
async function lastBefore({ git }: Context, merges: History['merges'], commit: Sha): Promise<number | null> {
  for (const merge of merges) {
    if (await git.isAncestor(merge.commit.oid, commit)) return merge.trailers.pull
  }
  return null
}
