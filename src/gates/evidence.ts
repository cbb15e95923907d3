import type { CheckResult } from '../domain/check-result.ts'
import type { Directive, DirectiveOf } from '../domain/directive.ts'
import type { Health } from '../domain/health.ts'
import type { Digest, Instant, Sha, SlotKey } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import type { Release, ReleaseParts } from '../domain/release.ts'
import type { WitnessedRelease } from '../domain/witness.ts'

/** A review as a gate weighs it: the latest that decides of each person, with the groups of `from` that hold them. */
export interface WeighedReview {
  readonly by: Person
  readonly is: 'approved' | 'changes-requested'
  /** The head that was reviewed; null where it then asked for another branch: another difference was looked at. */
  readonly head: Sha | null
  readonly groups: readonly string[]
  /** Those of which the forge does not tell whether they hold them: misspelt, renamed, or not ours to read. */
  readonly unknownGroups?: readonly string[]
}

/** An answer to a manual gate, with the groups of `from` that hold whoever gave it, asked at this moment. */
export type WeighedAnswer = DirectiveOf<'answer'> & Pick<WeighedReview, 'groups' | 'unknownGroups'>

/** A witnessed release with what it was made of; null where that is no longer known, and then only its id counts. */
export type UpstreamRelease = WitnessedRelease & { readonly parts: ReleaseParts | null }

export interface UpstreamWitness {
  readonly environment: string
  readonly runs: Release | null
  readonly health: Health
  readonly witnessed: readonly UpstreamRelease[]
}

export interface UnmetRule {
  readonly rule: string
  readonly detail: string
  readonly who: readonly string[]
}

/** Every kind of evidence that a gate may name, keyed by what identifies it. The one map that the family hangs on. */
export interface EvidenceKinds {
  checks: { key: { readonly head: Sha }; value: readonly CheckResult[] }
  /** A group is a login, `org/team` or a role as `roleGroups` in people.ts spells it (`role:write`); never empty in a need. */
  reviews: { key: { readonly pull: number; readonly from: readonly string[] }; value: readonly WeighedReview[] }
  signature: {
    key: { readonly image: string; readonly publicKey: string }
    value: SignatureFinding
  }
  upstream: {
    key: { readonly slot: SlotKey; readonly environments: readonly string[] }
    value: readonly UpstreamWitness[]
  }
  /** Of one slot; `from` as in `reviews`. */
  answers: {
    key: { readonly gate: string; readonly head: Sha; readonly slot: SlotKey; readonly from: readonly string[] }
    value: readonly WeighedAnswer[]
  }
  state: { key: { readonly slot: SlotKey; readonly pull: number }; value: StateFacts }
  rules: { key: { readonly pull: number; readonly head: Sha }; value: readonly UnmetRule[] }
}

/** `firstAskedAt`: since when this image and key are asked about, for the time that a signature may take to appear. */
export interface SignatureFinding {
  readonly is: 'signed' | 'no-signature' | 'other-signer' | 'other-digest' | 'other-repository'
  readonly firstAskedAt: Instant
}

/** What the implied gate `state` judges by. */
export interface StateFacts {
  readonly trusted: true | { readonly untrusted: string }
  /** Those that cover this slot or pull request. */
  readonly directives: readonly Directive[]
  readonly draft: boolean
  /** Set where the manifests that describe this slot are broken on the default branch. */
  readonly brokenConfig: string | null
  /** The person who ordered this merge, for locks; 0 where nobody did. */
  readonly orderedBy: number
  /** Set where somebody pushed onto our branch: the foreign commit (T10). */
  readonly foreignCommit: Sha | null
  /** What a promotion would overwrite: digests that did not come from upstream, other parts that never existed there. */
  readonly foreign: readonly { readonly is: 'foreign' | 'divergence'; readonly parts: readonly string[] }[]
}

export type EvidenceKind = keyof EvidenceKinds
export type KeyOf<K extends EvidenceKind> = EvidenceKinds[K]['key']
export type ValueOf<K extends EvidenceKind> = EvidenceKinds[K]['value']
export type Need = { [K in EvidenceKind]: { readonly kind: K; readonly key: KeyOf<K> } }[EvidenceKind]

/** `mutable: false` marks what can never change again (a signature that was found), so its age does not count. */
export type Found<T> =
  | {
      readonly is: 'known'
      readonly value: T
      readonly readAt: Instant
      readonly id: Digest
      readonly mutable: boolean
    }
  | { readonly is: 'pending'; readonly since: Instant }
  | { readonly is: 'unavailable'; readonly reason: string; readonly detail: string }

export interface Evidence {
  find<K extends EvidenceKind>(kind: K, key: KeyOf<K>): Found<ValueOf<K>>
}
