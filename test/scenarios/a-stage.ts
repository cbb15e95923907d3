import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll } from 'vitest'
import {
  openSandboxClusterWith,
  type SandboxClusterOptions,
  type SandboxStageCluster,
} from '../../src/demo/sandbox-cluster.ts'
import { type Stage, type StageOptions, setStage } from '../../src/demo/stage.ts'
import type { Overview } from '../../src/promotion/report/overview.ts'
import { fluxKustomization } from '../../src/sandbox/cluster/start-cluster.ts'
import { ForgeRefusal } from '../../src/sandbox/forge/person.ts'
import { tool } from '../tools.ts'
import { whatNodeKeeps } from '../what-node-keeps.ts'
import { type ConfigWishes, configOf, environments, overlay, overlayFile, overlayFolder } from './a-config.ts'
import { checkWorld } from './check-world.ts'
import { type CheckView, type PullView, repo, type Scenario } from './scenario.ts'

export interface ScenarioWishes extends ConfigWishes, SandboxClusterOptions {
  readonly settings?: Readonly<Record<string, string>>
  readonly files?: StageOptions['files']
}

/** One stage for a whole test file: set before its tests, checked against the invariants and taken down after them. */
export function aStage(wishes: ScenarioWishes): () => Scenario {
  let scenario: Scenario | undefined
  beforeAll(async () => {
    scenario = await set(wishes)
    await scenario.server.start()
    const { eventually, git } = scenario
    await eventually('the state branch', async () => (await git('for-each-ref', 'refs/heads/sluice/state')) !== '')
  })
  afterAll(async () => {
    if (scenario === undefined) return
    try {
      await checkWorld(scenario)
    } finally {
      await scenario.stop()
      await rm(scenario.dir, { recursive: true, force: true })
    }
  })
  return () => {
    if (scenario === undefined) throw new Error('the stage is set before the first test')
    return scenario
  }
}

async function set(wishes: ScenarioWishes): Promise<Scenario> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-scenario-'))
  const made = configOf(wishes)
  const stage = await setStage({
    dir,
    openCluster: openSandboxClusterWith(wishes),
    tools: { kustomize: await tool('kustomize'), cosign: await tool('cosign'), registry: await tool('registry') },
    searchPath: process.env['PATH'] ?? '',
    onProgress: () => {},
    allowFlawedCosign: true,
    quota: { requestsPerHour: 1e6, creationsPerMinute: 1e6, creationsPerHour: 1e6 },
    settings: { ...whatNodeKeeps, SLUICE_SWEEP_INTERVAL: '3s', ...wishes.settings },
    files: (files) => wishes.files?.(made(files)) ?? made(files),
  })
  deliver(stage, wishes.applications)
  return withWords(stage, dir)
}

/** Flux knows only the demonstration's applications so far. */
function deliver({ cluster, forge }: Stage<SandboxStageCluster>, applications: readonly string[]): void {
  for (const environment of environments)
    for (const application of applications)
      cluster.apply(
        ...fluxKustomization({
          name: `${application}-${environment}`,
          namespace: 'flux-system',
          source: 'config',
          repoUrl: `${forge.url}/${repo}.git`,
          branch: 'main',
          path: overlayFolder(application, environment),
          interval: '2s',
        }),
      )
}

function withWords(stage: Stage<SandboxStageCluster>, dir: string): Scenario {
  const { people, cluster, registry } = stage
  const bare = join(dir, 'forge', 'acme', 'config.git')
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execa('git', ['-C', bare, ...args], { env: identity })).stdout
  const get = async <T>(path: string): Promise<T> => (await people.root.request('GET', path)) as T
  const log = () => readFile(join(dir, 'server.log'), 'utf8')
  const pulls = () => get<readonly PullView[]>(`/repos/${repo}/pulls?state=all&per_page=100`)
  const ours: Scenario['ours'] = async (kind, application, environment) =>
    (await pulls()).filter((pull) => pull.head.ref === `sluice/${kind}/${environment}/${application}`)
  const comments: Scenario['comments'] = (pull) =>
    get(`/repos/${repo}/issues/${pull === undefined ? '' : `${pull}/`}comments?per_page=100`)
  const written: Scenario['overlay'] = (application, environment, tag, digest) =>
    overlay(application, environment, { registry: registry.host, tag, digest })
  const propose: Scenario['propose'] = async (by, branch, files) => {
    await people[by].commitFiles(repo, branch, files, branch, { from: 'main' })
    return people[by].openPull({ repo, title: branch, head: branch, base: 'main' })
  }

  const isRunning: Scenario['isRunning'] = (application, environment, digest) => {
    const pods = cluster.state().filter((pod) => pod.namespace === environment && pod.workload === application)
    return pods.length > 0 && pods.every((pod) => pod.digest === digest)
  }
  const slot: Scenario['slot'] = async (application, environment) => {
    const answer = await fetch(`${stage.server.url}/status`)
    const [overview] = (await answer.json()) as readonly Overview[]
    return overview?.slots.find((one) => one.slot === `${application}/${environment}`)
  }

  const eventually: Scenario['eventually'] = async (what, look, deadlineMs = 150_000) => {
    const deadline = Date.now() + deadlineMs
    for (;;) {
      const found = await look()
      if (found !== undefined && found !== null && found !== false)
        return found as Exclude<typeof found, undefined | false | null>
      if (Date.now() > deadline) throw new Error(`not seen within ${deadlineMs} ms: ${what}\n${await shown()}`)
      await new Promise((wake) => setTimeout(wake, 200))
    }
  }

  /** What somebody would look at to find out why. */
  async function shown(): Promise<string> {
    const reports = (await comments()).filter(({ body }) => body.includes('sluice:report'))
    const reportOf = (number: number) => reports.find((one) => one.issue_url.endsWith(`/${number}`))?.body
    const all = (await pulls()).map(
      ({ number, state, merged_at, title, body }) =>
        `#${number} ${merged_at === null ? state : 'merged'} ${title}\n${(reportOf(number) ?? body ?? '').slice(0, 1500).replaceAll(/^/gm, '    ')}`,
    )
    const lines = (await log()).split('\n').filter((line) => !line.includes('"level":"debug"'))
    return [...all, ...lines.slice(-25).map((line) => line.slice(0, 1_200))].join('\n')
  }

  return {
    ...stage,
    dir,
    git,
    log,
    pulls,
    ours,
    comments,
    propose,
    eventually,
    overlay: written,
    bring: async (application, tag, { by = 'ann', signed = true, digest: given } = {}) => {
      const digest = given ?? (await stage.build(application, tag, { signed }))
      const branch = `${application}-${tag}`
      const pull = await propose(by, branch, {
        [overlayFile(application, 'dev')]: written(application, 'dev', tag, digest),
      })
      return { digest, pull }
    },
    push: (by, path, change) =>
      eventually(`a push of ${by} to main`, async () => {
        try {
          const files = { [path]: change(await git('show', `main:${path}`)) }
          return await people[by].commitFiles(repo, 'main', files, `Change ${path}`)
        } catch (error) {
          // Sluice merged in between: people pull and push again.
          if (error instanceof ForgeRefusal && error.status === 422) return undefined
          throw error
        }
      }),
    pull: (number) => get(`/repos/${repo}/pulls/${number}`),
    merged: (number) =>
      eventually(`#${number} is merged`, async () => {
        const pull = await get<PullView>(`/repos/${repo}/pulls/${number}`)
        return pull.merged_at !== null && pull
      }),
    slot,
    promotion: (application, environment) =>
      eventually(`an open promotion of ${application} to ${environment}`, async () =>
        (await ours('promote', application, environment)).find((pull) => pull.state === 'open'),
      ),
    healthy: (application, environment, digest) =>
      eventually(`${application} is healthy in ${environment}`, async () => {
        // What costs nothing to see comes first: this is asked again and again.
        if (!isRunning(application, environment, digest)) return undefined
        const isWritten = (await git('show', `main:${overlayFile(application, environment)}`)).includes(digest)
        const isSeen = isWritten && (await slot(application, environment))?.health.is === 'healthy'
        return isSeen && isRunning(application, environment, digest)
      }),
    said: async (pull) =>
      (await comments(pull))
        .filter(({ user }) => user.login === stage.forge.app.botLogin)
        .map(({ body }) => body)
        .join('\n\n'),
    check: async (head) => {
      const { check_runs } = await get<{ readonly check_runs: readonly CheckView[] }>(
        `/repos/${repo}/commits/${head}/check-runs`,
      )
      return check_runs.find((run) => run.name === 'sluice')
    },
    say: async (by, pull, text) => {
      const comment = await people[by].comment(repo, pull, text)
      return eventually(`an answer to ${text}`, async () => {
        const reactions = await get<readonly { readonly content: string }[]>(
          `/repos/${repo}/issues/comments/${comment}/reactions`,
        )
        const [reaction] = reactions
        if (reaction === undefined) return undefined
        const reply = (await comments(pull)).find(({ body }) => body.includes(`<!-- sluice:reply:${comment} -->`))
        return { comment, reaction: reaction.content, reply: reply?.body ?? '' }
      })
    },
    file: (path) => git('show', `main:${path}`),
    isRunning,
  }
}

const identity = {
  GIT_AUTHOR_NAME: 'root',
  GIT_AUTHOR_EMAIL: 'root@example.com',
  GIT_COMMITTER_NAME: 'root',
  GIT_COMMITTER_EMAIL: 'root@example.com',
}
