import { branch, repository } from '../bench-stage.ts'
import { apiCalls, isCounted, isWrite, quiet, tally } from '../forge-calls.ts'
import { median, pause, percentile, until } from '../measure.ts'
import { endOf, roundsSince } from '../server-log.ts'
import { residentMiB } from '../server-memory.ts'
import { deliverSteadily } from '../webhooks.ts'
import type { Scenario } from './scenario.ts'

const runs = 3
const sweepSeconds = 2
const sweeps = 6
const sweepsPerHour = 12

/** Sweeps over a repository in which nothing happens: each looks at everything. */
export const idle: Scenario = {
  rows: ['reconcile-warm', 'idle-requests'],
  run: async (stage, say) => {
    const server = await stage.start({ SLUICE_SWEEP_INTERVAL: `${sweepSeconds}s` })
    await until('the first rounds', () => (roundsSince(stage.logFile, 0).length > 3 ? true : undefined), 300)
    await pause(2 * sweepSeconds * 1000)
    const from = { log: endOf(stage.logFile), calls: stage.forge.calls().length }
    await until('some sweeps', () => (roundsSince(stage.logFile, from.log).length >= sweeps ? true : undefined), 300)
    const rounds = roundsSince(stage.logFile, from.log)
    const calls = apiCalls(stage.forge, from.calls)
    await server.stop()
    say(
      `${rounds.length} idle sweeps: ${tally(calls.filter(isCounted)) || 'nothing'}; free of quota ${tally(calls.filter((call) => !isCounted(call)))}`,
    )
    const perSweep = calls.filter(isCounted).length / rounds.length
    const note = `${rounds.length} sweeps ${sweepSeconds} s apart, taken as ${sweepsPerHour} an hour`
    return [
      { row: 'reconcile-warm', value: median(rounds.map(({ seconds }) => seconds)), note: `${rounds.length} rounds` },
      { row: 'idle-requests', value: perSweep * sweepsPerHour, note },
    ]
  },
}

/** The mirror is gone, as on a new machine. */
export const cold: Scenario = {
  rows: ['reconcile-cold', 'memory-reconciled'],
  run: async (stage) => {
    const seconds: number[] = []
    const memory: number[] = []
    for (let run = 0; run < runs; run += 1) {
      stage.forget()
      const from = endOf(stage.logFile)
      const server = await stage.start()
      const [first] = await until(
        'the first round',
        () => {
          const rounds = roundsSince(stage.logFile, from)
          return rounds.length > 0 ? rounds : undefined
        },
        300,
      )
      seconds.push(first?.seconds ?? 0)
      await quiet(stage.forge, 2)
      memory.push(await residentMiB(server.url))
      await server.stop()
    }
    const note = `${runs} runs`
    return [
      { row: 'reconcile-cold', value: median(seconds), note },
      { row: 'memory-reconciled', value: Math.max(...memory), note },
    ]
  },
}

/** Killed; a pull request comes meanwhile; from the start of the process until something is written because of it. */
export const restart: Scenario = {
  rows: ['restart-to-action'],
  run: async (stage) => {
    const seconds: number[] = []
    for (let run = 0; run < runs; run += 1) {
      const file = { [`docs/restart-${run}.md`]: 'Nothing of an environment.\n' }
      await stage.ann.commitFiles(repository, `restart-${run}`, file, 'Write it down', { from: branch })
      await stage.ann.openPull({ repo: repository, title: 'Write it down', head: `restart-${run}`, base: branch })
      const from = stage.forge.calls().length
      const startedAt = Date.now()
      const server = await stage.start()
      const first = await until('something useful', () => apiCalls(stage.forge, from).find(isWrite), 300)
      seconds.push((first.at - startedAt) / 1000)
      await quiet(stage.forge, 1)
      await server.kill()
    }
    return [
      { row: 'restart-to-action', value: median(seconds), note: `${runs} runs, the start of the process included` },
    ]
  },
}

/** Rounds run all the while, since each event makes the default branch stale. Logged as an operator has it by default. */
export const webhooks: Scenario = {
  rows: ['webhook-acknowledged'],
  run: async (stage) => {
    const server = await stage.start({ SLUICE_LOG_LEVEL: 'info' })
    await quiet(stage.forge, 3)
    const milliseconds = await deliverSteadily(stage, server.url, { perSecond: 100, seconds: 10 })
    await server.stop()
    const note = `median ${median(milliseconds).toFixed(1)} ms; the sender shares the machine`
    return [{ row: 'webhook-acknowledged', value: percentile(milliseconds, 0.99), note }]
  },
}
