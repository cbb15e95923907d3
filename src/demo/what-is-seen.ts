import { readFile } from 'node:fs/promises'
import { reportOn, type Scene } from './scene.ts'

export interface Seen {
  readonly pulls: readonly string[]
  readonly report: string | null
  readonly log: readonly string[]
}

const logLines = 15

/** Everything that helps to find out why a step did not come out; what cannot be read says so in its place. */
export async function whatIsSeen({ stage, view }: Scene): Promise<Seen> {
  const log = await lastLines(stage.server.logFile)
  try {
    const pulls = await view.pulls()
    const newest = pulls.filter((pull) => pull.is === 'open').toSorted((a, b) => b.number - a.number)
    const lines = await Promise.all(
      newest.map(async (pull) => `#${pull.number} ${pull.title}: ${(await reportOn(view, pull)).headline}`),
    )
    return { pulls: lines, report: newest.find(({ branch }) => branch.startsWith('sluice/'))?.body ?? null, log }
  } catch (error) {
    return { pulls: [`the forge could not be read: ${String(error)}`], report: null, log }
  }
}

/** What happened, without the requests that it took. */
async function lastLines(file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, 'utf8').catch((error: unknown) => String(error))).trim().split('\n')
  const telling = lines.filter((line) => !line.includes('"level":"debug"'))
  return (telling.length > 0 ? telling : lines).slice(-logLines).map((line) => line.slice(0, 1_000))
}
