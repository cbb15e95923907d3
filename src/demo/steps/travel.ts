import type { SeenPull } from '../forge-view.ts'
import { openReasons } from '../read-report.ts'
import {
  type Brought,
  bring,
  environmentOf,
  merged,
  promotionTitle,
  pullWith,
  reported,
  runsHealthily,
  type Scene,
} from '../scene.ts'

/** A signed release goes all the way; with Flux and with Argo CD at the same time. */
export async function travel(scene: Scene): Promise<Brought> {
  const [api] = await Promise.all([
    travelToProduction(scene, 'api', '1.1.0'),
    travelToProduction(scene, 'worker', '1.1.0'),
  ])
  return api
}

async function travelToProduction(scene: Scene, application: string, tag: string): Promise<Brought> {
  const brought = await entersDev(scene, application, tag)
  await reachesStaging(scene, brought)
  await reachesProduction(scene, brought)
  return brought
}

/** Brought by a pull request that Sluice merges by itself, as the environment's `entry: auto` says. */
export async function entersDev(
  scene: Scene,
  application: string,
  tag: string,
  options: { readonly signed?: boolean } = {},
): Promise<Brought> {
  const brought = await bring(scene, application, tag, options)
  await merged(scene.view, brought.pull)
  scene.tell.saw(`Sluice judges #${brought.pull.number} and merges it (\`entry: auto\`)`, { link: brought.pull.link })
  await runsHealthily(scene, application, 'dev', brought.digest)
  return brought
}

/** Waits until Sluice has opened the promotion of a release. */
export async function opensPromotion(scene: Scene, brought: Brought, environment: string): Promise<SeenPull> {
  const { application, tag } = brought
  const title = promotionTitle(application, environmentOf(application, environment), tag)
  const pull = await pullWith(scene.view, (one) => one.title === title, `Sluice opens "${title}"`)
  const first = await reported(scene.view, pull.number, (one) => one.gates.length > 0, 'its gates were judged')
  scene.tell.saw(`Sluice opens #${pull.number}, "${title}". ${first.report.headline}`, {
    link: pull.link,
    reasons: openReasons(first.report),
  })
  return pull
}

export async function reachesStaging(scene: Scene, brought: Brought): Promise<SeenPull> {
  const { application, digest } = brought
  const pull = await opensPromotion(scene, brought, 'staging')
  await merged(scene.view, pull)
  await runsHealthily(scene, application, 'staging', digest)
  scene.tell.saw(`every gate passes, #${pull.number} merges itself, and staging runs ${application} ${brought.tag}`)
  return pull
}

export async function reachesProduction(scene: Scene, brought: Brought): Promise<SeenPull> {
  const { stage, view, tell } = scene
  const { application, digest, tag } = brought
  const { number, title, link } = await opensPromotion(scene, brought, 'production')
  const onlyApproval = (reasons: readonly string[]) => reasons.length === 1 && reasons[0] === 'approvals.too-few'
  const waits = await reported(view, number, (one) => onlyApproval(openReasons(one)), 'only an approval is missing')
  tell.saw(`#${number}: ${waits.report.headline}`, { link, reasons: openReasons(waits.report) })
  await stage.people.rita.review(stage.repository, number, 'APPROVE')
  tell.did('rita', `approves #${number}`, link)
  const done = await merged(view, { number, title })
  await runsHealthily(scene, application, 'production', digest)
  tell.saw(`#${number} merges itself, and production runs ${application} ${tag}, every pod ready`, {
    link: stage.cluster.page,
  })
  return done
}
