import type { CommandFields, Verb } from '../domain/command.ts'

export type ArgumentKind =
  | 'environment'
  | 'environment-or-all'
  | 'application'
  | 'release'
  | 'duration'
  | 'text'
  | 'gate'
  | 'sha'
  | 'verb'
  | 'switch'

export interface Argument {
  readonly name: string
  readonly kind: ArgumentKind
  readonly required: boolean
}

/** What a line gave, already checked against the entry's words and flags. */
export interface Given {
  text(name: string): string | null
  milliseconds(name: string): number | null
  has(name: string): boolean
  /** Only for what the entry calls required. */
  required(name: string): string
}

/** Who may by default; `rights.ts` is the rule. */
export type WhoMay = 'read' | 'write' | 'maintain' | 'rollback' | 'gate' | 'lock-owner'

export interface CommandEntry<V extends Verb> {
  readonly usage: string
  readonly summary: string
  readonly who: WhoMay
  /** `pull`: speaks of the pull request that it is written on. */
  readonly where: 'pull' | 'any'
  /** In this order, optional ones last. */
  readonly words: readonly Argument[]
  readonly flags: readonly Argument[]
  fields(given: Given): CommandFields[V]
}

const needed = (name: string, kind: ArgumentKind): Argument => ({ name, kind, required: true })
const optional = (name: string, kind: ArgumentKind): Argument => ({ name, kind, required: false })

const environment = needed('environment', 'environment')
const environmentOrAll = needed('environment', 'environment-or-all')
const anEnvironment = optional('environment', 'environment')
const app = optional('app', 'application')
const duration = optional('for', 'duration')
const reason = optional('reason', 'text')

/** The one table: what can be said, how, and by whom. The parser, the rights and `help` all read it. */
export const commands: { readonly [V in Verb]: CommandEntry<V> } = {
  promote: {
    usage: 'promote [<environment>] [--app <application>] [--release <release>]',
    summary: 'open or refresh the promotion',
    who: 'write',
    where: 'any',
    words: [anEnvironment],
    flags: [app, optional('release', 'release')],
    fields: (given) => ({
      environment: given.text('environment'),
      application: given.text('app'),
      release: given.text('release'),
    }),
  },
  merge: {
    usage: 'merge',
    summary: 'merge this pull request as soon as its gates pass',
    who: 'write',
    where: 'pull',
    words: [],
    flags: [],
    fields: () => ({}),
  },
  rollback: {
    usage: 'rollback <environment> [--app <application>] [--to <release>] --reason "<text>"',
    summary: 'quarantine what runs there, and take the last promotion back or restore a release',
    who: 'rollback',
    where: 'any',
    words: [environment],
    flags: [app, optional('to', 'release'), needed('reason', 'text')],
    fields: (given) => ({
      environment: given.required('environment'),
      application: given.text('app'),
      to: given.text('to'),
      reason: given.required('reason'),
    }),
  },
  lock: {
    usage: 'lock <environment> [--app <application>] [--for <duration>] [--reason "<text>"]',
    summary: 'only pull requests that you authored or ordered merge there',
    who: 'lock-owner',
    where: 'any',
    words: [environment],
    flags: [app, duration, reason],
    fields: (given) => ({
      environment: given.required('environment'),
      application: given.text('app'),
      forMs: given.milliseconds('for'),
      reason: given.text('reason'),
    }),
  },
  unlock: {
    usage: 'unlock <environment> [--app <application>]',
    summary: 'lift the locks there',
    who: 'lock-owner',
    where: 'any',
    words: [environment],
    flags: [app],
    fields: (given) => ({ environment: given.required('environment'), application: given.text('app') }),
  },
  freeze: {
    usage: 'freeze <environment or all> [--for <duration>] [--reason "<text>"]',
    summary: 'no promotion merges there; reverts pass',
    who: 'maintain',
    where: 'any',
    words: [environmentOrAll],
    flags: [duration, reason],
    fields: (given) => ({
      environment: given.required('environment'),
      forMs: given.milliseconds('for'),
      reason: given.text('reason'),
    }),
  },
  thaw: {
    usage: 'thaw <environment or all>',
    summary: 'lift the freezes there; `all` lifts every one',
    who: 'maintain',
    where: 'any',
    words: [environmentOrAll],
    flags: [],
    fields: (given) => ({ environment: given.required('environment') }),
  },
  hold: {
    usage: 'hold [--reason "<text>"]',
    summary: 'this pull request waits',
    who: 'write',
    where: 'pull',
    words: [],
    flags: [reason],
    fields: (given) => ({ reason: given.text('reason') }),
  },
  unhold: {
    usage: 'unhold',
    summary: 'this pull request goes on',
    who: 'write',
    where: 'pull',
    words: [],
    flags: [],
    fields: () => ({}),
  },
  unquarantine: {
    usage: 'unquarantine <environment> <release> [--app <application>]',
    summary: 'let a quarantined release in again',
    who: 'maintain',
    where: 'any',
    words: [environment, needed('release', 'release')],
    flags: [app],
    fields: (given) => ({
      environment: given.required('environment'),
      application: given.text('app'),
      release: given.required('release'),
    }),
  },
  resume: {
    usage: 'resume <environment>',
    summary: 'close the breaker: automation goes on there',
    who: 'maintain',
    where: 'any',
    words: [environment],
    flags: [],
    fields: (given) => ({ environment: given.required('environment') }),
  },
  accept: {
    usage: 'accept <sha>',
    summary: 'accept a commit that changed an environment around its gates',
    who: 'maintain',
    where: 'any',
    words: [needed('sha', 'sha')],
    flags: [],
    fields: (given) => ({ sha: given.required('sha') }),
  },
  gate: {
    usage: 'gate <name> [--refuse] [--reason "<text>"]',
    summary: 'answer a manual gate for the present head of this pull request',
    who: 'gate',
    where: 'pull',
    words: [needed('name', 'gate')],
    flags: [optional('refuse', 'switch'), reason],
    fields: (given) => ({
      gate: given.required('name'),
      refuse: given.has('refuse'),
      reason: given.text('reason'),
    }),
  },
  diff: {
    usage: 'diff',
    summary: 'show what this pull request changes in the cluster',
    who: 'read',
    where: 'pull',
    words: [],
    flags: [],
    fields: () => ({}),
  },
  status: {
    usage: 'status [<environment>]',
    summary: 'show what runs where',
    who: 'read',
    where: 'any',
    words: [anEnvironment],
    flags: [],
    fields: (given) => ({ environment: given.text('environment') }),
  },
  explain: {
    usage: 'explain [<environment>] [--app <application>]',
    summary: 'say what waits, for what, and who can unblock it',
    who: 'read',
    where: 'any',
    words: [anEnvironment],
    flags: [app],
    fields: (given) => ({ environment: given.text('environment'), application: given.text('app') }),
  },
  help: {
    usage: 'help [<command>]',
    summary: 'show the commands and who may run them',
    who: 'read',
    where: 'any',
    words: [optional('command', 'verb')],
    flags: [],
    fields: (given) => ({ about: given.text('command') }),
  },
}

export const verbs: readonly Verb[] = Object.keys(commands).filter(isVerb)

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(commands, word)
}

/** Known words of the language that nothing stands behind yet: refused by name, never silently. */
export const notBuiltVerbs: ReadonlySet<string> = new Set(['build', 'retry', 'cancel', 'override'])
export const notBuiltFlags: ReadonlySet<string> = new Set(['over'])
