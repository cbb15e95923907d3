import { ForgeRefusal } from '../../sandbox/forge/person.ts'
import { overlayFile } from '../config-repository.ts'
import { throughout } from '../eventually.ts'
import type { SeenPull } from '../forge-view.ts'
import { openReasons } from '../read-report.ts'
import { pullWith, reported, type Scene } from '../scene.ts'

/** A person's edit of production is judged by production's gates, and cannot get around them. The pull request stays open. */
export async function editByHand({ stage, view, tell }: Scene): Promise<SeenPull> {
  const { ann } = stage.people
  const file = overlayFile('web', 'production')
  const before = await view.file(file)
  const branch = 'more-web-in-production'
  await ann.commitFiles(
    stage.repository,
    branch,
    { [file]: before.replace('count: 2', 'count: 5') },
    'Run five web pods',
  )
  const title = 'Run five web pods in production'
  const number = await ann.openPull({ repo: stage.repository, title, head: branch, base: 'main' })
  const opened = await pullWith(view, (one) => one.number === number, `#${number} is there`)
  tell.did('ann', `edits ${file} by hand and opens #${number}, "${title}"`, opened.link)

  const { pull, report } = await reported(view, number, (one) => one.difference.length > 0, 'something would change')
  tell.saw('Sluice shows what would change in the cluster', { link: pull.link, lines: report.difference })
  tell.saw(report.headline, { reasons: openReasons(report) })
  const refusal = await ann.mergePull(stage.repository, number).then(
    () => 'the forge merged it',
    (error: unknown) => refusalOf(error),
  )
  tell.did('ann', 'presses the merge button all the same', pull.link)
  await throughout(
    async () => {
      const [check, now] = [await view.check(pull.head), (await view.pulls()).find((one) => one.number === number)]
      return check?.is === 'success' || now?.is !== 'open'
        ? `#${number} is ${now?.is}, its check ${check?.is}`
        : undefined
    },
    { awaited: `the check of #${number} stays closed`, within: 3_000 },
  )
  tell.saw(`the forge refuses: ${refusal}`)
  return pull
}

function refusalOf(error: unknown): string {
  if (!(error instanceof ForgeRefusal)) throw error
  return /Required status check [^.]*\./.exec(error.message)?.[0].replaceAll('\\', '') ?? error.message
}
