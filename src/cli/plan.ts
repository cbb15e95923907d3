import { type Overview, overviewOf } from '../promotion/report/overview.ts'
import { type Cli, withExamples } from './cli.ts'
import { lookAtCheckout, lookAtRemote } from './look.ts'
import {
  headLine,
  inForceLines,
  nextWords,
  pullLines,
  releaseWords,
  section,
  shortHealth,
  warnings,
} from './overview-text.ts'
import { targetOf } from './target.ts'
import { columns, jsonText, plainText } from './terminal.ts'
import type { CliWorld } from './world.ts'

/** `sluice plan`: what a round would do now, and why not more. It is planned as the server plans, and never applied. */
export function planCommand({ program, terminal, world, end }: Cli): void {
  const command = program
    .command('plan')
    .description('say what would open, merge and wait, and why; nothing is done')
    .argument(
      '[folder or owner/name]',
      'a checkout, judged as it lies there, or a repository at the forge (settings as serve)',
      '.',
    )
    .option('--json', 'print one JSON document')
    .action(async (word: string, options: { readonly json?: boolean }) => {
      const planned = await planOf(world, word, (line) => terminal.err(plainText(line)))
      terminal.out(options.json === true ? jsonText(planned) : plainText(planText(planned)))
      end(isRefused(planned) ? 1 : 0)
    })
  withExamples(
    command,
    ['plan', 'what the branch that is checked out here would meet, uncommitted files included'],
    ['plan acme/config', 'what the server would do next there'],
    ['plan acme/config --json | jq .wouldDo', 'for a program'],
  )
}

export interface Planned extends Overview {
  readonly notes: readonly string[]
}

async function planOf(world: CliWorld, word: string, progress: (line: string) => void): Promise<Planned> {
  const target = targetOf(word, world.workingFolder)
  if (target.is === 'remote') {
    const forge = await world.openForge(world.settings())
    try {
      progress(`fetching and judging ${target.owner}/${target.name} …`)
      const { considered, plan, notes } = await lookAtRemote(forge, target)
      return { ...overviewOf(considered, plan), notes }
    } finally {
      await forge.close()
    }
  }
  const open = await world.openCheckout(target.folder)
  try {
    const { considered, plan, notes } = await lookAtCheckout(open)
    return { ...overviewOf(considered, plan), notes }
  } finally {
    await open.close()
  }
}

/** What a check in CI should stop at: something was judged and refused. What waits is no fault. */
const isRefused = ({ pulls, broken, state }: Overview): boolean =>
  broken !== null ||
  !state.trusted ||
  pulls.some(({ standing, changes }) => {
    const fails = changes.some(({ verdicts }) => verdicts.some((one) => one.is === 'fail'))
    return fails || standing === 'conflict' || standing === 'broken-config'
  })

export function planText(planned: Planned): string {
  const { wouldDo, pulls, slots } = planned
  const open = pulls.filter((pull) => pull.standing !== 'clear')
  const clear = pulls.length - open.length
  const effects = columns(
    wouldDo.map(({ does, what }) => [does, what]),
    '  ',
  )
  const rows = slots.map((slot) => [
    slot.slot,
    slot.unread === null ? releaseWords(slot.release) : 'unreadable',
    shortHealth(slot.health),
    slot.unread ?? nextWords(slot),
  ])
  return [
    headLine(planned),
    ...warnings(planned),
    ...section('Would do', effects === '' ? '  nothing' : effects),
    ...section('Proposed', open.flatMap((pull) => pullLines(pull)).join('\n')),
    ...(clear === 0 ? [] : [`${clear} more touch${clear === 1 ? 'es' : ''} no environment`]),
    ...section('In force', inForceLines(planned)),
    ...section('What runs where, and what comes next', columns(rows, '  ')),
    ...section('Seen from here', planned.notes.map((note) => `  - ${note}`).join('\n')),
  ].join('\n\n')
}
