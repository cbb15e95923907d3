import { type Sha, toInstant } from '../../src/domain/ids.ts'
import type { Person } from '../../src/domain/person.ts'
import { runCluster } from './cluster.ts'
import {
  type Application,
  ann,
  type Company,
  commitFiles,
  digestNamed,
  type EnvironmentName,
  type Files,
  forgeTime,
  headOfMain,
  overlayFile,
  overlayText,
  slotsOf,
} from './company.ts'
import { openPull, pullOf, setBranch, writeComment } from './forge.ts'

/** What people and time do. */
/** Time passes in small steps, since clusters work while it does. */
export async function wait(company: Company, milliseconds: number): Promise<void> {
  const step = Math.max(2_000, Math.ceil(milliseconds / 4))
  const end = company.now + milliseconds
  while (company.now < end) {
    const from = company.now
    company.now = Math.min(end, company.now + step)
    await runCluster(company, slotsOf(company), from)
  }
}

/** A pull request of somebody's that sets files, on a branch of its own. */
export async function propose(company: Company, by: Person, files: Files, title: string): Promise<number> {
  const commit = await commitFiles(company, headOfMain(company), files, title, by)
  const branch = `${by.login}/${company.nextId}`
  company.git.branches.set(branch, commit)
  return openPull(company, by, branch, title)
}

export const bringsTo = (application: Application, environment: EnvironmentName, release: string) => ({
  [overlayFile(application, environment)]: overlayText(application, environment, digestNamed(release)),
})

/** The default branch begins with these files instead. */
export async function beginWith(company: Company, files: Files): Promise<void> {
  const { tree } = await company.git.commit(await commitFiles(company, headOfMain(company), files, 'Begin', ann))
  const author = { name: ann.login, email: 'ann@acme.example' }
  const first = { tree, parents: [], author, at: toInstant(company.now), message: 'Begin' }
  company.git.branches.set('main', await company.git.writeCommit(first))
}

/** A push to the default branch around everything, as an administrator can. */
export async function pushDirectly(company: Company, by: Person, files: Files): Promise<Sha> {
  const commit = await commitFiles(company, headOfMain(company), files, 'Straight in', by)
  company.git.branches.set('main', commit)
  return commit
}

export function approve(company: Company, by: Person, number: number): void {
  const pull = pullOf(company, number)
  const review = { by, is: 'approved', head: pull.head, at: forgeTime(company) } as const
  company.reviews.set(number, [...(company.reviews.get(number) ?? []), review])
}

export const say = (company: Company, by: Person, pull: number, text: string) => writeComment(company, by, pull, text)

/** Somebody pushes onto the branch of an open pull request. */
export async function pushOnto(company: Company, by: Person, number: number): Promise<void> {
  const pull = pullOf(company, number)
  const files = { 'notes.md': `of ${by.login} at ${company.now}\n` }
  setBranch(company, pull.headBranch, await commitFiles(company, pull.head, files, 'One more thing', by))
}
