import { branch, repository } from '../bench-stage.ts'
import { apiCalls, quiet } from '../forge-calls.ts'
import { bigFile, bigObjects, bigOverlay } from '../generate.ts'
import { median, percentile, until } from '../measure.ts'
import type { Scenario } from './scenario.ts'

const runs = 5

/** A person's pull request over 200 rendered objects and a signature that nobody has looked at yet. */
export const judged: Scenario = {
  rows: ['opened-to-judged'],
  run: async (stage) => {
    const server = await stage.start({ SLUICE_WRITES_PER_MINUTE: '6000' })
    await quiet(stage.forge, 3)
    const seconds: number[] = []
    for (let run = 1; run <= runs; run += 1) {
      const tag = `1.${run}.0`
      const digest = await stage.build('big', tag, { signed: true })
      const files = { [bigFile]: bigOverlay(stage.registry.host, { tag, digest }) }
      await stage.ann.commitFiles(repository, `big-${run}`, files, `big ${tag}`, { from: branch })
      const from = stage.forge.calls().length
      const startedAt = Date.now()
      const number = await stage.ann.openPull({
        repo: repository,
        title: `big ${tag}`,
        head: `big-${run}`,
        base: branch,
      })
      const at = await until('the report', () => reportedAt(stage, from, number))
      seconds.push((at - startedAt) / 1000)
      await quiet(stage.forge, 1)
    }
    await server.stop()
    return [
      {
        row: 'opened-to-judged',
        value: percentile(seconds, 0.95),
        note: `${runs} runs, median ${median(seconds).toFixed(2)} s, ${bigObjects} objects; policies are not built yet`,
      },
    ]
  },
}

/** When the last of check and comment was written that shows the signature as passed. */
async function reportedAt(
  stage: Parameters<Scenario['run']>[0],
  from: number,
  pull: number,
): Promise<number | undefined> {
  const told = apiCalls(stage.forge, from).filter(({ operation }) =>
    ['issues/create-comment', 'issues/update-comment', 'checks/create', 'checks/update'].includes(operation),
  )
  if (!told.some(({ operation }) => operation.startsWith('issues/'))) return undefined
  const comments = (await stage.ann.request('GET', `/repos/${repository}/issues/${pull}/comments`)) as readonly {
    readonly body: string
  }[]
  const isJudged = comments.some(({ body }) => body.includes('signed by its build') && !body.includes('pending'))
  return isJudged ? told.at(-1)?.at : undefined
}
