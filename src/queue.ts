/** What the queue needs; clock, timers and chance come in, so that a test can own them. */
export interface QueueOptions<Key, Stale> {
  /** One round. Throwing puts the same stale facts back, after a back-off; the other keys go on. */
  readonly run: (key: Key, stale: readonly Stale[]) => Promise<void>
  /** What two sets of stale facts are together; keeps them small while they wait. */
  readonly merge: (waiting: readonly Stale[], more: readonly Stale[]) => readonly Stale[]
  /** Milliseconds. */
  readonly now: () => number
  /** Calls back once, not before `delayMs`; returns what takes it back. */
  readonly setTimer: (delayMs: number, call: () => void) => () => void
  /** From 0 to below 1. */
  readonly random: () => number
  readonly onError: (failure: {
    readonly key: Key
    readonly error: unknown
    readonly attempt: number
    readonly againInMs: number
  }) => void
  /** At least so long, where the error knows: a rate limit. */
  readonly retryAfterMs?: (error: unknown) => number | undefined
  /** Rounds at a time, over all keys; default 2. */
  readonly concurrency?: number
  /** Of the first repetition, doubled each time up to the longest; defaults 1 second and 5 minutes. */
  readonly backOff?: { readonly firstMs: number; readonly longestMs: number }
}

export interface Queue<Key, Stale> {
  /** Makes sure that a round which sees these facts as stale begins after this call. Ignored once draining. */
  add(key: Key, stale: readonly Stale[]): void
  /** One alarm per key: a later call replaces it, null takes it back. It holds while the key runs or waits. */
  wakeAt(key: Key, alarm: { readonly at: number; readonly stale: readonly Stale[] } | null): void
  /** How long the longest-waiting key has been ready and not begun; 0 where none waits. */
  oldestWaitingMs(): number
  /** How long the longest round under way has lasted; 0 where none is. */
  longestRunningMs(): number
  /** Keys that wait, back-offs included. */
  waiting(): number
  /** Begins nothing more, takes all timers back, and waits for the rounds under way. */
  drain(): Promise<void>
}

/**
 * One round at a time per key; what becomes stale meanwhile is merged and waits. The key that waits longest is next, so that a
 * busy one delays each other by a round at most.
 */
export function createQueue<Key, Stale>(options: QueueOptions<Key, Stale>): Queue<Key, Stale> {
  const { run, merge, now, random, onError } = options
  const concurrency = options.concurrency ?? 2
  const backOff = options.backOff ?? { firstMs: 1000, longestMs: 300_000 }
  // Maps keep the order of insertion: the first that is ready has waited longest.
  const waiting = new Map<Key, { stale: readonly Stale[]; readonly since: number }>()
  const running = new Map<Key, { readonly since: number; readonly ended: Promise<void> }>()
  const failing = new Map<Key, { readonly attempt: number; readonly until: number }>()
  const timers = timersByKey<Key>(options)
  const retries = timersByKey<Key>(options)
  let isDraining = false

  function add(key: Key, stale: readonly Stale[]): void {
    if (isDraining) return
    wait(key, stale)
    beginReady()
  }

  function wait(key: Key, stale: readonly Stale[]): void {
    const before = waiting.get(key)
    if (before === undefined) waiting.set(key, { stale: merge([], stale), since: now() })
    else before.stale = merge(before.stale, stale)
  }

  function beginReady(): void {
    for (const [key, { stale }] of waiting) {
      if (isDraining || running.size >= concurrency) return
      if (running.has(key) || isBackingOff(key)) continue
      waiting.delete(key)
      begin(key, stale)
    }
  }

  const isBackingOff = (key: Key): boolean => now() < (failing.get(key)?.until ?? 0)

  function begin(key: Key, stale: readonly Stale[]): void {
    running.set(key, { since: now(), ended: round(key, stale) })
  }

  async function round(key: Key, stale: readonly Stale[]): Promise<void> {
    // A round never begins inside `add`: its caller must not wait for the synchronous part of another's work.
    await Promise.resolve()
    try {
      await run(key, stale)
      failing.delete(key)
    } catch (error) {
      failed(key, stale, error)
    } finally {
      running.delete(key)
      beginReady()
    }
  }

  function failed(key: Key, stale: readonly Stale[], error: unknown): void {
    const attempt = (failing.get(key)?.attempt ?? 0) + 1
    const againInMs = Math.max(backOffMs(attempt), options.retryAfterMs?.(error) ?? 0)
    failing.set(key, { attempt, until: now() + againInMs })
    wait(key, stale)
    if (!isDraining) retries.set(key, now() + againInMs, beginReady)
    onError({ key, error, attempt, againInMs })
  }

  /** Full jitter over the upper half, so that many that failed together do not come back together. */
  function backOffMs(attempt: number): number {
    const whole = Math.min(backOff.longestMs, backOff.firstMs * 2 ** Math.min(attempt - 1, 30))
    return Math.round(whole / 2 + (whole / 2) * random())
  }

  const readySince = (key: Key, since: number): number => Math.max(since, failing.get(key)?.until ?? 0)

  return {
    add,
    wakeAt(key, alarm) {
      if (alarm === null || isDraining) timers.clear(key)
      else timers.set(key, alarm.at, () => add(key, alarm.stale))
    },
    oldestWaitingMs: () => oldest([...waiting].map(([key, { since }]) => now() - readySince(key, since))),
    longestRunningMs: () => oldest([...running.values()].map(({ since }) => now() - since)),
    waiting: () => waiting.size,
    async drain() {
      isDraining = true
      timers.clearAll()
      retries.clearAll()
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}

const oldest = (ages: readonly number[]): number => Math.max(0, ...ages)

interface KeyedTimers<Key> {
  set(key: Key, at: number, call: () => void): void
  clear(key: Key): void
  clearAll(): void
}

/** Node fires a timer of more than 24 days at once; a day is far enough, then it is set again. */
const longestTimerMs = 86_400_000

function timersByKey<Key>({ now, setTimer }: Pick<QueueOptions<Key, never>, 'now' | 'setTimer'>): KeyedTimers<Key> {
  const cancels = new Map<Key, () => void>()
  function clear(key: Key): void {
    cancels.get(key)?.()
    cancels.delete(key)
  }
  function set(key: Key, at: number, call: () => void): void {
    clear(key)
    const delayMs = Math.min(Math.max(0, at - now()), longestTimerMs)
    cancels.set(
      key,
      setTimer(delayMs, () => {
        cancels.delete(key)
        if (now() < at) set(key, at, call)
        else call()
      }),
    )
  }
  return {
    set,
    clear,
    clearAll() {
      for (const key of [...cancels.keys()]) clear(key)
    },
  }
}
