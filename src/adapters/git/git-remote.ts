import PQueue from 'p-queue'
import { OperatorError, TransientError } from '../../domain/failures.ts'
import { type Sha, toSha } from '../../domain/ids.ts'
import type { GitRemote } from '../../ports/git.ts'
import { branchRef } from './branch-name.ts'
import { expectGit, type GitPlace, type GitResult, runGit } from './git-process.ts'
import { assertSha } from './object-store.ts'
import { refsAtForge } from './refs-at-forge.ts'
import { stateOfRemote, throwUnlessAnswering } from './why-unreachable.ts'

export interface RemoteOptions {
  readonly place: GitPlace
  /** Asked anew for each call; null for a repository that anybody may read. */
  readonly token: () => Promise<string | null>
  readonly timeoutMs: number
  /** Whether the local store is known to be damaged. */
  readonly isBroken: () => boolean
  /** Deletes the local store and makes an empty one. */
  readonly rebuild: () => Promise<void>
}

const branches = '+refs/heads/*:refs/heads/*'
const pullHead = (pull: number): string => {
  if (!Number.isSafeInteger(pull) || pull < 1) throw new TypeError(`not a pull request number: ${pull}`)
  return `refs/pull/${pull}/head`
}

/** The repository at the forge; one fetch or push at a time, since they would wait for each other's locks. */
export function gitRemote(options: RemoteOptions): GitRemote {
  const oneAtATime = new PQueue({ concurrency: 1 })
  /** Everything that the local store has fetched; undefined where that is not known. */
  let held: Refs | undefined
  return {
    fetch: ({ pulls = [] } = {}) =>
      oneAtATime.add(async () => {
        const heads = pulls.map(pullHead)
        const known = options.isBroken() ? undefined : held
        if (known !== undefined && (await isStillSo(options, known, heads))) return branchesIn(known)
        held = undefined
        if (options.isBroken()) await options.rebuild()
        await fetchWithRecovery(options, heads)
        held = await localRefs(options.place)
        return branchesIn(held)
      }),
    push: (branch, commit, expect) => oneAtATime.add(() => push(options, branch, commit, expect)),
  }
}

type Refs = ReadonlyMap<string, Sha>

/** A fetch that brings nothing costs three processes here and as many requests; most rounds have nothing to bring. */
async function isStillSo({ place, token }: RemoteOptions, held: Refs, heads: readonly string[]): Promise<boolean> {
  const there = await refsAtForge(place, [branchFolder, ...heads], await token())
  if (there === undefined) return false
  const [branchesThere, branchesHere] = [branchesIn(there), branchesIn(held)]
  return (
    branchesThere.size === branchesHere.size &&
    [...branchesThere].every(([name, oid]) => branchesHere.get(name) === oid) &&
    heads.every((head) => there.get(head) === held.get(head))
  )
}

async function fetchWithRecovery(options: RemoteOptions, heads: readonly string[]): Promise<void> {
  const first = await fetchRefs(options, [branches, ...heads.map(mirrored)])
  if (first.exitCode === 0) return
  throwUnlessAnswering(await remoteState(options, 'git-upload-pack'), options.place.url, first.stderr)
  // The forge answers: either it knows none of these pull requests any more, or the fault is here.
  if (heads.length > 0 && (await fetchRefs(options, [branches])).exitCode === 0) return fetchEach(options, heads)
  // Left-over locks, half a pack, a corrupt object: all of it comes from the forge anyway.
  await options.rebuild()
  const again = await fetchRefs(options, [branches])
  if (again.exitCode !== 0)
    throw new TransientError('git.unreachable', `${options.place.url} cannot be fetched: ${again.stderr}`)
  await fetchEach(options, heads)
}

/** A pull request that the forge does not hold leaves its head missing, which says so when it is read. */
async function fetchEach(options: RemoteOptions, heads: readonly string[]): Promise<void> {
  for (const head of heads) await fetchRefs(options, [mirrored(head)])
}

const mirrored = (ref: string): string => `+${ref}:${ref}`

async function fetchRefs({ place, token, timeoutMs }: RemoteOptions, refspecs: readonly string[]): Promise<GitResult> {
  const args = ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules']
  return runGit(place, [...args, '--end-of-options', place.url, ...refspecs], { token: await token(), timeoutMs })
}

const branchFolder = 'refs/heads/'

async function localRefs(place: GitPlace): Promise<Refs> {
  const listed = await expectGit(place, [
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    branchFolder,
    'refs/pull/',
  ])
  return new Map(
    listed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const space = line.indexOf(' ')
        return [line.slice(space + 1), toSha(line.slice(0, space))]
      }),
  )
}

const branchesIn = (refs: Refs): Refs =>
  new Map(
    [...refs].flatMap(([ref, oid]) => (ref.startsWith(branchFolder) ? [[ref.slice(branchFolder.length), oid]] : [])),
  )

async function push(
  options: RemoteOptions,
  branch: string,
  commit: Sha,
  expect: Sha | null,
): Promise<'done' | 'lost-race'> {
  const ref = branchRef(branch)
  assertSha(commit)
  if (expect !== null) assertSha(expect)
  const { place, token, timeoutMs } = options
  const args = ['push', '--quiet', '--porcelain', '--no-verify', `--force-with-lease=${ref}:${expect ?? ''}`]
  const pushed = await runGit(place, [...args, '--end-of-options', place.url, `${commit}:${ref}`], {
    token: await token(),
    timeoutMs,
  })
  if (pushed.exitCode === 0) return 'done'
  // Whether somebody was faster or the forge says no is written only in words: where the branch is now tells it for certain.
  throwUnlessAnswering(await remoteState(options, 'git-receive-pack'), place.url, pushed.stderr)
  const now = await remoteBranch(options, ref)
  if (now === commit) return 'done'
  if (now !== expect) return 'lost-race'
  throw new OperatorError(
    'git.refused',
    `${place.url} refuses a push to ${branch}: ${pushed.stderr.trim().slice(0, 2000)}`,
  )
}

async function remoteBranch({ place, token, timeoutMs }: RemoteOptions, ref: string): Promise<Sha | null> {
  const args = ['ls-remote', '--refs', '--end-of-options', place.url, ref]
  const listed = await runGit(place, args, { token: await token(), timeoutMs })
  if (listed.exitCode !== 0)
    throw new TransientError('git.unreachable', `${place.url} cannot be read: ${listed.stderr}`)
  const line = listed.stdout.split('\n').find((candidate) => candidate.endsWith(`\t${ref}`))
  return line === undefined ? null : toSha(line.slice(0, line.indexOf('\t')))
}

const remoteState = async ({ place, token }: RemoteOptions, service: 'git-upload-pack' | 'git-receive-pack') =>
  stateOfRemote(place.url, service, await token())
