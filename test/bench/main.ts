import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { settleEnvironment } from '../../src/settings.ts'
import { ensureTestTools } from '../tools.ts'
import { type BenchTools, setBenchStage } from './bench-stage.ts'
import { growthNotes, jsonLine, loadNote, type Measured, tableOf } from './present.ts'
import { isRowName, type RowName, rows } from './rows.ts'
import { freeze } from './scenarios/freeze.ts'
import { judged } from './scenarios/judged.ts'
import { promotions } from './scenarios/promotions.ts'
import { measureManifests, measurePlanner } from './scenarios/pure.ts'
import { rollback } from './scenarios/rollback.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { cold, idle, restart, webhooks } from './scenarios/steady.ts'
import { train } from './scenarios/train.ts'

const usage = `npm run bench -- [--applications 20,200] [--only <row>[,<row>]] [--json] [--profiles <folder>]\nrows: ${Object.keys(rows).join(', ')}\n`

/** On one stage, one after another; `freeze` comes last, since it leaves a hundred pull requests open. */
const onOneStage: readonly Scenario[] = [idle, cold, restart, webhooks, promotions, judged, rollback, freeze]

settleEnvironment()
const options = readOptions()
/** A train is one of many applications: what it costs with few says nothing. */
const largest = Math.max(...options.applications)
const wanted = (names: readonly RowName[]): boolean =>
  names.some((name) => options.only === null || options.only.includes(name))
const measured: Measured[] = []
let isWhole = true
const startedAt = Date.now()
const loadBefore = loadavg()[0] ?? 0

const tools = await findTools()
if (wanted(['manifests-validated'])) await attempt('manifests', null, async () => [measureManifests()])
for (const applications of options.applications) {
  if (wanted(['planner'])) await attempt('planner', applications, async () => [measurePlanner(applications)])
  await onStage(applications, onOneStage, false)
  if (applications === largest) await onStage(applications, [train], true)
}
const load = loadNote(loadBefore, loadavg()[0] ?? 0, availableParallelism())
if (options.json) process.stdout.write(`${JSON.stringify(load)}\n`)
else process.stdout.write(`${tableOf(measured)}\n${growthNotes(measured)}\n${load.note}\n`)
process.exitCode = isWhole ? 0 : 1

/** Sets a stage, where any of the rows is asked for, and measures scenario by scenario; one that fails leaves its rows out. */
async function onStage(applications: number, scenarios: readonly Scenario[], isTrain: boolean): Promise<void> {
  const asked = scenarios.filter((scenario) => wanted(scenario.rows))
  if (asked.length === 0) return
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  say(`${applications} applications: setting the stage`)
  const stage = await setBenchStage({
    dir,
    applications,
    tools,
    searchPath: process.env['PATH'] ?? '',
    isTrain,
    profiles: options.profiles,
  })
  try {
    for (const scenario of asked) {
      say(`${applications} applications: ${scenario.rows.join(', ')}`)
      await attempt(scenario.rows.join(', '), applications, () => scenario.run(stage, say))
    }
  } finally {
    await stage.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function attempt(
  what: string,
  applications: number | null,
  measure: () => Promise<readonly Omit<Measured, 'applications'>[]>,
): Promise<void> {
  try {
    for (const figure of await measure()) {
      if (!wanted([figure.row])) continue
      measured.push({ ...figure, applications })
      if (options.json) process.stdout.write(`${jsonLine({ ...figure, applications })}\n`)
    }
  } catch (error) {
    isWhole = false
    say(`could not be measured: ${what}: ${error instanceof Error ? error.stack : String(error)}`)
  }
}

async function findTools(): Promise<BenchTools> {
  const found = await ensureTestTools(['kustomize', 'cosign', 'registry'], say)
  return { kustomize: found.kustomize.path, cosign: found.cosign.path, registry: found.registry.path }
}

function say(line: string): void {
  process.stderr.write(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${line}\n`)
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      applications: { type: 'string', default: '20,200' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      profiles: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const applications = values.applications.split(',').map(Number)
  const only = values.only?.split(',') ?? null
  const isFine = applications.every((count) => Number.isInteger(count) && count > 0) && (only ?? []).every(isRowName)
  if (!isFine || values.help) {
    process.stderr.write(usage)
    process.exit(values.help ? 0 : 2)
  }
  const profiles = values.profiles === undefined ? null : resolve(values.profiles)
  return { applications, only, json: values.json, profiles }
}
