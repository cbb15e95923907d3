import type { PersonName } from '../../src/demo/stage.ts'
import { type EnvironmentName, environments, overlayFile } from './a-config.ts'
import { repo, type Scenario } from './scenario.ts'

/** Each wait of the story: what is done to the world meanwhile may cost time, and no more than that. */
const patienceMs = 300_000

/**
 * Two releases go to production one after the other, an order is taken and lifted in between, a question is answered, and the
 * second release is taken back by order. It waits for nothing but what has to come of it, so anything may happen meanwhile.
 */
export async function tellStory(stage: Scenario, application: string): Promise<void> {
  const { bring, eventually, file, isRunning, ours, slot } = stage
  const isWell = async (environment: EnvironmentName, digest: string): Promise<boolean> => {
    const isThere = (await file(overlayFile(application, environment))).includes(digest)
    if (!isThere || !isRunning(application, environment, digest)) return false
    return (await unlessAway(() => slot(application, environment)))?.health.is === 'healthy'
  }
  const goesTo = async (digest: string) => {
    for (const environment of environments)
      await eventually(`it is well in ${environment}`, () => isWell(environment, digest), patienceMs)
  }
  const first = await bring(application, '1.1.0', { signed: false })
  await goesTo(first.digest)
  const order = ordersFor(stage, application)
  await order('ann', first.pull, `/sluice lock staging --app ${application} --reason "a look"`)
  await order('ann', first.pull, `/sluice unlock staging --app ${application}`)
  await ask(stage, first.pull)
  const second = await bring(application, '1.2.0', { signed: false })
  await goesTo(second.digest)
  await order('rita', second.pull, `/sluice rollback production --app ${application} --reason "wrong prices"`)
  const isTakenBack = async () =>
    (await ours('rollback', application, 'production')).some((pull) => pull.merged_at !== null)
  await eventually('it is taken back', isTakenBack, patienceMs)
  await eventually('production is well again', () => isWell('production', first.digest), patienceMs)
  const isOnRecord = async () => (await eventsOf(stage, application)).includes('reverted')
  await eventually('the revert is on record', isOnRecord, patienceMs)
  await eventually('nothing of it is left open', async () => (await openOf(stage, application)) === 0, patienceMs)
  await eventually('its branches are gone', async () => (await branchesOf(stage, application)).length === 0, patienceMs)
}

/** Taken once it is on record; a reaction is decoration, and may be lost. */
const ordersFor =
  (stage: Scenario, application: string) =>
  async (by: PersonName, pull: number, text: string): Promise<void> => {
    const taken = async () => (await eventsOf(stage, application)).filter((kind) => kind === 'command').length
    const before = await taken()
    await stage.people[by].comment(repo, pull, text)
    await stage.eventually(`on record: ${text}`, async () => (await taken()) > before, patienceMs)
  }

async function ask({ people, comments, eventually }: Scenario, pull: number): Promise<void> {
  const comment = await people.eve.comment(repo, pull, '/sluice status production')
  const isAnswered = async () => (await comments(pull)).some(({ body }) => body.includes(replyMarker(comment)))
  await eventually('it is answered', isAnswered, patienceMs)
}

const replyMarker = (comment: number): string => `<!-- sluice:reply:${comment} -->`

/** However often it was upset: everything once. */
export const goodEnd = {
  tags: ['1.2.0', '1.2.0', '1.1.0'],
  merges: [
    'Roll back it in production to it:1.1.0 (#)',
    'Promote it to production: it:1.2.0 (#)',
    'Promote it to staging: it:1.2.0 (#)',
    'it-1.2.0 (#)',
    'Promote it to production: it:1.1.0 (#)',
    'Promote it to staging: it:1.1.0 (#)',
    'it-1.1.0 (#)',
  ],
  pulls: ['merged', 'merged', 'merged', 'merged', 'merged', 'merged', 'merged'],
  events: ['command', 'command', 'command', 'reverted'],
  replies: 1,
  notices: 0,
}

/** What the story left behind, in words that hold neither the application's name nor numbers or times. */
export async function endOfStory(stage: Scenario, application: string): Promise<typeof goodEnd> {
  const { comments, file, forge, git, pulls } = stage
  const held = await Promise.all(environments.map((environment) => file(overlayFile(application, environment))))
  const mine = (await pulls()).filter((pull) => isOf(pull.head.ref, application))
  const said = (await comments()).filter(
    ({ user, issue_url }) =>
      user.login === forge.app.botLogin && mine.some(({ number }) => issue_url.endsWith(`/${number}`)),
  )
  const titled = (await git('log', '--first-parent', '--format=%s', 'main')).split('\n')
  return {
    tags: held.map((text) => /newTag: "(.*)"/.exec(text)?.[1] ?? ''),
    merges: titled.filter((title) => title.includes(application)).map((title) => plain(title, application)),
    pulls: mine.map(({ merged_at, state }) => (merged_at === null ? state : 'merged')),
    events: (await eventsOf(stage, application)).toSorted(),
    replies: said.filter(({ body }) => body.includes('sluice:reply')).length,
    notices: said.filter(({ body }) => body.includes('sluice:notice')).length,
  }
}

const isOf = (ref: string, application: string): boolean =>
  ref.endsWith(`/${application}`) || ref.startsWith(`${application}-`)

const plain = (title: string, application: string): string =>
  title.replaceAll(application, 'it').replaceAll(/#\d+/g, '#')

const branchesOf = async ({ git }: Scenario, application: string): Promise<readonly string[]> =>
  (await git('for-each-ref', '--format=%(refname)', 'refs/heads/sluice'))
    .split('\n')
    .filter((ref) => ref.endsWith(`/${application}`))

const openOf = async ({ pulls }: Scenario, application: string): Promise<number> =>
  (await pulls()).filter((pull) => pull.state === 'open' && isOf(pull.head.ref, application)).length

/** The kinds of the state events that name the application; health is seen as often as somebody looks, and is left out. */
async function eventsOf({ git }: Scenario, application: string): Promise<readonly string[]> {
  const named = ['-e', `"${application}"`, '-e', `"${application}/`]
  const about = new Set((await git('grep', '-l', ...named, 'sluice/state', '--', 'events')).split('\n'))
  const kinds = (await git('grep', '-e', '^  "kind": ', 'sluice/state', '--', 'events')).split('\n').flatMap((line) => {
    const [, path = '', kind = ''] = /^(.*?\.json): *"kind": "(.*)",?$/.exec(line) ?? []
    return about.has(path) ? [kind] : []
  })
  return kinds.filter((kind) => kind !== 'witness')
}

/** The server may be down at this moment. */
async function unlessAway<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
