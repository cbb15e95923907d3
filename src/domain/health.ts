import type { Instant, Sha } from './ids.ts'

/**
 * What one read of a delivery object showed, as its pure judge worded it. It speaks of the revision that the controller
 * acted on; whether that revision holds the content that somebody waits for is for the reader to compare.
 */
export type Sighting =
  | {
      readonly is: 'healthy'
      readonly revision: Sha
      readonly since?: Instant
      /** When one of its containers ended last, where its pods were looked at: it was not well all the time. */
      readonly restartedAt?: Instant
      readonly halted?: Halt
    }
  | {
      readonly is: 'progressing'
      readonly revision?: Sha
      readonly reason: string
      readonly detail: string
      /** The controller checks again what it brought to its end before, as it does at every interval. */
      readonly isRepeated?: true
      /** What it is about to bring, where that is another revision than the one that it brought to a good end last. */
      readonly attempt?: Attempt
      /** What it waits for, where that is known, and whose fault it is: for when progress takes longer than it may. */
      readonly objects?: readonly ObjectRef[]
      /** Its pods crash, which is more than that they are not there yet. */
      readonly isCrashing?: true
      /** Its pods were to be looked at and could not be: whether they crash nobody knows. */
      readonly isUnseen?: true
      readonly infrastructure?: string
      readonly halted?: Halt
    }
  | {
      readonly is: 'failed'
      readonly revision: Sha
      readonly reason: string
      readonly detail: string
      /**
       * A state that never heals by itself, as a failed Job: no need to see it twice. ProgressDeadlineExceeded is none:
       * Kubernetes goes on trying, and what starts slowly gets well.
       */
      readonly final: boolean
      /** The failing objects, where the controller names them; owners of failing pods stand for the pods. */
      readonly objects: readonly ObjectRef[]
      /** Where the cause is known to be infrastructure: a registry error, a source that cannot be fetched. */
      readonly infrastructure?: string
      readonly halted?: Halt
    }
  /** For a person: manual sync, suspended, closed sync window. */
  | { readonly is: 'waiting'; readonly revision?: Sha; readonly reason: string; readonly detail: string }
  | { readonly is: 'unknown'; readonly reason: string; readonly detail: string }

/** Two revisions may hold the same content for a slot: whether it brings something new is for the reader to compare. */
export interface Attempt {
  readonly revision: Sha
  /** How the attempt before this one ended; absent where that is not known, or says nothing about what is tried now. */
  readonly after?: { readonly is: 'success' } | Extract<Sighting, { is: 'failed' }>
}

/** Why nothing newer than the revision can come, whatever is said of that one: the repository cannot be fetched. */
export interface Halt {
  readonly reason: string
  readonly detail: string
  /** Somebody wants it so: whoever waits for something newer waits for people. */
  readonly isForPeople?: true
}

export interface ObjectRef {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** The health of a slot's present content, as the gates and the planner use it. */
export type Health =
  | { readonly is: 'healthy'; readonly since: Instant }
  | { readonly is: 'progressing'; readonly since: Instant; readonly reason: string; readonly detail: string }
  | {
      readonly is: 'failed'
      readonly since: Instant
      readonly reason: string
      readonly detail: string
      readonly objects: readonly ObjectRef[]
      readonly infrastructure?: string
    }
  | { readonly is: 'waiting'; readonly reason: string; readonly detail: string }
  | { readonly is: 'unknown'; readonly reason: string; readonly detail: string }

/** The durations of an environment's `health`, in milliseconds. */
export interface HealthSettings {
  readonly settle: number
  readonly confirm: number
  readonly deadline: number
  readonly watch: number
}
