import type { Sha, SlotKey } from '../domain/ids.ts'
import type { Release } from '../domain/release.ts'
import type { OwnCheck } from '../ports/forge/checks.ts'
import type { Reaction } from '../ports/forge/comments.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import type { ReconcileRequest } from '../ports/reconcile-requests.ts'
import type { StateEvent } from '../state/events.ts'
import type { Trailers } from './trailers.ts'

/**
 * Everything that Sluice does to the world. Each is an "ensure": it names the state that it expects, finds before it
 * creates, and may be repeated. No effect needs another's result: what depends on one is planned in the next round.
 */
export interface EffectKinds {
  /** All events of one round in one commit, pushed by compare-and-swap. */
  'write-state': { readonly events: readonly StateEvent[]; readonly expect: Sha | null }
  /** Puts the events' files into one, in one commit; nothing that they say is lost. */
  'compact-state': { readonly expect: Sha }
  'open-pull': {
    readonly slot: SlotKey
    readonly branch: string
    /** The branch's present head, which the new commit gets as its first parent; null where it does not exist. */
    readonly expect: Sha | null
    readonly base: Sha
    readonly edits: readonly TreeEdit[]
    readonly brings: Release
    /** What the slot runs now; null where that is no release. */
    readonly over: Release | null
    readonly trailers: Trailers
    /** The pull request that is open on the branch already; it is moved. */
    readonly moves: number | null
  }
  /** Auto-merge off, check to `success`, merge call with `sha`, read back; refused or lost: check back. */
  'merge-pull': {
    readonly pull: number
    readonly nodeId: string
    /** Whether the forge would merge it by itself as soon as the check is green. */
    readonly autoMerge: boolean
    readonly head: Sha
    readonly branch: string | null
    /** As whoever opened it wrote it. */
    readonly title: string
    readonly slots: readonly SlotKey[]
    readonly trailers: Trailers
  }
  /** `because`: what is put on record, and told on it before. */
  'close-pull': { readonly pull: number; readonly branch: string; readonly because: string }
  'delete-branch': { readonly branch: string; readonly expect: Sha }
  'show-check': { readonly head: Sha } & ShownCheck
  'update-pull': { readonly pull: number; readonly title?: string; readonly body?: string }
  /** Reaches a person: a comment where there is a pull request, a log line and a metric always. */
  notify: { readonly about: NoticeKind; readonly key: string; readonly pull: number | null; readonly text: string }
  /** One comment of ours per marker and pull request; written again where its version is another. */
  comment: { readonly pull: number; readonly marker: string; readonly text: string; readonly version: string }
  react: { readonly comment: number; readonly reaction: Reaction }
  /** Controllers shall look now; all of a round in one effect, so that a cluster that hangs costs its time once. */
  'request-reconcile': { readonly requests: readonly ReconcileRequest[] }
}

/** What a person is needed for, as the metric counts it. */
export const noticeKinds = [
  ...(['failed', 'quarantine', 'ungated', 'breaker'] as const),
  ...(['lapsed', 'untrusted', 'config', 'rewritten'] as const),
] as const
export type NoticeKind = (typeof noticeKinds)[number]

export interface ShownCheck {
  readonly is: OwnCheck['is']
  readonly title: string
  readonly summary: string
}

export type EffectKind = keyof EffectKinds
/** Reverts go before merges, merges before what is opened, and telling comes last. */
export const urgency = { state: 0, revert: 1, merge: 2, open: 3, tell: 4 } as const
export type Urgency = (typeof urgency)[keyof typeof urgency]
export type EffectOf<K extends EffectKind> = { readonly kind: K; readonly urgency: Urgency } & EffectKinds[K]
export type Effect = { [K in EffectKind]: EffectOf<K> }[EffectKind]

export interface Outcome {
  readonly effect: Effect
  readonly is: 'done' | 'already-so' | 'lost-race' | 'refused' | 'failed' | 'put-off'
  readonly why?: string
  /** The number of the pull request that it opened, or found open. */
  readonly opened?: number
}

export type Appliers = { readonly [K in EffectKind]: (effect: EffectOf<K>) => Promise<Omit<Outcome, 'effect'>> }
