import { type BenchStage, branch, repository } from '../bench-stage.ts'
import { apiCalls, type Call, gitCalls, isCounted, isCreation, isWrite, quiet, tally } from '../forge-calls.ts'
import { applicationName, overlay, overlayFile } from '../generate.ts'
import { median, percentile, until } from '../measure.ts'
import type { Scenario } from './scenario.ts'

const releases = 5
/** dev → staging, staging → production. */
const hops = 2

/** One release after another, from a person's pull request to production. */
export const promotions: Scenario = {
  rows: ['merge-to-next-pull', 'hop-writes', 'hop-creations', 'hop-requests'],
  run: async (stage, say) => {
    const server = await stage.start({ SLUICE_WRITES_PER_MINUTE: '6000' })
    await quiet(stage.forge, 3)
    const seen: Seen[] = []
    for (let index = 0; index < releases; index += 1) seen.push(await release(stage, index))
    await server.stop()
    say(`a release of two hops: ${tally(seen.at(-1)?.hop.filter(isCounted) ?? [])}`)
    const perHop = (isMeant: (call: Call) => boolean) =>
      median(seen.map(({ hop }) => hop.filter(isMeant).length)) / hops
    const seconds = seen.flatMap((one) => one.seconds)
    const note = `a hop is half of dev → production; git beside: ${median(seen.map(({ git }) => git)) / hops}`
    return [
      {
        row: 'merge-to-next-pull',
        value: percentile(seconds, 0.95),
        note: `${seconds.length} hops, median ${median(seconds).toFixed(2)} s`,
      },
      { row: 'hop-writes', value: perHop(isWrite), note },
      { row: 'hop-creations', value: perHop(isCreation) },
      { row: 'hop-requests', value: perHop(isCounted) },
    ]
  },
}

interface Seen {
  /** From each merge until the next promotion's pull request. */
  readonly seconds: readonly number[]
  /** Everything after the release came into dev. */
  readonly hop: readonly Call[]
  readonly git: number
}

async function release(stage: BenchStage, index: number): Promise<Seen> {
  const { forge, ann } = stage
  const from = forge.calls().length
  const application = applicationName(index)
  const files = { [overlayFile(application, 'dev')]: overlay(application, 'dev', '1.1.0') }
  await ann.commitFiles(repository, `release-${index}`, files, `${application} 1.1.0`, { from: branch })
  await ann.openPull({ repo: repository, title: `${application} 1.1.0`, head: `release-${index}`, base: branch })
  const merges = await until('a release in production', () => {
    const found = apiCalls(forge, from).filter(isMerge)
    return found.length > hops ? found : undefined
  })
  await quiet(forge, 2)
  const calls = apiCalls(forge, from)
  const entered = merges[0] as Call
  const opened = calls.filter(({ operation }) => operation === 'pulls/create')
  return {
    seconds: opened.map(({ at }, hop) => (at - (merges[hop] as Call).at) / 1000),
    hop: calls.slice(calls.indexOf(entered) + 1),
    git: gitCalls(forge, forge.calls().indexOf(entered)).length,
  }
}

const isMerge = ({ operation, status }: Call): boolean => operation === 'pulls/merge' && status === 200
