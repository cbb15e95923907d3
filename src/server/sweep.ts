import type { ForgeRepository } from '../ports/forge/forge.ts'
import type { Log } from '../ports/log.ts'
import type { Stale } from '../ports/stale.ts'
import type { Health } from './health.ts'
import type { KnownRepositories } from './known-repositories.ts'

export interface SweepOptions {
  readonly list: () => Promise<readonly ForgeRepository[]>
  readonly known: KnownRepositories
  readonly enqueue: (repository: number, stale: readonly Stale[]) => void
  readonly intervalMs: number
  /** Whether the forge's quota is too low for what is not urgent. */
  readonly isScarce: (installation: number) => boolean
  /** 0 up to 1. */
  readonly random: () => number
  readonly health: Health
  readonly log: Log
}

export interface Sweep {
  /** The first sweep; resolves when the repositories are listed, or could not be, in which case it is tried again soon. */
  start(): Promise<void>
  /** The installations changed: lists again, and looks at what is new or not as it was. */
  refresh(): void
  stop(): Promise<void>
}

const firstRetryMs = 5_000

/**
 * Looks at everything now and then, since events get lost: GitHub never delivers one again by itself. Every repository is
 * enqueued at the start and at each interval; jitter keeps many processes from doing so together. One that the App was taken
 * from is enqueued once more: its next round finds it gone, and lets go of it behind the one that may be under way.
 */
export function createSweep(options: SweepOptions): Sweep {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let failures = 0
  let stopped = false

  const next = (milliseconds: number) => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(() => void run(), milliseconds * (0.9 + 0.2 * options.random()))
  }
  const run = () => {
    running = running.then(async () => {
      if (stopped) return
      failures = (await sweepOnce(options)) ? 0 : failures + 1
      next(failures === 0 ? options.intervalMs : Math.min(options.intervalMs, firstRetryMs * 2 ** (failures - 1)))
    })
    return running
  }

  return {
    start: run,
    refresh: () => {
      running = running.then(() => refreshOnce(options))
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

const everything: readonly Stale[] = [{ is: 'everything' }]

async function sweepOnce(options: SweepOptions): Promise<boolean> {
  const isListed = await listAgain(options)
  const spared = new Set<number>()
  for (const { id, installation } of options.known.all()) {
    if (options.isScarce(installation)) spared.add(installation)
    else options.enqueue(id, everything)
  }
  if (spared.size > 0)
    options.log.warn({ installations: [...spared] }, 'Sweep left out installations with little quota')
  return isListed !== undefined
}

async function refreshOnce(options: SweepOptions): Promise<void> {
  for (const { id } of (await listAgain(options)) ?? []) options.enqueue(id, everything)
}

/** Those that are new or not as they were, or undefined where the forge did not tell; then what was known stays known. */
async function listAgain({
  list,
  known,
  enqueue,
  health,
  log,
}: SweepOptions): Promise<readonly ForgeRepository[] | undefined> {
  try {
    const { added, changed, gone } = known.replace(await list())
    health.succeeded('sweep')
    if (added.length > 0) log.info({ repositories: added.map(({ id }) => id) }, 'Repositories found')
    if (changed.length > 0) log.info({ repositories: changed.map(({ id }) => id) }, 'Repositories changed')
    if (gone.length > 0) log.info({ repositories: gone.map(({ id }) => id) }, 'Repositories gone')
    for (const { id } of gone) enqueue(id, everything)
    return [...added, ...changed]
  } catch (err) {
    // The boundary of a sweep, as a round is one: the next one tries again, and health tells.
    health.failed('sweep', err)
    log.error({ err }, 'Listing of repositories failed')
    return undefined
  }
}
