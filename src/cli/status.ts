import { nearest } from '../config/nearest.ts'
import { UserError } from '../domain/failures.ts'
import type { Overview } from '../promotion/report/overview.ts'
import { type AskOptions, askOverviews, withAskOptions } from './ask.ts'
import { type Cli, withExamples } from './cli.ts'
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
import { columns, jsonText, plainText } from './terminal.ts'

/** `sluice status`: what runs where, how it is, and what comes next. */
export function statusCommand({ program, terminal, world, end }: Cli): void {
  const command = withAskOptions(program.command('status'))
    .description('say what runs where, how healthy it is, what is open and what is in force')
    .argument('[owner/name]', 'one repository; without it every one that the server or the App knows')
    .option('--environment <name>', 'only this environment')
    .action(async (word: string | undefined, options: AskOptions & { readonly environment?: string }) => {
      const all = await askOverviews(world, word, options, (line) => terminal.err(plainText(line)))
      const found = options.environment === undefined ? all : narrowed(all, options.environment)
      terminal.out(options.json === true ? jsonText(found) : plainText(found.map(statusText).join('\n\n\n')))
      end(found.every((one) => one.state.trusted && one.broken === null) ? 0 : 1)
    })
  withExamples(
    command,
    ['status acme/config', 'look at the forge and the clusters, by the settings of the environment'],
    [
      'status --server http://127.0.0.1:3000',
      'what a running server saw last (SLUICE_STATUS_TOKEN, if it asks for one)',
    ],
    ['status acme/config --environment production --json', 'one environment, for a program'],
  )
}

function narrowed(all: readonly Overview[], environment: string): readonly Overview[] {
  const known = [...new Set(all.flatMap(({ slots }) => slots.map((slot) => slot.environment)))]
  if (!known.includes(environment)) {
    const meant = nearest(environment, known)
    throw new UserError(
      'status.unknown-environment',
      `nothing is in an environment ${JSON.stringify(environment)}; there are ${known.join(', ') || 'none'}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    )
  }
  return all.map((overview) => ({
    ...overview,
    slots: overview.slots.filter((slot) => slot.environment === environment),
  }))
}

export function statusText(overview: Overview): string {
  const rows = overview.slots.map((slot) => [
    slot.application,
    slot.environment,
    slot.unread ?? releaseWords(slot.release),
    shortHealth(slot.health),
    nextWords(slot),
  ])
  const open = overview.pulls.filter((pull) => pull.standing !== 'clear').map((pull) => `  ${pullLines(pull)[0]}`)
  const table =
    rows.length === 0 ? '' : columns([['application', 'environment', 'release', 'health', 'next'], ...rows], '  ')
  return [
    headLine(overview),
    ...warnings(overview),
    ...section('What runs where', table === '' ? '  no overlay is there' : table),
    ...section('Open', open.join('\n')),
    ...section('In force', inForceLines(overview)),
  ].join('\n\n')
}
