import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { OperatorError } from '../../domain/failures.ts'
import { searchPath } from './git-environment.ts'
import { type GitPlace, gitFailed, runGit } from './git-process.ts'

/** The absolute path of the executable; a bare name is looked for in the usual folders, not on anybody's PATH. */
export function gitExecutable(git: string): string {
  if (git.startsWith('/')) return git
  const found = searchPath
    .split(':')
    .map((folder) => `${folder}/${git}`)
    .find((path) => existsSync(path))
  if (found === undefined) throw new OperatorError('git.tool', `${git} is in none of the folders ${searchPath}`)
  return found
}

/**
 * A bare, empty repository where there is none yet; what a crash left half-made is deleted and made anew. Everything in it
 * comes from the forge, so losing it costs a fetch.
 */
export async function ensureMirror(place: GitPlace): Promise<void> {
  const there = await runGit(place, ['rev-parse', '--is-bare-repository'])
  if (there.exitCode === 0 && there.stdout.trim() === 'true') await tidyMirror(place)
  else await recreateMirror(place)
}

/** More loose objects than this make every miss slow; proposals leave some with each promotion. */
const maxLooseObjects = 10_000
const maxPacks = 50

/** git's own housekeeping is off, so that it never runs beside our readers: it is done here, before there are any. */
async function tidyMirror(place: GitPlace): Promise<void> {
  const counted = await runGit(place, ['count-objects', '-v'])
  const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counted.stdout)?.[1] ?? 0)
  if (count('count') <= maxLooseObjects && count('packs') <= maxPacks) return
  await runGit(place, ['gc', '--quiet', '--prune=now'], { timeoutMs: tidyTimeoutMs })
}

const tidyTimeoutMs = 300_000

export async function recreateMirror(place: GitPlace): Promise<void> {
  await rm(place.dir, { recursive: true, force: true })
  const args = ['init', '--bare', '--quiet', '--template=', '--initial-branch=main', place.dir]
  const made = await runGit(place, args)
  if (made.exitCode !== 0) throw gitFailed(args, made)
}
