import { type BenchStage, branch, repository } from '../bench-stage.ts'
import { apiCalls, type Call, isCounted, isCreation, isWrite, quiet, tally } from '../forge-calls.ts'
import { applicationNames, overlay, overlayFile } from '../generate.ts'
import { pause } from '../measure.ts'
import type { Figure } from '../rows.ts'
import { residentMiB } from '../server-memory.ts'
import type { Scenario } from './scenario.ts'

/** What is left then is extrapolated: the forge's quota sets the pace, and it does not change. */
const longestSeconds = 120

/** One pull request brings a new release of every application to dev; from its merge until staging runs all of them. */
export const train: Scenario = {
  rows: ['release-train', 'memory-during', 'memory-after'],
  run: async (stage, say) => {
    // The forge's limits and the pace that Sluice keeps by default.
    const server = await stage.start()
    await quiet(stage.forge, 3)
    const from = stage.forge.calls().length
    await openTrain(stage)
    const memory: number[] = []
    let merges: readonly Call[] = []
    const deadline = Date.now() + (longestSeconds + 60) * 1000
    while (Date.now() < deadline && merges.length <= stage.applications) {
      await pause(500)
      memory.push(await residentMiB(server.url))
      merges = apiCalls(stage.forge, from).filter(
        ({ operation, status }) => operation === 'pulls/merge' && status === 200,
      )
      const entered = merges[0]
      if (entered !== undefined && Date.now() - entered.at > longestSeconds * 1000) break
    }
    const calls = apiCalls(stage.forge, from)
    say(
      `train: ${tally(calls.filter(isCounted))}; ${calls.filter(isWrite).length} writes, ${calls.filter(isCreation).length} creations`,
    )
    const after = await residentMiB(server.url)
    await server.stop()
    return [
      durationOf(stage, merges),
      { row: 'memory-during', value: Math.max(...memory, after), note: `${stage.applications} × 3 slots` },
      { row: 'memory-after', value: after },
    ]
  },
}

async function openTrain({ ann, applications }: BenchStage): Promise<void> {
  const files = Object.fromEntries(
    applicationNames(applications).map((name) => [overlayFile(name, 'dev'), overlay(name, 'dev', '3.0.0')]),
  )
  await ann.commitFiles(repository, 'train', files, 'Everything 3.0.0', { from: branch })
  await ann.openPull({ repo: repository, title: 'Everything 3.0.0', head: 'train', base: branch })
}

/** The first merge brings everything into dev. What the cap cut off is extrapolated from the pace until then. */
function durationOf({ applications }: BenchStage, merges: readonly Call[]): Figure {
  const [entered] = merges
  const last = merges.at(-1)
  if (entered === undefined || last === undefined) throw new Error('the train did not enter dev')
  const arrived = merges.length - 1
  const seconds = (last.at - entered.at) / 1000
  if (arrived >= applications)
    return { row: 'release-train', value: seconds, note: `${arrived} merges, one pull request each` }
  const value = arrived === 0 ? Number.POSITIVE_INFINITY : (seconds / arrived) * applications
  const note = `extrapolated: ${arrived} merges in ${Math.round(seconds)} s, then the measurement was cut`
  return { row: 'release-train', value, note }
}
