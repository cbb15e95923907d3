import { deedsOf, doneTwice } from '../deeds.ts'
import { eventually } from '../eventually.ts'
import type { SeenPull } from '../forge-view.ts'
import { firstLines } from '../read-report.ts'
import { type Brought, merged, runsHealthily, type Scene, untilSeen } from '../scene.ts'
import { entersDev, opensPromotion, reachesProduction } from './travel.ts'

/** A server that dies between a merge and its report has forgotten nothing, and does nothing twice. */
export async function kill(scene: Scene): Promise<Brought> {
  const { stage, view, tell } = scene
  const brought = await entersDev(scene, 'api', '1.3.0')
  const promotion = await opensPromotion(scene, brought, 'staging')
  await killAfterMerge(scene, promotion)
  tell.did(
    'somebody',
    `kills the server (kill -9) when #${promotion.number} is merged and nothing is told yet`,
    promotion.link,
  )
  const body = (await view.pulls()).find(({ number }) => number === promotion.number)?.body ?? ''
  tell.saw('it is merged, while its report still says what was true before', { lines: firstLines(body, 1) })
  await stage.server.start()
  tell.did('somebody', 'starts the server again: nothing but Git and the forge to remember by')
  await merged(view, promotion)
  await runsHealthily(scene, 'api', 'staging', brought.digest)
  await reachesProduction(scene, brought)
  tell.saw(`nothing happened twice: of ${await onceOnly(scene)} no two are the same`)
  return brought
}

/** The network goes with the server, so that nothing slips out between the merge and the kill. */
async function killAfterMerge({ stage }: Scene, { number }: SeenPull): Promise<void> {
  const mergePath = `/repos/${stage.repository}/pulls/${number}/merge`
  const isMerged = () =>
    stage.forge.calls().some(({ path, method, status }) => path === mergePath && method === 'PUT' && status === 200)
  const cut = stage.forge.faults.add({
    operation: '*',
    kind: 'reset-before',
    where: ({ path }) => path.startsWith('/repos/') && isMerged(),
  })
  await eventually(() => (isMerged() ? true : undefined), untilSeen(`Sluice merges #${number}`))
  await stage.server.kill()
  cut.remove()
}

/** Counted from what the forge was asked and from what people see; throws where something is there twice. */
async function onceOnly(scene: Scene): Promise<string> {
  const deeds = await deedsOf(scene)
  const twice = doneTwice(deeds)
  if (twice.length > 0) throw new Error(`something happened twice: ${twice.join('; ')}`)
  return Object.entries(deeds)
    .map(([kind, names]) => `${names.length} ${kind}`)
    .join(', ')
}
