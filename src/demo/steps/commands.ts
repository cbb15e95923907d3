import type { SeenPull } from '../forge-view.ts'
import { codeIn, firstLines, openReasons, plain, sentenceIn } from '../read-report.ts'
import { type Brought, merged, promotionTitle, pullWith, reported, runsHealthily, type Scene, say } from '../scene.ts'
import { entersDev } from './travel.ts'

interface Cast {
  /** What production runs of api, and what it ran before that. */
  readonly running: Brought
  readonly before: Brought
  /** An open pull request to talk on. */
  readonly talk: SeenPull
}

/** People steer by comments; who may not is told why. */
export async function commands(scene: Scene, { running, before, talk }: Cast): Promise<void> {
  await lockHolds(scene, talk.number)
  await rollBack(scene, running, before)
}

async function lockHolds(scene: Scene, hand: number): Promise<void> {
  const { view, tell } = scene
  const lock = await say(scene, 'mo', hand, '/sluice lock staging --app web --reason "load test"')
  tell.saw(`Sluice takes it (its reaction: ${lock.reaction})`)
  const brought = await entersDev(scene, 'web', '1.2.0')
  const title = promotionTitle('web', 'staging', brought.tag)
  const { number } = await pullWith(view, (pull) => pull.title === title, `Sluice opens "${title}"`)
  const locked = (reasons: readonly string[]) => reasons.length === 1 && reasons[0] === 'state.locked'
  const { pull, report } = await reported(view, number, (one) => locked(openReasons(one)), 'only the lock holds it')
  const says = report.gates.find(({ reason }) => reason === 'state.locked')?.says ?? ''
  tell.saw(`#${number} takes the place of the unsigned one and waits: ${says}`, {
    link: pull.link,
    reasons: ['state.locked'],
  })
  const explained = await say(scene, 'eve', number, '/sluice explain')
  tell.saw('Sluice explains it to anybody who may read', {
    link: explained.link,
    lines: firstLines(explained.reply, 1),
  })
  await refuses(scene, number, '/sluice unlock staging --app web')
  await say(scene, 'mo', hand, '/sluice unlock staging --app web')
  await merged(view, { number, title })
  await runsHealthily(scene, 'web', 'staging', brought.digest)
  tell.saw(`#${number} merges, and staging runs web ${brought.tag}`)
}

async function rollBack(scene: Scene, running: Brought, before: Brought): Promise<void> {
  const { view, tell } = scene
  const title = promotionTitle('api', 'production', running.tag)
  const { number } = await pullWith(view, (pull) => pull.title === title, `"${title}" is there`)
  const line = '/sluice rollback production --app api --reason "orders are counted twice"'
  await refuses(scene, number, line)
  await say(scene, 'rita', number, line)
  const wanted = `Roll back api in production to api:${before.tag}`
  const revert = await pullWith(
    view,
    (pull) => pull.title === wanted && pull.number > number,
    `Sluice opens "${wanted}"`,
  )
  await merged(view, revert)
  await runsHealthily(scene, 'api', 'production', before.digest)
  tell.saw(`Sluice opens #${revert.number}, "${wanted}", and merges it: production runs api ${before.tag}`, {
    link: revert.link,
  })
}

/** eve may only read. */
async function refuses(scene: Scene, pull: number, line: string): Promise<void> {
  const { reaction, reply, link } = await say(scene, 'eve', pull, line)
  const reason = codeIn(reply)
  if (reaction !== 'confused' || reason?.startsWith('rights.') !== true) {
    throw new Error(`eve was not refused \`${line}\`: ${reaction}, ${plain(reply)}`)
  }
  scene.tell.saw(`Sluice refuses eve: ${sentenceIn(reply)}`, { link, reasons: [reason] })
}
