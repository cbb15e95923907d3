import { createAppAuth } from '@octokit/auth-app'
import { type Logger, ProbotOctokit } from 'probot'
import { failureReason, OperatorError } from '../../../domain/failures.ts'
import type { Forge, ForgeRepository, Installations } from '../../../ports/forge/forge.ts'
import type { Inspection } from '../../../ports/forge/inspection.ts'
import { type Access, allPages } from './access.ts'
import { githubChecks } from './checks.ts'
import { githubComments } from './comments.ts'
import { githubCommits } from './commits.ts'
import { githubInspection } from './inspection.ts'
import { githubPeople } from './people.ts'
import { pinnedFetch } from './pinned-fetch.ts'
import { githubPullRequests } from './pull-requests.ts'
import { createQuotas, type Quotas } from './quotas.ts'
import { createReadCache } from './read-cache.ts'
import { type Door, guardRequests, type Octokit } from './request-door.ts'
import { createRequestLimit, type RequestLimit } from './request-limit.ts'
import { githubReviews } from './reviews.ts'
import { githubRules } from './rules.ts'
import type { Timing } from './timing.ts'
import { createTokens, type Tokens, tokenStrategy } from './tokens.ts'
import { createWriteBudget, githubPace, type WriteBudget } from './write-budget.ts'

export interface GithubOptions {
  readonly appId: number
  /** PEM. */
  readonly privateKey: string
  /** Without a trailing slash; the only host that is ever asked. */
  readonly apiUrl: string
  readonly webUrl: string
  readonly gitUrl: string
  /** Others are not worked on. */
  readonly installations: readonly number[] | 'all'
  readonly writesPerMinute: number
  readonly timing: Timing
  readonly random: () => number
  /** For metrics: every answer of the API, status 0 where none came. */
  readonly onAnswer: (operation: string, status: number) => void
  readonly log: Logger
}

export interface GithubInstallations extends Installations {
  /** Whether less than 30 % of an installation's quota is left, so that what is not urgent should wait. */
  isScarce(installation: number): boolean
  /** Writes that wait for their turn, over all installations. */
  waitingWrites(): number
  readonly inspection: Inspection
}

/** The installations of one GitHub App. Makes no request until it is asked for something. */
export function githubInstallations(options: GithubOptions): GithubInstallations {
  const github = connect(options)
  const forges = new Map<string, Forge>()
  const identity = remembered(() => readIdentity(github))

  return {
    identity,
    repositories: async () => {
      const installations = await github.tokens.installations()
      const worked = installations.filter(({ suspended, id }) => !suspended && isWorkedOn(options, id))
      return (await Promise.all(worked.map(({ id }) => repositoriesOrNone(github, options, id)))).flat()
    },
    forge: (repository) => {
      if (!isWorkedOn(options, repository.installation)) throw notWorkedOn(repository)
      const key = `${repository.id} ${repository.owner}/${repository.name}`
      const forge = forges.get(key) ?? forgeOf(accessOf(github, options, repository, identity))
      forges.set(key, forge)
      return forge
    },
    gitToken: (repository) => github.tokens.of(repository.installation, { repository: repository.id, for: 'git' }),
    isScarce: github.quotas.isScarce,
    waitingWrites: () => github.budgets().reduce((sum, budget) => sum + budget.waiting(), 0),
    inspection: githubInspection(github.app, github.tokens, (repository) =>
      github.octokit(repository.installation, { repository: repository.id, for: 'work' }),
    ),
  }
}

interface Github {
  readonly app: Octokit
  readonly tokens: Tokens
  readonly quotas: Quotas
  readonly budgets: () => readonly WriteBudget[]
  /** An Octokit that asks by tokens of this kind only. */
  readonly octokit: (installation: number, scope: Parameters<Tokens['of']>[1]) => Octokit
}

function connect(options: GithubOptions): Github {
  const cache = createReadCache()
  const quotas = createQuotas(options.timing.now)
  const pace = { ...githubPace, writesPerMinute: options.writesPerMinute }
  const limiting = new Map<number, { readonly limit: RequestLimit; readonly budget: WriteBudget }>()
  const limitingOf = (installation: number) => {
    const known = limiting.get(installation)
    if (known !== undefined) return known
    const limit = createRequestLimit(options.timing)
    const both = { limit, budget: createWriteBudget(pace, options.timing, limit) }
    limiting.set(installation, both)
    return both
  }
  const doorOf = (installation: number, cacheKey: string): Door => ({
    cache,
    cacheKey,
    ...limitingOf(installation),
    timing: options.timing,
    random: options.random,
    onAnswer: (operation, status, headers) => {
      quotas.note(installation, headers)
      options.onAnswer(operation, status)
    },
  })
  const app = createOctokit(options, doorOf(0, 'app'), {
    authStrategy: createAppAuth,
    auth: { appId: options.appId, privateKey: options.privateKey },
  })
  const tokens = createTokens(app, options.timing.now)
  return {
    app,
    tokens,
    quotas,
    budgets: () => [...limiting.values()].map(({ budget }) => budget),
    octokit: (installation, scope) =>
      createOctokit(options, doorOf(installation, `${installation}/${scope.repository ?? '*'}`), {
        authStrategy: tokenStrategy,
        auth: { token: (fresh: boolean) => tokens.of(installation, { ...scope, fresh }) },
      }),
  }
}

const timeoutMs = 20_000

/** Probot's Octokit without its own throttle and retries: those would repeat writes, and know nothing of our rounds. */
function createOctokit(
  options: GithubOptions,
  door: Door,
  auth: { readonly authStrategy: unknown; readonly auth: object },
): Octokit {
  const octokit = new ProbotOctokit({
    ...auth,
    baseUrl: options.apiUrl,
    userAgent: 'sluice',
    log: options.log,
    throttle: { enabled: false },
    retry: { enabled: false },
    request: { fetch: pinnedFetch(options.apiUrl, timeoutMs) },
  })
  guardRequests(octokit, door)
  return octokit
}

/** One tenant who took a permission away must not keep the others from being worked on (T58). */
async function repositoriesOrNone(
  github: Github,
  options: GithubOptions,
  installation: number,
): Promise<readonly ForgeRepository[]> {
  try {
    return await repositoriesOf(github, options, installation)
  } catch (error) {
    const reason = failureReason(error)
    if (reason !== 'forge.suspended' && reason !== 'forge.permission') throw error
    options.log.warn({ installation, reason }, 'Installation left out')
    return []
  }
}

async function repositoriesOf(
  github: Github,
  urls: { readonly webUrl: string; readonly gitUrl: string },
  installation: number,
): Promise<readonly ForgeRepository[]> {
  const octokit = github.octokit(installation, { for: 'listing' })
  const found = await allPages(
    async (page) => (await octokit.rest.apps.listReposAccessibleToInstallation(page)).data.repositories,
  )
  return found
    .filter((repository) => !repository.archived && !repository.disabled)
    .map((repository) => ({
      id: repository.id,
      installation,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.default_branch,
      allowsMergeCommits: repository.allow_merge_commit ?? null,
      // Not the addresses of the answer: tokens are sent there.
      url: `${urls.webUrl}/${repository.full_name}`,
      cloneUrl: `${urls.gitUrl}/${repository.full_name}.git`,
    }))
}

const accessOf = (
  github: Github,
  options: GithubOptions,
  repository: ForgeRepository,
  identity: Installations['identity'],
): Access => ({
  octokit: github.octokit(repository.installation, { repository: repository.id, for: 'work' }),
  owner: repository.owner,
  repo: repository.name,
  identity,
  timing: options.timing,
})

const forgeOf = (access: Access): Forge => ({
  pulls: githubPullRequests(access),
  reviews: githubReviews(access),
  checks: githubChecks(access),
  comments: githubComments(access),
  commits: githubCommits(access),
  people: githubPeople(access),
  rules: githubRules(access),
})

async function readIdentity(github: Github): ReturnType<Installations['identity']> {
  const { data } = await github.app.rest.apps.getAuthenticated()
  if (data?.slug === undefined)
    throw new OperatorError('forge.credentials', 'the forge does not tell which App this is')
  // The App itself may only ask about itself; about its bot user any of its installations may.
  const installation = (await github.tokens.installations()).find(({ suspended }) => !suspended)
  if (installation === undefined) throw new OperatorError('forge.suspended', `${data.slug} is installed nowhere`)
  const octokit = github.octokit(installation.id, { for: 'listing' })
  const bot = await octokit.rest.users.getByUsername({ username: `${data.slug}[bot]` })
  return { appId: data.id, slug: data.slug, botId: bot.data.id, botLogin: bot.data.login }
}

/** One answer for all; a failure is not remembered. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined
      throw error
    })
    return answer
  }
}

const isWorkedOn = ({ installations }: GithubOptions, id: number) =>
  installations === 'all' || installations.includes(id)

const notWorkedOn = (repository: ForgeRepository) =>
  new OperatorError(
    'forge.permission',
    `installation ${repository.installation} is not in the list of those that are worked on`,
  )
