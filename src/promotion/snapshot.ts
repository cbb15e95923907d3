import type { Refusal } from '../commands/refusals.ts'
import type { CheckedConfig } from '../config/checked-config.ts'
import type { Change } from '../domain/change.ts'
import type { Command } from '../domain/command.ts'
import type { Health } from '../domain/health.ts'
import type { Digest, Instant, ReleaseId, Sha, SlotKey } from '../domain/ids.ts'
import type { OverlayProblem, OverlayRelease, Release } from '../domain/release.ts'
import type { ExpectedDelivery } from '../ports/delivery.ts'
import type { OwnCheck } from '../ports/forge/checks.ts'
import type { Comment } from '../ports/forge/comments.ts'
import type { ForgeRepository } from '../ports/forge/forge.ts'
import type { PullRequest } from '../ports/forge/pull-requests.ts'
import type { BranchRules } from '../ports/forge/rules.ts'
import type { Folded } from '../state/fold.ts'

/** Everything that one round decides by: what was read, pinned, with nothing left to fetch but evidence. */
export interface Snapshot {
  /** When the round began. Mutable evidence older than this does not carry a merge. */
  readonly at: Instant
  readonly repository: ForgeRepository
  readonly us: Identity
  /** The head of the default branch. */
  readonly base: Sha
  readonly branches: ReadonlyMap<string, Sha>
  readonly config: ConfigFacts
  /** Where the manifests do not parse: the newest change of them, and the pull request on which that is told. */
  readonly brokenBy: { readonly commit: Sha; readonly pull: number | null } | null
  readonly state: StateBranch
  readonly slots: ReadonlyMap<SlotKey, Slot>
  readonly pulls: readonly Pull[]
  /** Promotions and rollbacks of ours that are on the default branch, newest first. */
  readonly records: readonly PromotionRecord[]
  /** Everything that we ever brought somewhere, as far back as the history was read, newest first. */
  readonly brought: readonly Brought[]
  /** Commits of the default branch since the last audit that changed a slot or a guard path. */
  readonly audit: Audit
  readonly asked: readonly Asked[]
  /** Events of orders whose giver may not give them any more: nothing is done by them. */
  readonly lapsed: ReadonlySet<string>
  /** Pull requests of ours that somebody closed unmerged. */
  readonly closed: readonly ClosedPull[]
  /** Of the pull requests of ours that were merged last, those whose report does not tell it. */
  readonly untold: readonly PullRequest[]
  /** The heads of pull requests of ours that are merged or closed, of those that were closed lately. */
  readonly finished: ReadonlySet<Sha>
  readonly rules: BranchRules
  readonly unread: readonly Unread[]
}

/** An open pull request that could not be read: it is shown, nothing is decided about it or its branch, and the others go on. */
export interface Unread {
  readonly pull: PullRequest
  readonly why: string
}

export interface Identity {
  readonly appId: number
  readonly slug: string
  readonly botId: number
  readonly botLogin: string
}

export interface ConfigFacts {
  /** The newest manifests that parse. */
  readonly checked: CheckedConfig
  /** The commit that they were read at. */
  readonly commit: Sha
  /** Set where the manifests of the default branch's head do not parse: the diagnostics, worded. */
  readonly broken: string | null
  /** Whether there are none that ever parsed: `checked` is empty then, and says nothing of what is governed. */
  readonly neverParsed: boolean
}

export interface StateBranch {
  readonly head: Sha | null
  readonly trusted: true | { readonly untrusted: string }
  /** True where the repository has never had a state branch: the first round writes one. */
  readonly missing: boolean
  readonly folded: Folded
  /** Events that lie beside the last snapshot, as files of their own. */
  readonly loose: number
}

/** One application in one environment: what its overlay says at the base, and what was seen of it. */
export interface Slot {
  readonly key: SlotKey
  readonly application: string
  readonly environment: string
  readonly overlay: string
  readonly inputs: Digest | null
  readonly release: OverlayRelease
  /** Per downstream environment: what this slot held when the two came under manifests; never promoted by itself. */
  readonly baselines: ReadonlyMap<string, ReleaseId>
  /** What it held when its own environment came under a manifest; null where it did not exist or was not pinned. */
  readonly original: Release | null
  readonly health: Health
  /** The unbroken stretch in which this content was seen healthy, up to the last look. */
  readonly healthySpan: { readonly from: Instant; readonly until: Instant } | null
  /** When the content was first seen applied; the health clock runs from here. */
  readonly appliedAt: Instant | null
  /** Delivery objects that act on another content still, and whose operator lets Sluice ask them to look now. */
  readonly mayBeAsked: readonly ExpectedDelivery[]
  /** Set where what is seen of it is no evidence for its release: a digest of that is rendered nowhere, or nobody can know. */
  readonly unmatched?: OverlayProblem
}

/** An open pull request to the default branch. */
export interface Pull {
  readonly pull: PullRequest
  readonly check: OwnCheck | undefined
  /** It has had its head no earlier than this, by the forge's clock; null where that is longer than we look. */
  readonly headSince: Instant | null
  readonly merge:
    | { readonly is: 'clean'; readonly tree: Sha }
    | { readonly is: 'conflict'; readonly paths: readonly string[] }
  readonly changes: readonly Change[]
  /** What it means to do, where it is one of ours: read from the head commit that we made. */
  readonly intent: Intent | null
  /** Set where it is one of ours that cannot be read so any more: nothing is judged of it, and it is closed or made anew. */
  readonly outdated: Outdated | null
  /** The head that somebody else put onto our branch (T10). */
  readonly foreignCommit: Sha | null
  /** Whether the merge result takes back exactly the last promotion of its one slot. */
  readonly takesBack: SlotKey | null
  /** Who, by id, may write here of those that a merge could rest on: the author, and who enabled auto-merge. */
  readonly writers: ReadonlySet<number>
  /** Paths that differ between base and merge result. */
  readonly paths: readonly string[]
  /** Those of somebody's pull request that no gate speaks for: in no overlay of its changes, and guarded by no environment. */
  readonly beside: readonly string[]
  /** The manifests as the merge result holds them; null where they do not parse. */
  readonly nextConfig: CheckedConfig | null
  /** What is wrong with the manifests that it brings, worded; null where nothing is. */
  readonly brokenConfig: string | null
}

/** What a pull request of ours was made for, while the manifests described its slot as they do no longer. */
export type Outdated = Pick<Intent, 'kind' | 'slot'>

/** What a pull request of ours brings where. */
export interface Intent {
  readonly kind: 'promotion' | 'rollback'
  readonly slot: SlotKey
  /**
   * The release that it was made to bring, as its seal says: what upstream named by this id, or the slot itself where it goes
   * back. Two of ours bring the same if this is the same, whatever else their slots hold.
   */
  readonly brings: ReleaseId
  /** What the slot holds with it: all of that, and what its overlay holds beside. */
  readonly release: Release
  /** The release that it came over. */
  readonly replaces: Release
  /** The promotion that a rollback takes back. */
  readonly takesBack: Sha | null
}

export interface PromotionRecord extends Intent {
  /** Whether the slot was healthy, freshly looked at, when this was merged over it. */
  readonly overHealthy: boolean
  readonly pull: number
  readonly head: Sha
  readonly merge: Sha
  /** The default branch before it. */
  readonly parent: Sha
  readonly mergedAt: Instant
  /** The slot's inputs before and after, as the merge commit holds them. */
  readonly inputsBefore: Digest | null
  readonly inputsAfter: Digest | null
}

export interface Brought {
  readonly slot: SlotKey
  /** As `Intent.brings`. */
  readonly release: ReleaseId
  readonly at: Instant
}

export interface Audit {
  /** Everything up to here was looked at. */
  readonly upTo: Sha
  readonly ungated: readonly {
    readonly commit: Sha
    readonly slots: readonly SlotKey[]
    /** The pull request that it merged, where one is known. */
    readonly pull: number | null
    readonly why: string
  }[]
  /** Merges of ours whose paths differ from what was gated (I3). */
  readonly mismatched: readonly { readonly commit: Sha; readonly slot: SlotKey }[]
  /** The history that was recorded is no longer there (T15). */
  readonly rewritten: boolean
}

/** A comment of a person that holds command lines and is neither taken nor answered yet. */
export interface Asked {
  readonly comment: Comment
  /** The open pull request to the default branch that it was written on; null elsewhere. */
  readonly pull: PullRequest | null
  readonly lines: readonly (Command | Refusal)[]
}

export interface ClosedPull {
  readonly pull: PullRequest
  readonly intent: Intent
}
