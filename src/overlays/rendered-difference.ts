import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import type { ObjectChange, RenderedDifference } from '../domain/change.ts'
import { objectName, type RenderedObject, type Rendering } from '../domain/rendered.ts'
import { hideSecrets } from './hide-secrets.ts'

/**
 * What a change does to the objects of an overlay. Without a rendering before (a new overlay, or one that was broken) all
 * of them are added, so that nothing passes unseen.
 */
export function differenceOf(before: Rendering | null, after: Rendering): RenderedDifference {
  if (after.is === 'unsupported') return { is: 'unsupported', problem: after.problem }
  const old = new Map((before?.is === 'rendered' ? before.objects : []).map((object) => [objectName(object), object]))
  const now = new Map(after.objects.map((object) => [objectName(object), object]))
  const removed = [...old]
    .filter(([name]) => !now.has(name))
    .map(([, object]) => ({ is: 'removed', before: object }) as const)
  const changed = [...now].flatMap(([name, object]) => changeOf(old.get(name), object))
  return { is: 'rendered', after: after.objects, changed: [...removed, ...changed] }
}

function changeOf(before: RenderedObject | undefined, after: RenderedObject): readonly ObjectChange[] {
  if (before === undefined) return [{ is: 'added', after }]
  return before.digest === after.digest ? [] : [{ is: 'changed', before, after }]
}

/** `images`: nothing but image references changed; `workload`: something that runs pods; `other`: everything else. */
export type Bucket = 'images' | 'workload' | 'other'

export interface DescribedChange {
  readonly object: string
  readonly is: ObjectChange['is']
  readonly bucket: Bucket
  readonly linesAdded: number
  readonly linesRemoved: number
  /**
   * A unified difference of canonical YAML, each line with its `+`, `-` or blank, hunks parted by `…`; empty where there
   * was no room. Secrets are hashed; everything else is the repository's text, to be escaped by whoever shows it.
   */
  readonly lines: readonly string[]
}

const order: readonly Bucket[] = ['images', 'workload', 'other']

/** Describes changes for people, images first, in at most `maxCharacters` of lines: what is least expected keeps its lines longest. */
export function describeDifference(
  changes: readonly ObjectChange[],
  { maxCharacters }: { readonly maxCharacters: number },
): readonly DescribedChange[] {
  const described = changes.map(describe).toSorted((a, b) => order.indexOf(a.bucket) - order.indexOf(b.bucket))
  let room = maxCharacters
  const shown = described.toReversed().map((change) => {
    const needed = change.lines.reduce((sum, line) => sum + line.length + 1, 0)
    if (needed > room) return { ...change, lines: [] }
    room -= needed
    return change
  })
  return shown.toReversed()
}

function describe(change: ObjectChange): DescribedChange {
  const before = change.is === 'added' ? undefined : change.before
  const after = change.is === 'removed' ? undefined : change.after
  const lines = difference(before, after)
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length
  return {
    object: objectName((after ?? before) as RenderedObject),
    is: change.is,
    bucket: bucketOf(before, after),
    linesAdded: count('+'),
    linesRemoved: count('-'),
    lines,
  }
}

function bucketOf(before: RenderedObject | undefined, after: RenderedObject | undefined): Bucket {
  if (before && after && withoutImages(before) === withoutImages(after)) return 'images'
  return [before, after].some((object) => object !== undefined && runsPods(object)) ? 'workload' : 'other'
}

const withoutImages = ({ body }: RenderedObject): string =>
  JSON.stringify(body, (key: string, value: unknown) => (key === 'image' ? null : value))

const workloads = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Rollout']
const runsPods = ({ kind, images }: RenderedObject): boolean => workloads.includes(kind) || images.length > 0

/** Beyond this many changed lines two texts are shown as removed and added: the comparison would take too long. */
const maxEdits = 2_000

function difference(before: RenderedObject | undefined, after: RenderedObject | undefined): readonly string[] {
  const old = before === undefined ? '' : canonicalYaml(before)
  const now = after === undefined ? '' : canonicalYaml(after)
  const patch = structuredPatch('', '', old, now, '', '', { context: 3, maxEditLength: maxEdits })
  if (patch === undefined) return [...signed('-', old), ...signed('+', now)]
  return patch.hunks.flatMap((hunk, index) => (index === 0 ? hunk.lines : ['…', ...hunk.lines]))
}

const signed = (sign: string, text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => sign + line)

const canonicalYaml = ({ body }: RenderedObject): string =>
  stringify(hideSecrets(body), { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false })
