import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, type RunnerTask } from 'vitest'

/**
 * For the top of a test file: the folder of its rig, made when it is asked for first. It goes with the file's end; where something
 * failed, or with `SLUICE_TEST_KEEP=1`, it stays and is named, with every program's log.
 */
export function rigFolder(): () => string {
  let dir: string | undefined
  // Hooks go in reverse: whoever writes into the folder has ended by then.
  // biome-ignore lint/correctness/noEmptyPattern: vitest wants to see in the pattern which fixtures are used
  afterAll(({}, file) => {
    if (dir === undefined) return
    if (hasFailed(file as RunnerTask) || process.env['SLUICE_TEST_KEEP'] !== undefined)
      process.stderr.write(`kept ${dir}, with the log of every program\n`)
    else rmSync(dir, { recursive: true, force: true })
  })
  return () => {
    dir ??= mkdtempSync(join(tmpdir(), 'sluice-rig-'))
    return dir
  }
}

/** A test of it, or what comes before its tests. */
const hasFailed = (task: RunnerTask): boolean =>
  task.result?.state === 'fail' || ('tasks' in task && task.tasks.some(hasFailed))
