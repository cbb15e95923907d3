import { eventually } from '../eventually.ts'
import type { SeenPull } from '../forge-view.ts'
import { type Brought, isSluice, merged, promotionTitle, runsHealthily, type Scene, untilSeen } from '../scene.ts'
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
  tell.saw('it is merged, while its report still says what was true before', { lines: body.split('\n').slice(0, 1) })
  await stage.server.start()
  tell.did('somebody', 'starts the server again: nothing but Git and the forge to remember by')
  await merged(view, promotion)
  await runsHealthily(scene, 'api', 'staging', brought.digest)
  await reachesProduction(scene, brought)
  tell.saw(`nothing happened twice: ${await onceOnly(scene, brought)}`)
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
async function onceOnly({ stage, view }: Scene, { application, tag }: Brought): Promise<string> {
  const pulls = await view.pulls()
  const hops = ['staging', 'production'].map((environment) =>
    pulls.filter(({ title }) => title === promotionTitle(application, environment, tag)),
  )
  const merges = stage.forge
    .calls()
    .filter(({ path, method, status }) => method === 'PUT' && status === 200 && path.endsWith('/merge'))
  const mergedPaths = new Set(merges.map(({ path }) => path))
  const markers = (await Promise.all(pulls.map(({ number }) => view.comments(number)))).flatMap((comments, index) =>
    comments
      .filter(isSluice)
      .flatMap(
        ({ text }) =>
          /<!-- sluice:[^>]*-->/g
            .exec(text.split('\n').at(-1) ?? '')
            ?.map((marker) => `${pulls[index]?.number} ${marker}`) ?? [],
      ),
  )
  const wrong = [
    ...hops.flatMap((found) => (found.length === 1 ? [] : [`${found.length} pull requests for one hop`])),
    ...(merges.length === mergedPaths.size ? [] : ['a pull request was merged twice']),
    ...(new Set(markers).size === markers.length ? [] : ['a comment is there twice']),
  ]
  if (wrong.length > 0) throw new Error(wrong.join(', '))
  return `one pull request for each hop, ${merges.length} merges of as many pull requests, ${markers.length} comments and none of them double`
}
