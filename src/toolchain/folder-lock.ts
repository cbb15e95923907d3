import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { OperatorError } from '../domain/failures.ts'

const lookEveryMs = 250
const patienceMs = 45 * 60_000

/**
 * Runs the work while no other process of this machine does so in the same folder. A lock whose owner has died is taken
 * over. Throws OperatorError `tool.locked` after 45 minutes, and stops waiting once the signal says so.
 */
export async function withFolderLock<T>(
  dir: string,
  onWait: (owner: number) => void,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await mkdir(dir, { recursive: true })
  const lock = join(dir, '.lock')
  await acquire(lock, onWait, signal)
  try {
    return await work()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

async function acquire(lock: string, onWait: (owner: number) => void, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs
  let told = false
  while (!(await take(lock))) {
    const owner = await ownerOf(lock)
    if (owner !== null && !isAlive(owner)) await bury(lock, owner)
    else if (performance.now() > deadline) throw lockedForTooLong(lock, owner)
    else {
      if (!told && owner !== null) onWait(owner)
      told = told || owner !== null
      await pause(lookEveryMs, undefined, { signal })
    }
  }
}

async function take(lock: string): Promise<boolean> {
  // The owner is written before the lock has its name, so that nobody sees a lock without one.
  const draft = `${lock}.${process.pid}.${draftNumber++}`
  await mkdir(draft)
  await writeFile(join(draft, 'pid'), String(process.pid))
  // Renaming onto a folder that is not empty fails, which makes this the one atomic step.
  return rename(draft, lock).then(
    () => true,
    async () => {
      await rm(draft, { recursive: true, force: true })
      return false
    },
  )
}
let draftNumber = 0

/** Two may find the same dead owner: the one whose grave holds somebody alive has buried the other's new lock, and puts it back. */
async function bury(lock: string, owner: number): Promise<void> {
  const grave = `${lock}.dead.${process.pid}.${draftNumber++}`
  const buried = await rename(lock, grave).then(
    () => true,
    () => false,
  )
  if (!buried) return
  if ((await ownerOf(grave)) === owner) await rm(grave, { recursive: true, force: true })
  else await rename(grave, lock).catch(() => undefined)
}

const ownerOf = async (lock: string): Promise<number | null> =>
  Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => '')) || null

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const lockedForTooLong = (lock: string, owner: number | null) =>
  new OperatorError(
    'tool.locked',
    `process ${owner ?? '?'} has held ${lock} for 45 minutes; end it, or remove that folder`,
  )
