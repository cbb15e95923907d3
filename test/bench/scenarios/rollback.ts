import { execFileSync } from 'node:child_process'
import { type BenchStage, branch, repository } from '../bench-stage.ts'
import { apiCalls, quiet } from '../forge-calls.ts'
import { watchedFile, watchedOverlay } from '../generate.ts'
import { median, percentile, until } from '../measure.ts'
import type { Scenario } from './scenario.ts'

const runs = 3

/** A release that fails in its last environment only, delivered by the sandbox cluster. */
export const rollback: Scenario = {
  rows: ['confirmed-to-reverted', 'degraded-to-healthy', 'controllers-share'],
  run: async (stage, say) => {
    const server = await stage.start({ SLUICE_WRITES_PER_MINUTE: '6000' })
    await quiet(stage.forge, 3)
    const seen: Reverted[] = []
    for (let run = 1; run <= runs; run += 1) {
      seen.push(await revertOnce(stage, `2.${run}.0`))
      say(`rollback ${run}: ${JSON.stringify(seen.at(-1))}`)
      await quiet(stage.forge, 3)
    }
    await server.stop()
    const reverted = seen.map((one) => one.confirmedToReverted)
    const note = `${runs} runs; confirm 1 s, the controller looks every 2 s`
    return [
      {
        row: 'confirmed-to-reverted',
        value: percentile(reverted, 0.95),
        note: `${note}; median ${median(reverted).toFixed(2)} s`,
      },
      { row: 'degraded-to-healthy', value: median(seen.map((one) => one.degradedToHealthy)), note },
      { row: 'controllers-share', value: median(seen.map((one) => one.controllersShare)) },
    ]
  },
}

interface Reverted {
  readonly confirmedToReverted: number
  readonly degradedToHealthy: number
  readonly controllersShare: number
}

async function revertOnce(stage: BenchStage, tag: string): Promise<Reverted> {
  const { forge, cluster, ann, registry } = stage
  await until('both environments healthy', () => isReady(stage, 'first') && isReady(stage, 'last'))
  const before = runningIn(stage, 'last')
  const digest = await stage.build('watched', tag)
  cluster.badImage(digest, 'crash', 0, 'last')
  const known = quarantines(stage).length
  const files = { [watchedFile('first')]: watchedOverlay('first', registry.host, { tag, digest }) }
  await ann.commitFiles(repository, `watched-${tag}`, files, `watched ${tag}`, { from: branch })
  await ann.openPull({ repo: repository, title: `watched ${tag}`, head: `watched-${tag}`, base: branch })
  const degradedAt = await until('the failure', () => (hasFailed(stage) ? Date.now() : undefined), 90)
  const confirmedAt = await until('the quarantine', () => quarantines(stage)[known], 60)
  const revertedAt = await until(
    'the revert',
    () =>
      apiCalls(forge).findLast(
        ({ operation, status, at }) => operation === 'pulls/merge' && status === 200 && at >= confirmedAt,
      )?.at,
  )
  const healthyAt = await until('health on the previous release', () =>
    isReady(stage, 'last') && runningIn(stage, 'last') === before ? Date.now() : undefined,
  )
  return {
    confirmedToReverted: (revertedAt - confirmedAt) / 1000,
    degradedToHealthy: (healthyAt - degradedAt) / 1000,
    controllersShare: (healthyAt - revertedAt) / 1000,
  }
}

const kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' }

function readyOf({ cluster }: BenchStage, name: 'first' | 'last'): string | undefined {
  const status = cluster.get(kind, 'flux-system', `watched-${name}`)?.status as
    | { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
    | undefined
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status
}

const isReady = (stage: BenchStage, name: 'first' | 'last'): true | undefined =>
  readyOf(stage, name) === 'True' ? true : undefined
const hasFailed = (stage: BenchStage): boolean => readyOf(stage, 'last') === 'False'
const runningIn = ({ cluster }: BenchStage, namespace: string): string =>
  JSON.stringify(
    cluster
      .state()
      .filter((one) => one.namespace === namespace)
      .map((one) => one.image),
  )

/** When each automatic quarantine was decided, from the state branch itself: the round that confirmed the failure. */
function quarantines({ repositoryDir }: BenchStage): readonly number[] {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: repositoryDir, encoding: 'utf8' })
  if (git('for-each-ref', 'refs/heads/sluice/state') === '') return []
  const files = git('ls-tree', '-r', '--name-only', 'sluice/state', 'events/').split('\n')
  return files
    .filter((file) => file.includes('quarantine'))
    .map((file) => JSON.parse(git('show', `sluice/state:${file}`)) as { readonly at: number })
    .map((event) => event.at)
    .toSorted((a, b) => a - b)
}
