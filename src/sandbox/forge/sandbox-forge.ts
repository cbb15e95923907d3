import type { QuotaSettings } from './api/quota.ts'
import type { FaultMenu } from './faults.ts'
import type { Delivery } from './hooks/hooks.ts'
import type { Call, Permissions, RoleName } from './model/world.ts'
import type { RulesetFile } from './rules/ruleset.ts'

export interface ForgeOptions {
  /** An empty folder of the forge's own; the bare repositories are `OWNER/NAME.git` below it. */
  readonly dir: string
  /** Any free one when absent. */
  readonly port?: number
  readonly appId?: number
  readonly appSlug?: string
  /** What the App is granted where it is installed. */
  readonly permissions?: Permissions
  readonly webhook?: { readonly url: string; readonly secret: string }
  readonly quota?: Partial<QuotaSettings>
  readonly now?: () => number
}
export interface NewRepositoryOptions {
  readonly owner: string
  readonly name: string
  readonly defaultBranch?: string
  readonly isPrivate?: boolean
  /** By login. */
  readonly roles?: Readonly<Record<string, RoleName>>
  /** By slug, of the owning organisation. */
  readonly teams?: Readonly<Record<string, RoleName>>
  /** Committed to the default branch; without them the repository is empty. */
  readonly files?: Readonly<Record<string, string>>
  /** Of that first commit; the owner when absent. */
  readonly author?: string
}
export interface CreatedRepository {
  readonly id: number
  readonly url: string
  readonly cloneUrl: string
  /** The bare repository. */
  readonly dir: string
}
export interface Credentials {
  readonly id: number
  /** For the API as a bearer token, for git as the password of any user. */
  readonly token: string
}

/** A GitHub Enterprise Server for one App, on this machine, for tests and the demo. */
export interface SandboxForge {
  /** Of the pages and, with `/OWNER/NAME.git`, of git. */
  readonly url: string
  /** `baseUrl` of an Octokit. */
  readonly apiUrl: string
  readonly app: {
    readonly id: number
    readonly slug: string
    readonly privateKey: string
    readonly webhookSecret: string
    readonly botId: number
    readonly botLogin: string
  }
  /** Where webhooks go from now on; null sends none. */
  setWebhook(url: string | null): void
  createUser(login: string): Credentials
  /** Another App's bot (`ci[bot]`): as a person, and it may report checks. Its id is the App's id on them. */
  createBot(login: string): Credentials
  createOrganization(login: string, options?: { readonly owners?: readonly string[] }): { readonly id: number }
  createTeam(organization: string, slug: string, members: readonly string[]): { readonly id: number }
  setTeam(organization: string, slug: string, members: readonly string[]): void
  /** The old login is free for somebody else, as on GitHub. */
  renameUser(login: string, to: string): void
  createRepository(options: NewRepositoryOptions): Promise<CreatedRepository>
  /** Into somebody's own account. */
  fork(owner: string, name: string, by: string): Promise<CreatedRepository>
  setRole(owner: string, name: string, login: string, role: RoleName): void
  /** Replaces the repository's rulesets. Throws where one holds a rule that the sandbox could not enforce. */
  protect(owner: string, name: string, rulesets: readonly RulesetFile[]): void
  /** In the repository's settings, which no App may change without administration rights. */
  allowMergeCommits(owner: string, name: string, isAllowed: boolean): void
  install(owner: string, repositories: readonly string[]): number
  /** Adds and removes repositories of an installation until it has exactly these. */
  reinstall(installation: number, repositories: readonly string[]): void
  suspend(installation: number, isSuspended: boolean): void
  /** Also of tokens that are out already. */
  setPermissions(installation: number, permissions: Permissions): void
  /** As the GraphQL mutation does, which the sandbox does not serve: merged once the rules allow it. */
  enableAutoMerge(owner: string, name: string, pull: number, by: string): Promise<void>
  /** By GraphQL too on GitHub. */
  setDraft(owner: string, name: string, pull: number, isDraft: boolean, by: string): Promise<void>
  readonly faults: FaultMenu
  /** Every request that was answered, oldest first; those of git are `git-list`, `git-fetch` and `git-push`. */
  calls(): readonly Call[]
  deliveries(): readonly Delivery[]
  /** Resolves when no webhook, merge test or auto-merge is under way. */
  settled(): Promise<void>
  stop(): Promise<void>
}
