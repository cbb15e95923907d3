import { z } from 'zod'
import type { Change } from '../domain/change.ts'
import type { WeighedReview } from './evidence.ts'
import type { Gate, GateBase, GateContext, Judged } from './gate.ts'
import { group, groupInWords, groupsOf, roleGroups, unknownOf } from './people.ts'
import { type Basis, basisOf, listed, say, whenKnown } from './say.ts'

export interface ApprovalsSettings {
  readonly count: number
  /** Logins, teams, `owners`; empty for anybody with write. */
  readonly from: readonly string[]
  readonly separation: 'initiator' | 'strict' | 'none'
}

type Spec = GateBase<'approvals'> & ApprovalsSettings

/** Passes when enough people approved exactly this head. */
export const approvals: Gate<ApprovalsSettings, Spec> = {
  settings: () => ({
    count: z.int().min(1).max(20).default(1),
    from: z.array(group()).max(50).default([]),
    separation: z.enum(['initiator', 'strict', 'none']).default('initiator'),
  }),
  // A revert never waits for approvals (I13).
  mayBindRollback: false,

  needs: (spec, change, context) => {
    const from = approversOf(spec, context)
    return from.length === 0 ? [] : [{ kind: 'reviews', key: { pull: change.origin.pull, from } }]
  },

  judge: (spec, change, evidence, context) => {
    const from = approversOf(spec, context)
    if (from.length === 0) return say('fail', 'approvals.nobody', basisOf([], context.now))
    return whenKnown(
      'reviews',
      evidence.find('reviews', { pull: change.origin.pull, from }),
      context.now,
      (reviews, basis) => judgeReviews(spec, change, reviews, { from, basis }),
    )
  },

  reasons: {
    'approvals.enough': 'Approved by {people}.',
    'approvals.too-few': '{have} of {count} approvals of this head; still to approve: {from}. {uncounted}',
    'approvals.group-unknown':
      '{have} of {count} approvals of this head. The forge did not tell whether {people} belong to {unknown}, so they do not count: is it written right, and may Sluice read its members?',
    'approvals.changes-requested': '{people} requested changes; they approve, or the request is dismissed.',
    'approvals.initiator-unknown':
      'Not everybody who brought this in is known, and separation is strict: no approval counts.',
    'approvals.nobody': 'The gate wants approvals of owners, and this application has none: name them in its manifest.',
  },
}

// Left out means anybody with write; `owners` of an application without owners means nobody, never anybody.
const approversOf = (spec: ApprovalsSettings, context: GateContext): readonly string[] =>
  spec.from.length === 0 ? [roleGroups.write] : groupsOf(spec.from, context.owners)

function judgeReviews(
  spec: ApprovalsSettings,
  change: Change,
  reviews: readonly WeighedReview[],
  asked: { readonly from: readonly string[]; readonly basis: Basis },
): Judged {
  const who = asked.from.map(groupInWords)
  const weighed = reviews.filter((review) => counts(spec, change, review))
  const against = weighed.filter((review) => review.is === 'changes-requested')
  if (against.length > 0) {
    const people = namesOf(against)
    return say('fail', 'approvals.changes-requested', asked.basis, { values: { people: listed(people) }, who: people })
  }
  if (spec.separation === 'strict' && !change.origin.initiators.complete)
    return say('wait', 'approvals.initiator-unknown', asked.basis, { who })
  const approving = oncePerPerson(weighed.filter((review) => review.is === 'approved' && review.head === change.head))
  if (approving.length >= spec.count)
    return say('pass', 'approvals.enough', asked.basis, { values: { people: listed(namesOf(approving)) } })
  const counted = { have: String(approving.length), count: String(spec.count) }
  const doubtful = reviews.filter(
    (one) =>
      one.is === 'approved' &&
      one.head === change.head &&
      one.groups.length === 0 &&
      counts(spec, change, { ...one, groups: one.unknownGroups ?? [] }),
  )
  if (doubtful.length > 0) {
    const values = { ...counted, people: listed(namesOf(doubtful)), unknown: listed(unknownOf(doubtful)) }
    return say('wait', 'approvals.group-unknown', asked.basis, { values, who })
  }
  const values = {
    ...counted,
    from: listed(who),
    uncounted: uncountedInWords(reviews, approving),
  }
  return say('wait', 'approvals.too-few', asked.basis, { values, who })
}

/** Whether this person's review weighs at all: by numeric id, never by login (T06, T08). */
function counts(spec: ApprovalsSettings, change: Change, { by, groups }: WeighedReview): boolean {
  if (by.kind === 'bot' || groups.length === 0 || by.id === change.origin.author.id) return false
  return spec.separation === 'none' || !change.origin.initiators.people.some(({ id }) => id === by.id)
}

function uncountedInWords(reviews: readonly WeighedReview[], counted: readonly WeighedReview[]): string {
  const left = reviews.filter(({ by, is }) => is === 'approved' && !counted.some((one) => one.by.id === by.id))
  return left.length === 0
    ? ''
    : `Not counted: ${listed(namesOf(left))} (of an older head or for another branch, its author or initiator, a bot, or nobody named here).`
}

const oncePerPerson = (reviews: readonly WeighedReview[]): readonly WeighedReview[] => [
  ...new Map(reviews.map((review) => [review.by.id, review])).values(),
]

const namesOf = (reviews: readonly WeighedReview[]): readonly string[] =>
  oncePerPerson(reviews).map(({ by }) => `@${by.login}`)
