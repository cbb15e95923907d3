import { setTimeout as pause } from 'node:timers/promises'

/** What a step waited for did not come, or what was to stay as it was did not. */
export class NotSeen extends Error {
  override readonly name = 'NotSeen'
  readonly awaited: string

  constructor(awaited: string, why: string, options?: ErrorOptions) {
    super(why, options)
    this.awaited = awaited
  }
}

interface Waiting {
  /** Completes "waited until …". */
  readonly awaited: string
  /** Milliseconds. */
  readonly within: number
}

/** What waits keeps no process alive: the stage does, for as long as it stands. */
const nextLook = () => pause(150, undefined, { ref: false })

/** Looks again and again until something is there, and hands that back. Rejects with NotSeen after the deadline. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { awaited, within }: Waiting,
): Promise<T> {
  const deadline = performance.now() + within
  for (;;) {
    const seen = await lookSafely(look, awaited)
    if (seen !== undefined) return seen
    if (performance.now() > deadline) throw new NotSeen(awaited, `it did not come within ${within / 1000} s`)
    await nextLook()
  }
}

/** Looks again and again, for so long, that something stays as it is. What `look` hands back is what is wrong, if anything. */
export async function throughout(
  look: () => Promise<string | undefined> | string | undefined,
  { awaited, within }: Waiting,
): Promise<void> {
  const end = performance.now() + within
  do {
    const wrong = await lookSafely(look, awaited)
    if (wrong !== undefined) throw new NotSeen(awaited, wrong)
    await nextLook()
  } while (performance.now() < end)
}

/** A look that cannot be taken says what it was for. */
async function lookSafely<T>(look: () => Promise<T> | T, awaited: string): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof NotSeen) throw error
    throw new NotSeen(awaited, error instanceof Error ? error.message : String(error), { cause: error })
  }
}
