import { throughout } from '../eventually.ts'
import { openReasons } from '../read-report.ts'
import { reported, running, type Scene } from '../scene.ts'
import { entersDev, opensPromotion } from './travel.ts'

/** What nobody signed gets as far as dev, which does not ask, and not into staging, which does. */
export async function unsigned(scene: Scene): Promise<void> {
  const { view, tell } = scene
  const brought = await entersDev(scene, 'web', '1.1.0', { signed: false })
  const promotion = await opensPromotion(scene, brought, 'staging')
  const refused = (reasons: readonly string[]) => reasons.includes('signature.unsigned')
  const { pull, report } = await reported(view, promotion.number, (one) => refused(openReasons(one)), 'it is unsigned')
  const says = report.gates.find(({ reason }) => reason === 'signature.unsigned')?.says ?? ''
  tell.saw(`#${pull.number}: ${report.headline} ${says}`, { link: pull.link, reasons: ['signature.unsigned'] })
  await throughout(
    async () => {
      const now = (await view.pulls()).find((one) => one.number === pull.number)
      const isThere = (await running(scene, 'web', 'staging')).digests.includes(brought.digest)
      return now?.is !== 'open' || isThere ? `#${pull.number} is ${now?.is}` : undefined
    },
    { awaited: 'the unsigned image stays out of staging', within: 4_000 },
  )
  const check = await view.check(pull.head)
  tell.saw(`its check says ${check?.is}, "${check?.title}"; staging runs what it ran`)
}
