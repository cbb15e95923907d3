import { isUncertain } from './failures.ts'
import type { Timing } from './timing.ts'

/** A write that got a 5xx answer or none may still be under way; this long it is given to show. */
const settleMs = 1_000

/**
 * Makes something that is not there yet, at most once (T13): where making it ended without a clear answer, it looks. What is
 * still not there then is the next round's, which starts by looking: a second try now could make a twin of a late first.
 */
export async function makeOrFind<T>(
  timing: Timing,
  { find, make }: { readonly find: () => Promise<T | undefined>; readonly make: () => Promise<T> },
): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (!isUncertain(error)) throw error
    const late = (await find()) ?? (await timing.pause(settleMs).then(find))
    if (late === undefined) throw error
    return late
  }
}
