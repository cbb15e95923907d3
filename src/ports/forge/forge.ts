import type { Checks } from './checks.ts'
import type { Comments } from './comments.ts'
import type { Commits } from './commits.ts'
import type { People } from './people.ts'
import type { PullRequests } from './pull-requests.ts'
import type { Reviews } from './reviews.ts'
import type { Rules } from './rules.ts'

/** One repository at the forge: only the record of its ports. */
export interface Forge {
  readonly pulls: PullRequests
  readonly reviews: Reviews
  readonly checks: Checks
  readonly comments: Comments
  readonly commits: Commits
  readonly people: People
  readonly rules: Rules
}

export interface ForgeRepository {
  readonly id: number
  readonly installation: number
  readonly owner: string
  readonly name: string
  readonly defaultBranch: string
  /**
   * By its settings, whatever its rulesets say; null where the forge does not tell, as GitHub where a token only reads:
   * https://github.com/integrations/terraform-provider-github/issues/679
   */
  readonly allowsMergeCommits: boolean | null
  /** For people and for delivery objects: `https://github.com/acme/config`. */
  readonly url: string
  /** For git: `https://github.com/acme/config.git`. */
  readonly cloneUrl: string
}

/** The App's installations: which repositories we may work on. */
export interface Installations {
  /** Throws OperatorError `forge.credentials` where the App's key is refused. */
  repositories(): Promise<readonly ForgeRepository[]>
  forge(repository: ForgeRepository): Forge
  /** A token that may fetch and push this repository only, fresh for at least five minutes. */
  gitToken(repository: ForgeRepository): Promise<string>
  /** The App itself: its id, slug and bot user. */
  identity(): Promise<{
    readonly appId: number
    readonly slug: string
    readonly botId: number
    readonly botLogin: string
  }>
}
