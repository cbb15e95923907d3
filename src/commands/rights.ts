import type { Command, CommandOf, Verb } from '../domain/command.ts'
import type { Person } from '../domain/person.ts'
import { isAtLeast, type Role } from '../domain/role.ts'
import { quoted } from './refusals.ts'
import { commands, type WhoMay } from './table.ts'

/** Somebody who asks, as the forge told it at this moment. */
export interface Asker {
  readonly person: Person
  /** The App that acts, where the forge names one. */
  readonly appId: number | null
  /** Undefined where the forge could not tell; then nothing is allowed. */
  readonly role: Role | undefined
  /** `org/team` or a login; undefined where that cannot be known. */
  memberOf(group: string): boolean | undefined
}

/** The facts that decide, beside who asks. Leave what does not touch the command at its empty value (`noFacts`). */
export interface RightsFacts {
  /** `bots` of the Repository manifest. */
  readonly bots: readonly { readonly appId: number; readonly may: readonly string[] }[]
  /** `rollback.by` of the environment that is rolled back. */
  readonly rollbackBy: readonly string[]
  /** The applications that are rolled back, with their owners: one must own every one of them. */
  readonly applications: readonly { readonly name: string; readonly owners: readonly string[] }[]
  /** Whether the pull request that is merged takes a promotion back: then the right to roll back decides. */
  readonly isRollbackPull: boolean
  /** Who holds the locks that a `lock` would replace or an `unlock` would lift. */
  readonly lockHolders: readonly number[]
  /** `from` of the manual gate, with `owners` already resolved; empty where the manifest names nobody. */
  readonly gateFrom: readonly string[]
}

export const noFacts: RightsFacts = {
  bots: [],
  rollbackBy: [],
  applications: [],
  isRollbackPull: false,
  lockHolders: [],
  gateFrom: [],
}

export type Right = { readonly may: true } | RightRefusal

export interface RightRefusal {
  readonly may: false
  readonly reason: RightReason
  /** Who could: a role, a group, a login. */
  readonly needs: readonly string[]
}

/** A sentence per code; `{needs}` is filled in as a list. */
export const rightReasons = {
  'rights.bot': 'Bots run no commands, but for those that `bots` of the Repository manifest names.',
  'rights.role-unknown': 'The forge did not tell what you may do here, so nothing is allowed. It takes {needs}.',
  'rights.role': 'It takes {needs}.',
  'rights.not-in-group': 'It takes {needs}.',
  'rights.membership-unknown': 'The forge did not tell who belongs to the groups that decide this. It takes {needs}.',
  'rights.lock-of-another': 'Somebody else holds that lock. It takes them, or {needs}.',
} as const

export type RightReason = keyof typeof rightReasons

/** The one rule of who may do what, for every way in: comment, button, API. What cannot be known refuses. */
export function mayRun(command: Command, asker: Asker, facts: RightsFacts): Right {
  if (asker.person.kind === 'bot') return botMay(command.verb, asker, facts)
  return rules[whoMay(command, facts)](asker, facts)
}

/** Whether somebody may take a promotion back: the rule of `rollback`, for reverts that come as pull requests. */
export const mayRollBack = (asker: Asker, facts: RightsFacts): Right => {
  const command: CommandOf<'rollback'> = { verb: 'rollback', environment: '', application: null, to: null, reason: '' }
  return mayRun(command, asker, facts)
}

export function rightText(refusal: RightRefusal): string {
  const needs = refusal.needs.map(quoted).join(' or ')
  return `${rightReasons[refusal.reason].replace('{needs}', () => needs)} (\`${refusal.reason}\`)`
}

const whoMay = (command: Command, facts: RightsFacts): WhoMay =>
  command.verb === 'merge' && facts.isRollbackPull ? 'rollback' : commands[command.verb].who

/** By App id: a bot's login says nothing of who runs it. Its role is not asked, the manifest has decided. */
function botMay(verb: Verb, asker: Asker, { bots }: RightsFacts): Right {
  const isAllowed = bots.some(({ appId, may }) => appId === asker.appId && may.includes(verb))
  return isAllowed ? { may: true } : { may: false, reason: 'rights.bot', needs: [] }
}

const rules: { readonly [W in WhoMay]: (asker: Asker, facts: RightsFacts) => Right } = {
  read: (asker) => atLeast('read', asker),
  write: (asker) => atLeast('write', asker),
  maintain: (asker) => atLeast('maintain', asker),
  'lock-owner': lockOwner,
  rollback: rollBack,
  gate: answerGate,
}

function lockOwner(asker: Asker, { lockHolders }: RightsFacts): Right {
  const isAnothers = lockHolders.some((holder) => holder !== asker.person.id)
  if (!isAnothers) return atLeast('write', asker)
  const right = atLeast('maintain', asker)
  return right.may || right.reason === 'rights.role-unknown' ? right : { ...right, reason: 'rights.lock-of-another' }
}

function rollBack(asker: Asker, { rollbackBy, applications }: RightsFacts): Right {
  if (asker.role !== undefined && isAtLeast(asker.role, 'maintain')) return { may: true }
  const onCall = belongsToAny(asker, rollbackBy)
  const owns = applications.map(({ owners }) => belongsToAny(asker, owners))
  if (onCall === true || (owns.length > 0 && owns.every((answer) => answer === true))) return { may: true }
  const needs = [...rollbackBy, ...ownersOfAll(applications), 'maintain']
  if (asker.role === undefined) return { may: false, reason: 'rights.role-unknown', needs }
  const isUnknown = onCall === undefined || (owns.includes(undefined) && !owns.includes(false))
  return { may: false, reason: isUnknown ? 'rights.membership-unknown' : 'rights.not-in-group', needs }
}

function answerGate(asker: Asker, { gateFrom }: RightsFacts): Right {
  if (gateFrom.length === 0) return atLeast('write', asker)
  const belongs = belongsToAny(asker, gateFrom)
  if (belongs === true) return { may: true }
  const reason = belongs === undefined ? 'rights.membership-unknown' : 'rights.not-in-group'
  return { may: false, reason, needs: gateFrom }
}

function atLeast(wanted: Role, { role }: Asker): Right {
  if (role === undefined) return { may: false, reason: 'rights.role-unknown', needs: [wanted] }
  return isAtLeast(role, wanted) ? { may: true } : { may: false, reason: 'rights.role', needs: [wanted] }
}

/** True where one group says so, undefined where none does and one cannot tell. */
function belongsToAny(asker: Asker, groups: readonly string[]): boolean | undefined {
  const answers = groups.map((group) => asker.memberOf(group))
  if (answers.includes(true)) return true
  return answers.includes(undefined) ? undefined : false
}

/** The groups that own every application, so that naming one of them is no empty promise. */
function ownersOfAll(applications: RightsFacts['applications']): readonly string[] {
  const [first, ...others] = applications
  return (first?.owners ?? []).filter((owner) => others.every(({ owners }) => owners.includes(owner)))
}
