import { nearest } from '../config/nearest.ts'
import { UserError } from '../domain/failures.ts'
import type { Overview } from '../promotion/report/overview.ts'
import type { SlotView } from '../promotion/report/slot-view.ts'
import { type AskOptions, askOverviews, withAskOptions } from './ask.ts'
import { type Cli, withExamples } from './cli.ts'
import {
  headLine,
  healthWords,
  nextWords,
  type OverviewHead,
  pullLines,
  releaseWords,
  warnings,
} from './overview-text.ts'
import { jsonText, plainText } from './terminal.ts'

/** `sluice explain`: why one application is as it is in one environment. */
export function explainCommand({ program, terminal, world }: Cli): void {
  const command = withAskOptions(program.command('explain'))
    .description('say why one application is as it is in one environment: each gate, its evidence, who can unblock it')
    .argument('<application>')
    .argument('<environment>')
    .option('--repository <owner/name>', 'where several hold that application')
    .action(async (application: string, environment: string, options: ExplainOptions) => {
      const all = await askOverviews(world, options.repository, options, (line) => terminal.err(plainText(line)))
      const explained = explanationsIn(all, application, environment)
      terminal.out(
        options.json === true ? jsonText(explained) : plainText(explained.map(explanationText).join('\n\n\n')),
      )
    })
  withExamples(
    command,
    ['explain api production --repository acme/config', 'why it is as it is there, by the settings of the environment'],
    ['explain api production --server http://127.0.0.1:3000', 'as a running server saw it last'],
  )
}

interface ExplainOptions extends AskOptions {
  readonly repository?: string
}

export interface Explanation {
  readonly head: OverviewHead
  readonly slot: SlotView
  readonly pulls: Overview['pulls']
  readonly inForce: Overview['inForce']
}

/** Throws UserError `explain.unknown-slot`, with what was most likely meant. */
export function explanationsIn(
  all: readonly Overview[],
  application: string,
  environment: string,
): readonly Explanation[] {
  const found = all.flatMap((overview) => explanationIn(overview, `${application}/${environment}`))
  if (found.length > 0) return found
  const slots = all.flatMap((one) => one.slots.map((slot) => slot.slot))
  const meant = nearest(`${application}/${environment}`, slots)
  const hint = meant === undefined ? '' : ` Did you mean ${meant.replace('/', ' ')}?`
  throw new UserError('explain.unknown-slot', `there is no overlay of ${application} in ${environment}.${hint}`)
}

function explanationIn(overview: Overview, key: string): readonly Explanation[] {
  const slot = overview.slots.find((one) => one.slot === key)
  if (slot === undefined) return []
  const { environment } = slot
  const concerns = (where: string) => ['all', environment, key, `*/${environment}`].includes(where)
  const pulls = overview.pulls
    .filter((pull) => slot.pulls.includes(pull.number))
    .map((pull) => ({ ...pull, changes: pull.changes.filter((change) => change.slot === key) }))
  const { repository, defaultBranch, base, at, state, broken, neverParsed, setAside } = overview
  const head = { repository, defaultBranch, base, at, state, broken, neverParsed, setAside }
  return [{ head, slot, pulls, inForce: overview.inForce.filter(({ where }) => concerns(where)) }]
}

export function explanationText({ head, slot, pulls, inForce }: Explanation): string {
  const facts = [
    `runs ${slot.unread ?? releaseWords(slot.release)}`,
    `health: ${healthWords(slot.health)}`,
    `next: ${nextWords(slot)}`,
    ...(slot.notTakenBack === null ? [] : [`not taken back by itself: ${slot.notTakenBack}`]),
    ...inForce.map(({ kind, by, why, until }) => `${kind} by ${by}: ${why}${until === null ? '' : `, until ${until}`}`),
  ]
  return [
    headLine(head),
    ...warnings(head),
    `${slot.application} in ${slot.environment}\n${facts.map((fact) => `  ${fact}`).join('\n')}`,
    ...pulls.map((pull) => pullLines(pull).join('\n')),
  ].join('\n\n')
}
