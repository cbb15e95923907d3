import { eventually, throughout } from '../eventually.ts'
import type { SeenPull } from '../forge-view.ts'
import { codeIn, firstLines } from '../read-report.ts'
import {
  type Brought,
  isSluice,
  merged,
  promotionTitle,
  pullWith,
  runsHealthily,
  type Scene,
  say,
  untilSeen,
} from '../scene.ts'
import { reachesProduction } from './travel.ts'

/** What breaks production is taken back by itself, in a freeze too, and stays out. */
export async function unhealthy(scene: Scene, bad: Brought, before: Brought): Promise<void> {
  const promotion = await reachesProduction(scene, bad)
  await freeze(scene, promotion)
  await scene.stage.cluster.crash(bad.digest, 'production')
  scene.tell.did(
    'somebody',
    `drops a table that api ${bad.tag} needs: its pods in production begin to crash`,
    scene.stage.cluster.page,
  )
  await quarantined(scene, promotion)
  const revert = await takenBack(scene, bad, before)
  await staysOut(scene, bad, revert.number)
  await say(scene, 'mo', promotion.number, '/sluice thaw production')
  await staysOut(scene, bad, revert.number)
  const { reply, link } = await say(scene, 'mo', promotion.number, '/sluice explain production --app api')
  const reason = codeIn(reply)
  scene.tell.saw(`api ${bad.tag} still runs in staging and does not come back`, {
    link,
    ...(reason === undefined ? {} : { reasons: [reason] }),
    lines: firstLines(reply, 2),
  })
}

async function freeze(scene: Scene, { number }: SeenPull): Promise<void> {
  const { reaction, link } = await say(scene, 'mo', number, '/sluice freeze production --reason "quarter end"')
  scene.tell.saw(`Sluice takes it (its reaction: ${reaction}); no promotion merges into production now`, { link })
}

async function quarantined({ view, tell }: Scene, { number }: SeenPull): Promise<void> {
  const notice = await eventually(
    async () => (await view.comments(number)).find((one) => isSluice(one) && one.text.includes('quarantined')),
    untilSeen(`Sluice tells the owners on #${number} that the release is quarantined`),
  )
  const [sentence = ''] = firstLines(notice.text, 1)
  tell.saw(sentence, { link: notice.link })
}

async function takenBack(scene: Scene, bad: Brought, before: Brought): Promise<SeenPull> {
  const { view, tell } = scene
  const title = `Roll back api in production to api:${before.tag}`
  const revert = await pullWith(view, (pull) => pull.title === title, `Sluice opens "${title}"`)
  tell.saw(`Sluice opens #${revert.number}, "${title}", a revert of exactly what brought api ${bad.tag}`, {
    link: revert.link,
  })
  await merged(view, revert)
  await runsHealthily(scene, 'api', 'production', before.digest)
  tell.saw(`#${revert.number} merges in spite of the freeze, and production is healthy on api ${before.tag} again`)
  return revert
}

async function staysOut({ view }: Scene, bad: Brought, since: number): Promise<void> {
  const title = promotionTitle('api', 'production', bad.tag)
  await throughout(
    async () => {
      const back = (await view.pulls()).find((pull) => pull.title === title && pull.number > since)
      return back === undefined ? undefined : `#${back.number} brings it again`
    },
    { awaited: `api ${bad.tag} does not come back to production`, within: 6_000 },
  )
}
