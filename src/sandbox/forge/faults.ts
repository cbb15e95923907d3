/** What can go wrong between a caller and the forge. `operation` is an operationId, `git-list`, `git-fetch`, `git-push`, `webhook`, or `*` for every request. */
export type Fault = {
  readonly operation: string
  /** How many requests it hits; without end when absent. */
  readonly times?: number
  /** Narrows it to some of the operation's requests. */
  readonly where?: (about: FaultSubject) => boolean
} & (
  | { readonly kind: 'error-before' | 'error-after'; readonly status?: number }
  | { readonly kind: 'reset-before' | 'reset-after' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Reads answer what they answered before, until so long after the fault was added. */
  | { readonly kind: 'stale'; readonly milliseconds: number }
  /** Null where no header tells how long, which GitHub does as well. */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number | null }
  /** Of webhooks. A reordered one is sent after the next. */
  | { readonly kind: 'drop' | 'double' | 'reorder' }
)
export type FaultKind = Fault['kind']

export interface FaultSubject {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** Of the API and of Git: who asks, by login, as `calls` names them; of Git `anonymous` without credentials, and nobody with wrong ones. */
  readonly actor?: string
  /** Of a webhook. */
  readonly event?: string
  readonly action?: string
}
export interface FaultMenu {
  add(fault: Fault): { remove(): void; readonly hits: () => number }
  clear(): void
  /** Nothing answers any more: every connection is reset, no webhook is sent. */
  goDark(dark: boolean): void
}
/** The menu, and the forge's own side of it. */
export interface Faults extends FaultMenu {
  isDark(): boolean
  /** Takes one hit of every fault of these kinds that is about this. */
  strike<K extends FaultKind>(
    operation: string,
    subject: FaultSubject,
    kinds: readonly K[],
  ): readonly (Fault & { kind: K })[]
}

interface Armed {
  readonly fault: Fault
  readonly since: number
  hits: number
}

export function faultMenu(now: () => number): Faults {
  const armed = new Set<Armed>()
  let dark = false
  return {
    add: (fault) => {
      const one: Armed = { fault, since: now(), hits: 0 }
      armed.add(one)
      return { remove: () => void armed.delete(one), hits: () => one.hits }
    },
    clear: () => armed.clear(),
    goDark: (to) => {
      dark = to
    },
    isDark: () => dark,
    strike: (operation, subject, kinds) => {
      const struck = [...armed].filter((one) => isDue(one, operation, subject, now()) && isOneOf(one.fault, kinds))
      for (const one of struck) one.hits += 1
      return struck.map(({ fault }) => fault).filter((fault) => isOneOf(fault, kinds))
    },
  }
}

function isDue({ fault, since, hits }: Armed, operation: string, subject: FaultSubject, now: number): boolean {
  const isAbout = fault.operation === operation || (fault.operation === '*' && operation !== 'webhook')
  const isSpent = hits >= (fault.times ?? Number.POSITIVE_INFINITY)
  const isOver = fault.kind === 'stale' && now > since + fault.milliseconds
  return isAbout && !isSpent && !isOver && (fault.where?.(subject) ?? true)
}

const isOneOf = <K extends FaultKind>(fault: Fault, kinds: readonly K[]): fault is Fault & { kind: K } =>
  kinds.some((kind) => kind === fault.kind)
