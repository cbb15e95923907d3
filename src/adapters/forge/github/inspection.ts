import { failureReason, OperatorError } from '../../../domain/failures.ts'
import type { ForgeRepository } from '../../../ports/forge/forge.ts'
import type { Inspection } from '../../../ports/forge/inspection.ts'
import { allPages } from './access.ts'
import { unlessRefused } from './failures.ts'
import type { Octokit } from './request-door.ts'
import type { Tokens } from './tokens.ts'

export function githubInspection(
  app: Octokit,
  tokens: Tokens,
  octokitOf: (repository: ForgeRepository) => Octokit,
): Inspection {
  return {
    app: async () => {
      const { data } = await app.rest.apps.getAuthenticated()
      if (data === null) throw new OperatorError('forge.credentials', 'the forge does not tell which App this is')
      return { slug: data.slug ?? String(data.id), permissions: levels(data.permissions), events: data.events }
    },
    webhookUrl: async () => {
      const answer = await readable(app.rest.apps.getWebhookConfigForApp())
      return answer?.data.url ?? null
    },
    installations: tokens.installations,
    ruleTypes: async (repository, branch) => {
      const { owner, name: repo } = repository
      const { rest } = octokitOf(repository)
      const rules = await allPages(
        async (page) => (await rest.repos.getBranchRules({ owner, repo, branch, ...page })).data,
      )
      return [...new Set(rules.map((rule) => rule.type))]
    },
  }
}

const levels = (permissions: object): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(permissions).map(([name, level]) => [name, String(level)]))

/** Enterprise servers of some versions do not tell: unknown, not wrong. */
async function readable<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await unlessRefused([404], call)
  } catch (error) {
    if (failureReason(error) === 'forge.permission') return undefined
    throw error
  }
}
