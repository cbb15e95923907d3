import type { Verb } from '../domain/command.ts'
import { quoted } from './refusals.ts'
import { commands, notBuiltVerbs, verbs, type WhoMay } from './table.ts'

export interface HelpFacts {
  /** One verb only; null for all. */
  readonly about: string | null
  readonly shortVerbs: readonly string[]
  /** `rollback.by` of each environment. */
  readonly rollbackBy: readonly { readonly environment: string; readonly by: readonly string[] }[]
  readonly bots: readonly { readonly appId: number; readonly may: readonly string[] }[]
}

/** The answer to `/sluice help`, from the parser's own table. */
export function helpText(facts: HelpFacts): string {
  const asked = verbs.filter((verb) => facts.about === null || verb === facts.about)
  const table = ['| command | meaning | who may |', '|---|---|---|', ...asked.map((verb) => row(verb, facts))]
  return [table.join('\n'), ...(facts.about === null ? [notes(facts)] : [])].join('\n\n')
}

function row(verb: Verb, facts: HelpFacts): string {
  const { usage, summary, where, who } = commands[verb]
  const place = where === 'pull' ? ' (on its pull request)' : ''
  return `| \`/sluice ${usage}\` | ${summary}${place} | ${whoWords[who](facts)}${botWords(verb, facts)} |`
}

const whoWords: { readonly [W in WhoMay]: (facts: HelpFacts) => string } = {
  read: () => 'read',
  write: () => 'write',
  maintain: () => 'maintain',
  'lock-owner': () => "write; another's lock: maintain",
  gate: () => "the gate's `from`, else write",
  rollback: ({ rollbackBy }) =>
    [...rollbackBy.flatMap(rollbackWords), "the application's owners", 'maintain'].join('; '),
}

const rollbackWords = ({ environment, by }: HelpFacts['rollbackBy'][number]): readonly string[] =>
  by.length === 0 ? [] : [`${quoted(environment)}: ${by.map(quoted).join(', ')}`]

function botWords(verb: Verb, { bots }: HelpFacts): string {
  const apps = bots.filter(({ may }) => may.includes(verb)).map(({ appId }) => `App ${appId}`)
  return apps.length === 0 ? '' : `; ${apps.join(', ')}`
}

function notes({ shortVerbs }: HelpFacts): string {
  const short =
    shortVerbs.length === 0 ? '' : ` Short here: ${shortVerbs.map((verb) => quoted(`/${verb}`)).join(', ')}.`
  const notBuilt = [...notBuiltVerbs].map(quoted).join(', ')
  return `One command per line, at the start of the comment, after a blank line or after another command; at most five. Texts of several words stand in double quotes. A comment that was edited orders nothing.${short} Not built yet: ${notBuilt}.`
}
