import type { SandboxStageCluster } from '../../src/demo/sandbox-cluster.ts'
import type { PersonName, Stage } from '../../src/demo/stage.ts'
import type { Overview } from '../../src/promotion/report/overview.ts'
import type { EnvironmentName } from './a-config.ts'

export const repo = 'acme/config'

/** A pull request as the forge shows it. */
export interface PullView {
  readonly number: number
  readonly title: string
  readonly body: string | null
  readonly state: 'open' | 'closed'
  readonly merged_at: string | null
  readonly merge_commit_sha: string | null
  readonly head: { readonly ref: string; readonly sha: string }
  readonly base: { readonly ref: string }
}
export interface CommentView {
  readonly id: number
  readonly body: string
  readonly issue_url: string
  readonly user: { readonly login: string }
}
export interface CheckView {
  readonly name: string
  readonly status: string
  readonly conclusion: string | null
  readonly output: { readonly title: string | null; readonly summary: string | null }
}

export type SlotView = Overview['slots'][number]

/** The stage of one test file, with the words in which its stories are told. */
export interface Scenario extends Stage<SandboxStageCluster> {
  readonly dir: string
  /** A pull request of ann's (or another's) that brings a new release to dev. */
  bring(
    application: string,
    tag: string,
    options?: Bringing,
  ): Promise<{ readonly digest: string; readonly pull: number }>
  /** The overlay as somebody would write it for this release. */
  overlay(application: string, environment: EnvironmentName, tag: string, digest: string | null): string
  /** A pull request with these files on a branch of its own; hands back its number. */
  propose(by: PersonName, branch: string, files: Readonly<Record<string, string | null>>): Promise<number>
  /** Straight to the default branch, where nothing is in the way; hands back the commit. */
  push(by: PersonName, path: string, change: (text: string) => string): Promise<string>
  /** Every pull request, newest first. */
  pulls(): Promise<readonly PullView[]>
  pull(number: number): Promise<PullView>
  /** Once it is merged. */
  merged(number: number): Promise<PullView>
  /** What the dashboard shows of one slot. */
  slot(application: string, environment: EnvironmentName): Promise<SlotView | undefined>
  /** Resolves once the overlay holds the digest and Sluice has seen it healthy. */
  healthy(application: string, environment: EnvironmentName, digest: string): Promise<true>
  /** All of one kind for one slot, newest first. */
  ours(kind: 'promote' | 'rollback', application: string, environment: EnvironmentName): Promise<readonly PullView[]>
  /** The open promotion of a slot, once there is one. */
  promotion(application: string, environment: EnvironmentName): Promise<PullView>
  comments(pull?: number): Promise<readonly CommentView[]>
  /** Comments of our bot on one pull request. */
  said(pull: number): Promise<string>
  check(head: string): Promise<CheckView | undefined>
  /** Writes a comment, and hands back the reply or reaction that it gets. */
  say(by: PersonName, pull: number, text: string): Promise<Heard>
  /** A file on the default branch. */
  file(path: string): Promise<string>
  /** The git executable, on the bare repository of the forge: what nobody could refuse. */
  git(...args: readonly string[]): Promise<string>
  /** Whether every pod of it in the cluster runs this digest. */
  isRunning(application: string, environment: EnvironmentName, digest: string): boolean
  log(): Promise<string>
  /** Polls; the first answer that is neither undefined, false nor null. Shows the world where none comes in time. */
  eventually<T>(
    what: string,
    look: () => Promise<T> | T,
    deadlineMs?: number,
  ): Promise<Exclude<T, undefined | false | null>>
}

export interface Bringing {
  readonly by?: PersonName
  readonly signed?: boolean
  /** Another image than the one that the tag would give. */
  readonly digest?: string
}

export interface Heard {
  readonly comment: number
  readonly reaction: string
  readonly reply: string
}
