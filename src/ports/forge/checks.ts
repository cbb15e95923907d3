import type { CheckResult } from '../../domain/check-result.ts'
import type { Sha } from '../../domain/ids.ts'

/** How our one check stands. `waiting` is shown as in progress, so that nothing else can count it as passed. */
export interface OwnCheck {
  readonly id: number
  readonly is: 'waiting' | 'success' | 'failed'
  readonly title: string
  /** Digest of title and summary as last written, so that an equal one is not written again. */
  readonly externalId: string
}

export interface Checks {
  /** Check runs and commit statuses of a head, newest per app and name; ours left out. */
  list(head: Sha): Promise<readonly CheckResult[]>
  /** Our check `sluice`, by our App's id (T31); undefined where there is none. `fresh` asks the forge in any case. */
  own(head: Sha, fresh?: boolean): Promise<OwnCheck | undefined>
  /** Creates or updates the one check run `sluice`. */
  show(
    head: Sha,
    wanted: { readonly is: OwnCheck['is']; readonly title: string; readonly summary: string },
  ): Promise<OwnCheck>
}
