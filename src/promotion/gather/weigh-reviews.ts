import type { Person } from '../../domain/person.ts'
import { isAtLeast } from '../../domain/role.ts'
import type { WeighedReview } from '../../gates/evidence.ts'
import { roleGroups } from '../../gates/people.ts'
import type { Forge } from '../../ports/forge/forge.ts'
import type { Review } from '../../ports/forge/reviews.ts'

/** The review of each person that decides, with the groups of `from` that hold them, asked at this moment (T05, T08). */
export async function weighReviews(
  forge: Pick<Forge, 'reviews' | 'people'>,
  pull: number,
  from: readonly string[],
): Promise<readonly WeighedReview[]> {
  const weighed: WeighedReview[] = []
  const reviews = deciding(await forge.reviews.list(pull))
  const retargetedAt = reviews.some(({ is }) => is === 'approved') ? await forge.reviews.retargetedAt(pull) : null
  for (const { by, is, head, at } of reviews) {
    if (is !== 'approved' && is !== 'changes-requested') continue
    const isOfThis = retargetedAt === null || at > retargetedAt
    weighed.push({ by, is, head: isOfThis ? head : null, ...(await groupsHolding(forge, by, from)) })
  }
  return weighed
}

/** The latest of each person; a comment decides nothing, a dismissal takes back. */
function deciding(reviews: readonly Review[]): readonly Review[] {
  const latest = new Map<number, Review>()
  for (const review of reviews) if (review.is !== 'commented') latest.set(review.by.id, review)
  return [...latest.values()]
}

/**
 * Those of the groups that a person belongs to. A bot belongs to none. A group of which the forge does not tell holds nobody,
 * but whoever waits for it is told so.
 */
export async function groupsHolding(
  { people }: Pick<Forge, 'people'>,
  person: Person,
  from: readonly string[],
): Promise<Pick<WeighedReview, 'groups' | 'unknownGroups'>> {
  const groups: string[] = []
  const unknownGroups: string[] = []
  for (const group of from) {
    const answer = await belongs(people, group, person)
    if (answer === true) groups.push(group)
    if (answer === undefined) unknownGroups.push(group)
  }
  return unknownGroups.length === 0 ? { groups } : { groups, unknownGroups }
}

async function belongs(people: Forge['people'], group: string, person: Person): Promise<boolean | undefined> {
  if (person.kind === 'bot') return false
  if (group === roleGroups.write) return isAtLeast(await people.role(person), 'write')
  if (group === roleGroups.maintain) return isAtLeast(await people.role(person), 'maintain')
  return people.isMember(group, person)
}
