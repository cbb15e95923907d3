import { failureReason } from '../domain/failures.ts'
import type { Settings, ToolSettings } from '../settings.ts'
import { type Cli, withExamples } from './cli.ts'
import { checkApp } from './doctor/check-app.ts'
import { checkClusters } from './doctor/check-clusters.ts'
import { checkRepository } from './doctor/check-repository.ts'
import { checkTools } from './doctor/check-tools.ts'
import { type Finding, fail, ok, unknownBecause, warn } from './doctor/finding.ts'
import { columns, jsonText, plainText } from './terminal.ts'
import type { CliWorld } from './world.ts'

/** `sluice doctor`: everything that has to be in place, one line each, with the way to mend it. It only reads. */
export function doctorCommand({ program, terminal, world, end }: Cli): void {
  const command = program
    .command('doctor')
    .description('look whether everything is in place: settings, tools, the App, rules, clusters, state, registries')
    .option('--json', 'print one JSON document')
    .action(async (options: { readonly json?: boolean }) => {
      const findings = await examine(world, (line) => terminal.err(plainText(line)))
      terminal.out(options.json === true ? jsonText(findings) : plainText(doctorText(findings)))
      end(findings.some(({ is }) => is === 'fail') ? 1 : 0)
    })
  withExamples(
    command,
    ['doctor', 'with the settings that `sluice serve` would run with'],
    ['doctor --json | jq \'.[] | select(.is != "ok")\'', 'only what is not in order'],
  )
}

async function examine(world: CliWorld, progress: (line: string) => void): Promise<readonly Finding[]> {
  const settings = read(world.settings)
  if ('value' in settings) {
    const found = ok('settings', 'complete, and none is unknown')
    return [found, ...(await checkTools(world, settings.value)), ...(await outside(world, settings.value, progress))]
  }
  const wrong = fail('settings', settings.problem, 'set them where `sluice serve` is started')
  const local = read(world.localSettings)
  if (!('value' in local)) return [wrong]
  const skipped = warn(
    'forge, rules, state, clusters',
    'not looked at: the settings come first',
    'mend the settings, and run `sluice doctor` again',
  )
  return [wrong, ...(await checkTools(world, local.value)), skipped]
}

function read<T>(ask: () => T): { readonly value: T } | { readonly problem: string } {
  try {
    return { value: ask() }
  } catch (error) {
    if (failureReason(error) === 'settings.invalid' && error instanceof Error) return { problem: error.message }
    throw error
  }
}

/** What needs the network. One thing that cannot be looked at does not keep the others from it. */
async function outside(
  world: CliWorld,
  settings: Settings,
  progress: (line: string) => void,
): Promise<readonly Finding[]> {
  const forge = await attempt('forge', () => world.openForge(settings))
  if ('finding' in forge) return [forge.finding]
  try {
    progress('asking the forge …')
    const app = await checkApp(forge.value.inspection, settings)
    const listed = await attempt('repositories', forge.value.installations.repositories)
    if ('finding' in listed) return [...app, listed.finding]
    const findings: Finding[] = [...app, listedFinding(listed.value.length)]
    const images = new Set<string>()
    const clusters = settings.clusters.map(({ name }) => name)
    for (const repository of listed.value) {
      progress(`looking at ${repository.owner}/${repository.name} …`)
      findings.push(
        ...(await checkRepository(forge.value, repository, { clusters, onImage: (one) => images.add(one) })),
      )
    }
    return [...findings, ...(await checkClusters(forge.value)), ...(await checkRegistries(world, settings, images))]
  } finally {
    await forge.value.close()
  }
}

const listedFinding = (count: number): Finding =>
  count === 0
    ? fail(
        'repositories',
        'the App is installed on none',
        'install it on a config repository (on its page: Install App)',
      )
    : ok('repositories', `the App works on ${count}`)

async function attempt<T>(
  what: string,
  ask: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly finding: Finding }> {
  try {
    return { value: await ask() }
  } catch (error) {
    return { finding: unknownBecause(what, error) }
  }
}

/** One image of each registry that an overlay names. */
async function checkRegistries(
  world: CliWorld,
  settings: ToolSettings,
  images: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const byRegistry = Map.groupBy(images, (image) => image.slice(0, image.indexOf('/')))
  return Promise.all(
    [...byRegistry].map(async ([registry, [image = '']]) => {
      const problem = await world.askRegistry(image, settings)
      const what = `registry ${registry}`
      return problem === undefined
        ? ok(what, `answers, and shows ${image.split('@')[0]}`)
        : warn(what, problem, 'signatures there cannot be verified: look at its address, network and credentials')
    }),
  )
}

export function doctorText(findings: readonly Finding[]): string {
  const rows = findings.map(({ is, what, says, fix }) => [
    is,
    what,
    `${says.replaceAll('\n', '\n      ')}${fix === null ? '' : `\n        → ${fix}`}`,
  ])
  const count = (wanted: Finding['is']) => findings.filter(({ is }) => is === wanted).length
  return `${columns(rows)}\n\n${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} to mend`
}
