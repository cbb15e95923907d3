import { giveWay } from './give-way.ts'

/** How many reads wait for the object store together: it takes many questions through one pipe and answers in order. */
const atOnce = 32

/** The answers in the order of the items, worked out so many at a time, others in between. The first failure is thrown. */
export async function severalAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = []
  for (let at = 0; at < items.length; at += atOnce) {
    // What is known already is answered without waiting for anybody.
    if (at > 0) await giveWay()
    answers.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))))
  }
  return answers
}
