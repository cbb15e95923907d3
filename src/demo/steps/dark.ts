import { throughout } from '../eventually.ts'
import { firstLines, openReasons, type ReadReport } from '../read-report.ts'
import { type Brought, merged, reported, runsHealthily, type Scene, say } from '../scene.ts'
import { entersDev, opensPromotion } from './travel.ts'

/** Longer than the soak, so that a promotion would have merged in it. */
const darkFor = 14_000

/** Out of sight is not ill, and not well either: nothing moves until the cluster is seen again. */
export async function dark(scene: Scene): Promise<Brought> {
  const { stage, view, tell } = scene
  const brought = await entersDev(scene, 'api', '1.2.0')
  const promotion = await opensPromotion(scene, brought, 'staging')
  stage.cluster.goDark(true)
  tell.did('somebody', 'unplugs the API of the cluster', stage.cluster.page)
  const blind = await reported(view, promotion.number, isBlind, 'the cluster cannot be seen')
  const says = blind.report.gates.find(({ reason }) => reason === 'upstream.unknown')?.says ?? ''
  tell.saw(`#${promotion.number}: ${blind.report.headline} ${says}`, {
    link: promotion.link,
    reasons: openReasons(blind.report),
  })
  const before = await standing(scene)
  await throughout(async () => difference(before, await standing(scene)), {
    awaited: 'nothing is promoted and nothing is reverted in the dark',
    within: darkFor,
  })
  tell.saw(
    `for ${darkFor / 1000} s nothing was opened, merged or reverted: ${before.pulls.length} pull requests before and after`,
  )
  const { reply, link } = await say(scene, 'ann', promotion.number, '/sluice explain production --app api')
  tell.saw('Sluice says so', { link, lines: firstLines(reply, 2) })

  stage.cluster.goDark(false)
  tell.did('somebody', 'plugs it in again')
  await merged(view, promotion)
  await runsHealthily(scene, 'api', 'staging', brought.digest)
  tell.saw(`#${promotion.number} merges as if nothing had been, and staging runs api 1.2.0`, { link: promotion.link })
  return brought
}

const isBlind = (report: ReadReport): boolean => openReasons(report).includes('upstream.unknown')

interface Standing {
  readonly main: string
  readonly pulls: readonly string[]
}

const standing = async ({ view }: Scene): Promise<Standing> => ({
  main: await view.main(),
  pulls: (await view.pulls()).map(({ number, is }) => `#${number} ${is}`),
})

function difference(before: Standing, now: Standing): string | undefined {
  if (before.main !== now.main) return `main moved from ${before.main.slice(0, 12)} to ${now.main.slice(0, 12)}`
  const moved = now.pulls.filter((pull) => !before.pulls.includes(pull))
  return moved.length === 0 ? undefined : `${moved.join(', ')} was not there before`
}
