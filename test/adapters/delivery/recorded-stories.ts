import { readdirSync, readFileSync } from 'node:fs'
import type { Sighting } from '../../../src/domain/health.ts'
import { wellAt } from '../../cluster/own-word.ts'
import type { KubeObject } from '../../cluster/rig/kube.ts'
import type { Recording, State } from './replay.ts'

const folder = new URL('../../../fixtures/delivery/recorded/', import.meta.url)

export const recordedFiles = readdirSync(folder).filter((file) => file.endsWith('.json'))
export const recordingOf = (file: string): Recording => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))

/** What each story of `test/cluster` merged, and must look like to Sluice. */
export interface Story {
  /** The commits that its controllers took up, in order, and how the story made them. */
  readonly commits: readonly ('good' | 'bad')[]
  readonly never: readonly Sighting['is'][]
  /** In this order, whatever comes between; each of the commit of this number. */
  readonly passes: readonly Pass[]
}

export type Pass = { readonly is: Sighting['is']; readonly of?: number; readonly tries?: number } & Readonly<
  Record<string, unknown>
>

export const stories: Readonly<Record<string, Story>> = {
  'argo-cd-crashing.json': {
    commits: ['good', 'bad', 'good'],
    never: ['waiting', 'unknown'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'progressing', of: 0, reason: 'argo.syncing' },
      { is: 'progressing', of: 1, reason: 'argo.progressing' },
      { is: 'failed', of: 1, reason: 'argo.degraded', final: false, objects: [{ kind: 'Deployment' }] },
      { is: 'progressing', of: 1, reason: 'argo.syncing' },
      { is: 'healthy', of: 2 },
    ],
  },
  'argo-cd-merged.json': {
    commits: ['good', 'good'],
    never: ['failed', 'waiting', 'unknown'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'progressing', of: 0, reason: 'argo.syncing' },
      { is: 'healthy', of: 1 },
    ],
  },
  // The bad one never gets as far as to be compared.
  'argo-cd-unbuildable.json': {
    commits: ['good', 'good'],
    never: ['failed', 'waiting'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'unknown', reason: 'argo.comparison-error' },
      { is: 'healthy', of: 1 },
    ],
  },
  'argo-cd-unfetched.json': {
    commits: ['good', 'good'],
    never: ['failed', 'waiting'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'unknown', reason: 'argo.comparison-error' },
      { is: 'healthy', of: 1 },
    ],
  },
  'flux-crashing.json': {
    commits: ['good', 'bad', 'good'],
    never: ['waiting', 'unknown'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'progressing', of: 0, tries: 1, reason: 'flux.reconciling' },
      { is: 'failed', of: 1, reason: 'flux.health-check-failed', final: false, objects: [{ kind: 'Deployment' }] },
      { is: 'progressing', of: 0, tries: 2, reason: 'flux.reconciling' },
      { is: 'healthy', of: 2 },
    ],
  },
  'flux-merged.json': {
    commits: ['good', 'good'],
    never: ['failed', 'waiting', 'unknown'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'progressing', of: 0, tries: 1, reason: 'flux.reconciling' },
      { is: 'healthy', of: 1 },
    ],
  },
  'flux-suspended.json': {
    commits: ['good', 'good'],
    never: ['failed', 'unknown'],
    passes: [
      { is: 'waiting', of: 0, reason: 'flux.suspended' },
      { is: 'progressing', of: 0, tries: 1, reason: 'flux.reconciling' },
      { is: 'healthy', of: 1 },
    ],
  },
  'flux-unfetched.json': {
    commits: ['good', 'good'],
    never: ['failed', 'waiting', 'unknown'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'healthy', of: 0, halted: { reason: 'flux.source-not-fetched' } },
      { is: 'progressing', of: 0, tries: 1, reason: 'flux.reconciling' },
      { is: 'healthy', of: 1 },
    ],
  },
  'flux-unbuildable.json': {
    commits: ['good', 'bad', 'good'],
    never: ['waiting', 'unknown'],
    passes: [
      { is: 'healthy', of: 0 },
      { is: 'failed', of: 1, reason: 'flux.build-failed' },
      { is: 'progressing', of: 0, tries: 2, reason: 'flux.reconciling' },
      { is: 'healthy', of: 2 },
    ],
  },
}

/** The commits that a recording's controllers took up, in order: of its artifacts, or of what was compared with it. */
export function commitsIn({ steps }: Recording): readonly string[] {
  const revisions = steps.flatMap(({ lists }) => [
    ...objectsIn(lists, 'gitrepositories').map(({ status }) => status?.artifact?.revision),
    ...objectsIn(lists, 'applications').map(({ status }) => status?.sync?.revision),
  ])
  const commits = revisions.flatMap((revision) => /[0-9a-f]{40}$/.exec(String(revision))?.[0] ?? [])
  return [...new Set(commits)]
}

/** At each state the commit that the controllers called well, by nothing but their own words; undefined where they called none so. */
export const ownWordsIn = ({
  steps,
}: Recording): readonly { readonly at: number; readonly well: string | undefined }[] =>
  steps.flatMap(({ at, lists }) => delivered(lists).map((object) => ({ at: Date.parse(at), well: wellAt(object) })))

const delivered = (lists: State['lists']): readonly KubeObject[] => [
  ...objectsIn(lists, 'kustomizations'),
  ...objectsIn(lists, 'applications'),
]

const objectsIn = (lists: State['lists'], plural: string): readonly KubeObject[] =>
  Object.entries(lists).flatMap(([collection, objects]) =>
    collection.endsWith(`/${plural}`) ? (objects as readonly KubeObject[]) : [],
  )
