import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { CheckedConfig, Environment } from '../config/checked-config.ts'
import type { Diagnostic } from '../config/diagnostic.ts'
import { formatDiagnostics } from '../config/format-diagnostic.ts'
import { applicationsIn, misnamedAmong, misnamedWords, overlayOf, overlayShape } from '../config/overlay-paths.ts'
import { parseManifests } from '../config/parse-manifests.ts'
import { UserError } from '../domain/failures.ts'
import { type Cli, withExamples } from './cli.ts'
import { entriesOf, manifestFilesOf } from './manifest-files.ts'
import { columns, countOf, jsonText, plainText } from './terminal.ts'

/** `sluice validate`: what is wrong with the manifests of a folder, and what they describe, as they lie there now. */
export function validateCommand({ program, terminal, world, end }: Cli): void {
  const command = program
    .command('validate')
    .description('check the manifests of a folder, committed or not, and say what they describe')
    .argument('[folder]', 'the root of the config repository', '.')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, options: { readonly json?: boolean }) => {
      const found = await validate(await rootOf(resolve(world.workingFolder, folder)))
      terminal.out(options.json === true ? jsonText(found) : plainText(validationText(found)))
      end(found.diagnostics.length === 0 && misnamedOf(found).length === 0 ? 0 : 1)
    })
  withExamples(
    command,
    ['validate', 'check .sluice/ of this folder'],
    ['validate ../config --json', 'the same for a program, such as a check in CI'],
  )
}

export interface Validation {
  readonly folder: string
  readonly files: number
  readonly diagnostics: readonly Diagnostic[]
  readonly applications: readonly string[]
  readonly environments: readonly FoundEnvironment[]
}

export interface FoundEnvironment {
  readonly name: string
  readonly promotesFrom: readonly string[]
  readonly gates: readonly string[]
  readonly overlay: string
  /** Applications whose overlay is there. */
  readonly applications: readonly string[]
  /** Folders that the overlay's pattern names and that hold no kustomization file. */
  readonly empty: readonly string[]
  /** Overlays that are there under a name that no application may have. */
  readonly misnamed: readonly { readonly overlay: string; readonly name: string }[]
}

async function validate(root: string): Promise<Validation> {
  const files = await manifestFilesOf(root)
  const repositoryName = basename(root)
  const { config, diagnostics } = parseManifests(files, { repositoryName })
  return {
    folder: root,
    files: [...files.keys()].filter((path) => path.endsWith('.yaml')).length,
    diagnostics,
    applications: config?.applications.map(({ name }) => name) ?? [],
    environments: config === null ? [] : await environmentsOf(config, root, repositoryName),
  }
}

/** The folder itself, or the nearest one above that holds manifests. */
async function rootOf(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await entriesOf(at)).some((entry) => entry.name === '.sluice' && entry.isDirectory())) return at
    if (at === dirname(at)) throw noManifests(folder)
  }
}

const noManifests = (folder: string) =>
  new UserError(
    'config.none',
    existsSync(folder)
      ? `neither ${folder} nor a folder above it holds a folder .sluice with manifests; docs/first-environments.md has the first ones`
      : `there is no folder ${folder}`,
  )

const environmentsOf = (config: CheckedConfig, root: string, repositoryName: string) =>
  Promise.all([...config.environments.values()].map((one) => environmentOf(one, root, repositoryName)))

async function environmentOf(
  environment: Environment,
  root: string,
  repositoryName: string,
): Promise<FoundEnvironment> {
  const folders = await foldersBeside(environment, root)
  const named = folders === null ? (environment.applications ?? [repositoryName]) : applicationsIn(environment, folders)
  const there = await Promise.all(named.map((name) => stateOf(join(root, overlayOf(environment, name)))))
  const having = (state: Overlay) => named.filter((_, index) => there[index] === state)
  const misnamed = misnamedAmong(environment, folders ?? []).map((name) => ({
    name,
    overlay: overlayOf(environment, name),
  }))
  const states = await Promise.all(misnamed.map(({ overlay }) => stateOf(join(root, overlay))))
  return {
    name: environment.name,
    promotesFrom: environment.promotesFrom,
    gates: environment.gates.map(({ name }) => name),
    overlay: environment.overlay,
    applications: having('there'),
    empty: having('empty').map((name) => overlayOf(environment, name)),
    misnamed: misnamed.filter((_, index) => states[index] === 'there'),
  }
}

/** Where each application has an overlay of its own, the folders that may be one's. */
async function foldersBeside(environment: Environment, root: string): Promise<readonly string[] | null> {
  const shape = overlayShape(environment.overlay)
  if (shape === undefined) return null
  const entries = await entriesOf(join(root, shape.parent))
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

type Overlay = 'there' | 'empty' | 'absent'
const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

async function stateOf(folder: string): Promise<Overlay> {
  const entries = await entriesOf(folder)
  if (entries.length === 0) return 'absent'
  return entries.some((entry) => kustomizationNames.includes(entry.name)) ? 'there' : 'empty'
}

export function validationText(found: Validation): string {
  if (found.diagnostics.length > 0) {
    return `${formatDiagnostics(found.diagnostics)}\n\n${countOf(found.diagnostics.length, 'problem')} in ${countOf(found.files, 'file')}`
  }
  const misnamed = misnamedOf(found)
  const problems = misnamed.length === 0 ? 'no problems' : countOf(misnamed.length, 'misnamed overlay')
  const head = `${countOf(found.files, 'file')} under ${found.folder}/.sluice: ${problems}`
  if (found.environments.length === 0)
    return `${head}\n\nNo environment is described, so Sluice leaves this repository alone.`
  const applications = `applications: ${found.applications.length === 0 ? 'none described; every one has the defaults' : named(found.applications)}`
  return [head, applications, ...found.environments.map(environmentText)].join('\n\n')
}

const misnamedOf = ({ environments }: Validation) => environments.flatMap(({ misnamed }) => misnamed)

const mostNamed = 20

/** All of them are in the JSON. */
const named = (names: readonly string[]): string =>
  names.length <= mostNamed
    ? names.join(', ')
    : `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`

function environmentText(environment: FoundEnvironment): string {
  const { name, promotesFrom, gates, overlay, applications, empty, misnamed } = environment
  const rows = [
    ['promotes from', promotesFrom.length === 0 ? 'nothing: releases enter here' : promotesFrom.join(', ')],
    ['gates', gates.join(', ')],
    ['overlays', `${overlay}: ${applications.length === 0 ? 'none is there' : named(applications)}`],
    ...(empty.length === 0 ? [] : [['no kustomization', named(empty)]]),
    ...misnamed.map((one) => ['misnamed', `${one.overlay}: ${misnamedWords(one.name)}`]),
  ]
  return `${name}\n${columns(rows, '  ')}`
}
