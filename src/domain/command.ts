/**
 * What each verb carries once its line was read: names exist, durations are milliseconds, what was left out is null.
 * Releases and commits are as somebody typed them (a beginning of the id, or an alias); the taker resolves them.
 */
export interface CommandFields {
  promote: { readonly environment: string | null; readonly application: string | null; readonly release: string | null }
  merge: Nothing
  rollback: {
    readonly environment: string
    readonly application: string | null
    readonly to: string | null
    readonly reason: string
  }
  lock: {
    readonly environment: string
    readonly application: string | null
    readonly forMs: number | null
    readonly reason: string | null
  }
  unlock: { readonly environment: string; readonly application: string | null }
  /** `environment` may be `all`. */
  freeze: { readonly environment: string; readonly forMs: number | null; readonly reason: string | null }
  /** `environment` may be `all`. */
  thaw: { readonly environment: string }
  hold: { readonly reason: string | null }
  unhold: Nothing
  unquarantine: { readonly environment: string; readonly application: string | null; readonly release: string }
  resume: { readonly environment: string }
  accept: { readonly sha: string }
  gate: { readonly gate: string; readonly refuse: boolean; readonly reason: string | null }
  diff: Nothing
  status: { readonly environment: string | null }
  explain: { readonly environment: string | null; readonly application: string | null }
  help: { readonly about: string | null }
}

type Nothing = Readonly<Record<never, never>>

export type Verb = keyof CommandFields
export type CommandOf<V extends Verb> = { [K in V]: { readonly verb: K } & CommandFields[K] }[V]

/** A line `/sluice …` of a person, read and checked. */
export type Command = CommandOf<Verb>

/** Verbs that only ask: they are answered by a reply and leave no event. */
export type Question = CommandOf<'diff' | 'status' | 'explain' | 'help'>
/** Verbs that order something: they are taken when their event is in the state. */
export type Order = Exclude<Command, Question>
