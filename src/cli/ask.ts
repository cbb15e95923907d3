import type { Command } from 'commander'
import { z } from 'zod'
import { failureReason, OperatorError, UserError } from '../domain/failures.ts'
import type { ForgeRepository } from '../ports/forge/forge.ts'
import { type Overview, overviewOf } from '../promotion/report/overview.ts'
import { findRepository, type Look, lookAtRemote } from './look.ts'
import { repositoryName } from './target.ts'
import type { CliWorld, OpenForge } from './world.ts'

export interface AskOptions {
  readonly server?: string
  readonly json?: boolean
}

export const withAskOptions = (command: Command): Command =>
  command
    .option('--server <url>', 'ask a running server instead of looking')
    .option('--json', 'print one JSON document')

/** Overviews of one repository or of all: from a running server, or by a look of our own at forge and clusters. */
export async function askOverviews(
  world: CliWorld,
  word: string | undefined,
  options: AskOptions,
  progress: (line: string) => void,
): Promise<readonly Overview[]> {
  const wanted = word === undefined ? null : repositoryName(word)
  if (word !== undefined && wanted === null)
    throw new UserError('target.unknown', `${JSON.stringify(word)} is not owner/name`)
  if (options.server === undefined) return lookAtAll(world, wanted, progress)
  const token = world.localSettings().statusToken?.reveal() ?? null
  const all = overviewsIn(await world.askServer(options.server, token), options.server)
  const found = all.filter((one) => wanted === null || one.repository.toLowerCase() === word?.toLowerCase())
  if (found.length > 0 || (wanted === null && all.length === 0 && word === undefined)) return found
  const known = all.map((one) => one.repository).join(', ')
  throw new UserError(
    'target.not-installed',
    `that server has not looked at ${word}; it knows ${known === '' ? 'nothing yet' : known}`,
  )
}

async function lookAtAll(world: CliWorld, wanted: ReturnType<typeof repositoryName>, progress: (line: string) => void) {
  const forge = await world.openForge(settingsOf(world))
  try {
    const repositories =
      wanted === null ? await forge.installations.repositories() : [await findRepository(forge, wanted)]
    const found: Overview[] = []
    for (const repository of repositories) {
      progress(`fetching and judging ${repository.owner}/${repository.name} …`)
      const look = await lookUnlessEmpty(forge, repository, wanted !== null)
      if (look !== null) found.push(overviewOf(look.considered, look.plan))
    }
    return found
  } finally {
    await forge.close()
  }
}

/** Who has no settings at hand has a server that runs somewhere. */
function settingsOf(world: CliWorld) {
  try {
    return world.settings()
  } catch (error) {
    if (failureReason(error) !== 'settings.invalid' || !(error instanceof Error)) throw error
    const message = `${error.message}\nOr ask a running server, which needs none of them: --server https://YOUR-HOST`
    throw new OperatorError('settings.invalid', message, { cause: error })
  }
}

/** Among all of them, a repository without manifests is none of ours. */
async function lookUnlessEmpty(forge: OpenForge, repository: ForgeRepository, isNamed: boolean): Promise<Look | null> {
  try {
    return await lookAtRemote(forge, repository)
  } catch (error) {
    if (!isNamed && failureReason(error) === 'config.none') return null
    throw error
  }
}

/** Only what tells an overview from something else: server and command are of one version, and a program may read more. */
const overviewShape = z.array(
  z.looseObject({
    repository: z.string(),
    slots: z.array(z.unknown()),
    pulls: z.array(z.unknown()),
    inForce: z.array(z.unknown()),
  }),
)

function overviewsIn(answer: unknown, url: string): readonly Overview[] {
  if (overviewShape.safeParse(answer).success) return answer as readonly Overview[]
  throw new OperatorError('status.unreadable', `${url} did not answer as a Sluice of this version does`)
}
