import { overlay, overlayFile } from './config-repository.ts'
import type { Narrator } from './events.ts'
import { eventually } from './eventually.ts'
import { type ForgeView, forgeView, type SeenComment, type SeenPull } from './forge-view.ts'
import { type ReadReport, readReport } from './read-report.ts'
import type { PersonName, Stage } from './stage.ts'

/** The stage as the steps use it: people who act, and what they see. */
export interface Scene {
  readonly stage: Stage
  readonly view: ForgeView
  readonly tell: Narrator
}

/** As ann sees the forge. */
export const viewOf = ({ forge, people, repository }: Stage): ForgeView =>
  forgeView(forge.apiUrl, people.ann.token, repository)

export const sceneOn = (stage: Stage, tell: Narrator): Scene => ({
  stage,
  view: viewOf(stage),
  tell,
})

/** Long enough for a busy machine and for real controllers: nobody waits for it who need not. */
const patient = 300_000
export const untilSeen = (awaited: string) => ({ awaited, within: patient })

export interface Brought {
  readonly application: string
  readonly tag: string
  readonly digest: string
  readonly pull: SeenPull
}

/** As CI does it: builds an image, signs it or not, and brings its digest to dev by a pull request. */
export async function bring(
  { stage, view, tell }: Scene,
  application: string,
  tag: string,
  { signed = true }: { readonly signed?: boolean } = {},
): Promise<Brought> {
  const digest = await stage.build(application, tag, { signed })
  tell.did(
    'CI',
    `builds ${application} ${tag}${signed ? ' and signs it' : ', but does not sign it'}: ${digest.slice(0, 19)}…`,
  )
  const branch = `${application}-${tag}`
  const file = overlayFile(application, 'dev')
  const files = { [file]: overlay(application, 'dev', { registry: stage.registry.host }, digest, tag) }
  await stage.people.ann.commitFiles(stage.repository, branch, files, `Bring ${application} ${tag} to dev`)
  const number = await stage.people.ann.openPull({
    repo: stage.repository,
    title: `Bring ${application} ${tag} to dev`,
    head: branch,
    base: 'main',
  })
  const pull = await pullWith(view, (one) => one.number === number, `#${number} is there`)
  tell.did('ann', `opens #${number}, "${pull.title}"`, pull.link)
  return { application, tag, digest, pull }
}

/** Waits for a pull request that is as wanted. */
export const pullWith = (view: ForgeView, is: (pull: SeenPull) => boolean, awaited: string): Promise<SeenPull> =>
  eventually(async () => (await view.pulls()).find(is), untilSeen(awaited))

export const merged = (view: ForgeView, { number, title }: Pick<SeenPull, 'number' | 'title'>): Promise<SeenPull> =>
  pullWith(view, (pull) => pull.number === number && pull.is === 'merged', `#${number} (${title}) is merged`)

/** The title by which people know Sluice's pull request. */
export const promotionTitle = (application: string, environment: string, tag: string): string =>
  `Promote ${application} to ${environment}: ${application}:${tag}`

/** The environment's name as the manifests have it: workers are brought by Argo CD, in environments of their own. */
export const environmentOf = (application: string, environment: string): string =>
  application === 'worker' ? `workers-${environment}` : environment

/** What Sluice says of a pull request: in the description of its own, in a comment on others. */
export async function reportOn(view: ForgeView, pull: SeenPull): Promise<ReadReport> {
  if (pull.branch.startsWith('sluice/')) return readReport(pull.body)
  const ours = (await view.comments(pull.number)).find(
    (comment) => isSluice(comment) && comment.text.includes('sluice:report'),
  )
  return readReport(ours?.text ?? '')
}

/** Waits until the report on a pull request says what is wanted, and hands both back. */
export const reported = (
  view: ForgeView,
  number: number,
  says: (report: ReadReport) => boolean,
  awaited: string,
): Promise<{ readonly pull: SeenPull; readonly report: ReadReport }> =>
  eventually(
    async () => {
      const pull = (await view.pulls()).find((one) => one.number === number)
      if (pull === undefined) return undefined
      const report = await reportOn(view, pull)
      return says(report) ? { pull, report } : undefined
    },
    untilSeen(`the report on #${number} says that ${awaited}`),
  )

export const isSluice = ({ by }: SeenComment): boolean => by === 'sluice[bot]'

/** Somebody comments, and Sluice reacts; the answer in words, where there is one. */
export async function say(
  { stage, view, tell }: Scene,
  who: PersonName,
  pull: number,
  line: string,
): Promise<{ readonly reaction: string; readonly reply: string; readonly link: string }> {
  const id = await stage.people[who].comment(stage.repository, pull, line)
  const comments = await view.comments(pull)
  const link = comments.find((comment) => comment.id === id)?.link ?? ''
  tell.did(who, `comments \`${line}\``, link)
  return await eventually(
    async () => {
      const seen = await view.comments(pull)
      const [reaction] = Object.keys(seen.find((comment) => comment.id === id)?.reactions ?? {}).filter(
        (one) => one !== 'eyes',
      )
      const answer = seen.find((comment) => isSluice(comment) && comment.text.includes(`sluice:reply:${id} `))
      return reaction === undefined ? undefined : { reaction, reply: answer?.text ?? '', link: answer?.link ?? link }
    },
    untilSeen(`Sluice answers ${who}'s \`${line}\` on #${pull}`),
  )
}

/** The digests that the pods of an application run in a namespace, and whether all of them are ready. */
export async function running({ stage }: Scene, application: string, namespace: string) {
  const containers = await stage.cluster.running(application, namespace)
  return {
    digests: [...new Set(containers.map(({ digest }) => digest))],
    ready: containers.length > 0 && containers.every(({ ready }) => ready),
  }
}

/** Waits until every pod runs this digest and is ready. */
export const runsHealthily = (scene: Scene, application: string, namespace: string, digest: string): Promise<true> =>
  eventually(
    async () => {
      const { digests, ready } = await running(scene, application, namespace)
      return ready && digests.length === 1 && digests[0] === digest ? true : undefined
    },
    untilSeen(`every pod of ${application} in ${namespace} runs ${digest.slice(0, 19)}… and is ready`),
  )
