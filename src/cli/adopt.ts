import { applicationSettings } from '../config/application-settings.ts'
import { misnamedWords } from '../config/overlay-paths.ts'
import { UserError } from '../domain/failures.ts'
import type { Sha } from '../domain/ids.ts'
import { observeConfig } from '../promotion/observe/config.ts'
import { type MisnamedOverlay, misnamedOverlays } from '../promotion/observe/misnamed.ts'
import { type AdoptionRow, adoptionOf } from './adoption.ts'
import { checkoutRepository } from './checkout-forge.ts'
import { type Cli, withExamples } from './cli.ts'
import { findRepository } from './look.ts'
import { readSlots, type SlotReader } from './slot-facts.ts'
import { targetOf } from './target.ts'
import { columns, countOf, jsonText, plainText } from './terminal.ts'
import type { CliWorld } from './world.ts'

/** `sluice adopt`: where environments stand to each other before anything binds. It only reads. */
export function adoptCommand({ program, terminal, world, end }: Cli): void {
  const command = program
    .command('adopt')
    .description('report, per application, how its environments stand to each other and what would travel; read-only')
    .argument(
      '[folder or owner/name]',
      'a checkout as it lies there, or a repository at the forge (settings as serve)',
      '.',
    )
    .option('--json', 'print one JSON document')
    .action(async (word: string, options: { readonly json?: boolean }) => {
      const adoption = await adoptionAt(world, word, (line) => terminal.err(plainText(line)))
      terminal.out(options.json === true ? jsonText(adoption) : plainText(adoptionText(adoption)))
      end(adoption.rows.some((row) => isHurdle(row.is)) ? 1 : 0)
    })
  withExamples(
    command,
    ['adopt', 'with the manifests that lie in .sluice/ here, committed or not'],
    ['adopt acme/config --json', 'a repository at the forge, for a program'],
  )
}

export interface Adoption {
  readonly repository: string
  readonly commit: Sha
  readonly rows: readonly AdoptionRow[]
}

/** What has to be mended before Sluice can promote there. */
const isHurdle = (is: AdoptionRow['is']): boolean =>
  ['unrenderable', 'unsupported-layout', 'unpinned', 'misnamed', 'nothing-travels', 'unmatched'].includes(is)

async function adoptionAt(world: CliWorld, word: string, progress: (line: string) => void): Promise<Adoption> {
  const target = targetOf(word, world.workingFolder)
  if (target.is === 'checkout') {
    const { checkout, ports, close } = await world.openCheckout(target.folder)
    try {
      const { owner, name } = checkoutRepository(checkout)
      const reader = { git: checkout.git, renderer: ports.renderer }
      return await adoptionIn(reader, { owner, name }, checkout.head, progress)
    } finally {
      await close()
    }
  }
  const forge = await world.openForge(world.settings())
  try {
    const repository = await findRepository(forge, target)
    progress(`fetching ${repository.owner}/${repository.name} …`)
    const { ports, close } = await forge.open(repository, () => undefined)
    try {
      const head = (await ports.git.fetch()).get(repository.defaultBranch)
      if (head === undefined)
        throw new UserError('config.none', `${repository.owner}/${repository.name} holds no commit yet`)
      return await adoptionIn(ports, repository, head, progress)
    } finally {
      await close()
    }
  } finally {
    await forge.close()
  }
}

async function adoptionIn(
  reader: SlotReader,
  { owner, name }: { readonly owner: string; readonly name: string },
  commit: Sha,
  progress: (line: string) => void,
): Promise<Adoption> {
  const config = await observeConfig(reader.git, name, commit, null)
  if (config === null)
    throw new UserError(
      'config.none',
      `${owner}/${name} holds no manifests that parse under .sluice; see \`sluice validate\``,
    )
  if (config.broken !== null) throw new UserError('config.broken', `the manifests do not parse:\n${config.broken}`)
  const slots = await readSlots(reader, commit, config.checked, name, (done, all) => {
    if (done % 100 === 0 && done > 0) progress(`rendered ${done} of ${all} overlays …`)
  })
  const rows = adoptionOf(
    config.checked,
    slots,
    (application) => applicationSettings(config.checked, application).promotes,
  )
  const misnamed = (await misnamedOverlays(reader.git, commit, config.checked)).map(misnamedRow)
  return { repository: `${owner}/${name}`, commit, rows: [...rows, ...misnamed] }
}

const misnamedRow = ({ environment, overlay, name }: MisnamedOverlay): AdoptionRow => ({
  ...{ application: name, environment, upstream: null, is: 'misnamed', travels: [] },
  detail: `${overlay}: ${misnamedWords(name)}`,
})

const words: Readonly<Record<AdoptionRow['is'], string>> = {
  first: 'first',
  same: 'same',
  behind: 'behind',
  ahead: 'ahead',
  diverged: 'diverged',
  absent: 'absent',
  unpinned: 'unpinned',
  unrenderable: 'unrenderable',
  'unsupported-layout': 'unsupported layout',
  misnamed: 'misnamed',
  'nothing-travels': 'nothing travels',
  unmatched: 'unmatched',
}

export function adoptionText({ repository, commit, rows }: Adoption): string {
  const table = rows.map((row) => [
    row.application,
    row.upstream === null ? row.environment : `${row.upstream} → ${row.environment}`,
    words[row.is],
    [row.detail, ...row.travels.map(({ part, from, to }) => `${part}: ${from ?? 'nothing'} → ${to}`)]
      .filter((text) => text !== '')
      .join('; '),
  ])
  const counts = [...Map.groupBy(rows, (row) => words[row.is])].map(([word, all]) => `${all.length} ${word}`)
  return [
    `${repository} at ${commit.slice(0, 12)}: ${countOf(rows.length, 'row')}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`,
    rows.length === 0
      ? 'No overlay that the manifests describe is there.'
      : columns([['application', 'environments', 'stands', 'what would travel, or why not'], ...table], '  '),
    'What an environment holds when it first comes under a manifest is its baseline: it is never promoted by itself, only what upstream gets after that.',
  ].join('\n\n')
}
