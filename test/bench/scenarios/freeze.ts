import { type BenchStage, branch, repository } from '../bench-stage.ts'
import { apiCalls, quiet } from '../forge-calls.ts'
import { applicationName, overlay, overlayFile } from '../generate.ts'
import { until } from '../measure.ts'
import type { Scenario } from './scenario.ts'

const openPulls = 100
/** So many can be told of before the budget for creations, 75 a minute, is spent; a restart gives a new one. */
const perServer = 30

/** A freeze of production while many pull requests wait to be merged there. */
export const freeze: Scenario = {
  rows: ['freeze-acknowledged'],
  run: async (stage) => {
    for (let opened = 0; opened < openPulls; opened += perServer) {
      const server = await stage.start({ SLUICE_WRITES_PER_MINUTE: '6000' })
      for (let index = opened; index < Math.min(openPulls, opened + perServer); index += 1) await openOne(stage, index)
      await quiet(stage.forge, 4, 120)
      await server.stop()
    }
    const server = await stage.start({ SLUICE_WRITES_PER_MINUTE: '6000' })
    await quiet(stage.forge, 4, 120)
    const from = stage.forge.calls().length
    const startedAt = Date.now()
    const first = (await stage.mo.request('GET', `/repos/${repository}/pulls?state=open&per_page=1`)) as readonly {
      readonly number: number
    }[]
    await stage.mo.comment(repository, first[0]?.number ?? 1, '/sluice freeze all --reason "measured"')
    const acknowledged = await until('the acknowledgement', () =>
      apiCalls(stage.forge, from).find(({ operation }) => operation === 'reactions/create-for-issue-comment'),
    )
    await quiet(stage.forge, 3, 180)
    await stage.mo.comment(repository, first[0]?.number ?? 1, '/sluice thaw all')
    await quiet(stage.forge, 3, 180)
    await server.stop()
    const note = `${openPulls} pull requests of people, one overlay each`
    return [{ row: 'freeze-acknowledged', value: (acknowledged.at - startedAt) / 1000, note }]
  },
}

async function openOne({ ann, applications }: BenchStage, index: number): Promise<void> {
  const application = applicationName(index % applications)
  const text = `${overlay(application, 'production', '1.0.0')}# ${index}\n`
  const files = { [overlayFile(application, 'production')]: text }
  await ann.commitFiles(repository, `wait-${index}`, files, `Touch ${application}`, { from: branch })
  await ann.openPull({ repo: repository, title: `Touch ${application}`, head: `wait-${index}`, base: branch })
}
