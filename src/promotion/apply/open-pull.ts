import { takesOurBranch } from '../branches.ts'
import type { EffectOf, Outcome } from '../effects.ts'
import { openingBody, openingMessage, openingTitle } from '../report/messages.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { seal } from '../seal.ts'
import { treeWith } from '../tree-with.ts'

type Ports = Pick<RepositoryPorts, 'forge' | 'git' | 'repository' | 'stateKeys'>

/**
 * Creates the branch, or moves it by a commit on top of its present head, and the pull request on it. Safe to repeat: the
 * branch is compared and swapped, and an open pull request of ours on it is found before one is created. Where somebody
 * else's is open from it, the branch is left alone.
 */
export async function openPull(ports: Ports, effect: EffectOf<'open-pull'>): Promise<Omit<Outcome, 'effect'>> {
  const { forge, git, repository, stateKeys } = ports
  const taken = effect.moves === null ? await takenBy(ports, effect.branch) : undefined
  if (taken !== undefined) return { is: 'lost-race', why: `#${taken.number} of @${taken.author.login} is open from it` }
  const parents = effect.expect === null ? [effect.base] : [effect.expect, effect.base]
  const tree = await treeWith(git, effect.base, effect.edits)
  const message = seal(openingMessage(effect), { repository: repository.id, tree, parents }, stateKeys)
  const { tree: baseTree } = await git.commit(effect.base)
  const commit = await forge.commits.create({ baseTree, edits: effect.edits, parents, message })
  const moved =
    effect.expect === null
      ? await forge.commits.createBranch(effect.branch, commit)
      : await forge.commits.moveBranch(effect.branch, commit)
  if (moved === 'lost-race') return { is: 'lost-race', why: `the branch ${effect.branch} is not where it was` }
  const [title, body] = [openingTitle(effect), openingBody(effect)]
  if (effect.moves !== null) {
    await forge.pulls.update(effect.moves, { title, body })
    return { is: 'done', opened: effect.moves }
  }
  const wanted = { base: repository.defaultBranch, headBranch: effect.branch, title, body }
  const { number } = await forge.pulls.ensureOpen(wanted)
  return { is: 'done', opened: number }
}

const takenBy = async ({ forge, repository }: Ports, branch: string) =>
  (await forge.pulls.openFrom(repository.defaultBranch, branch)).find(takesOurBranch)
