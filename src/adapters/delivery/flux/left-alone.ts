import { isSame } from '../workloads/diagnose.ts'
import type { Workload, Workloads } from '../workloads/workload.ts'
import type { InventoryEntry, Kustomization } from './kustomization.ts'

type CommonMetadata = NonNullable<Kustomization['spec']['commonMetadata']>

/** An applied object that somebody told Flux to leave as it is, and by which words. */
export interface LeftAlone {
  readonly entry: InventoryEntry
  readonly words: string
}

/**
 * The workloads that Flux applies no more, for a label or annotation that they have in the cluster: it keeps them in its
 * inventory, leaves them out of its health check, and says that it applied the new revision all the same (fluxcd/pkg ssa
 * `manager_apply.go`, `shouldSkipApply`). That these words stand in Git is another thing: such an overlay is not rendered.
 */
export const leftAloneOf = (inventory: readonly InventoryEntry[], read: Workloads | undefined): readonly LeftAlone[] =>
  inventory.flatMap((entry) => {
    const live = read?.workloads.find((workload) => isSame(entry, workload))
    const words = live === undefined ? undefined : wordsOf(live)
    return words === undefined ? [] : [{ entry, words }]
  })

/** The same for all that it renders: what it adds itself it minds too, and of what is not applied nothing tells so. */
export const leavesAllAlone = ({ spec: { commonMetadata } }: Kustomization): string | undefined =>
  commonMetadata === undefined ? undefined : wordsIn(commonMetadata, [...idle, onlyOnce])

const wordsOf = ({ metadata }: Workload): string | undefined => wordsIn(metadata, idle)

type Words = readonly [key: string, value: string]

const wordsIn = ({ labels, annotations }: Workload['metadata'] | CommonMetadata, those: readonly Words[]) =>
  those
    .find(([key, value]) => [labels?.[key], annotations?.[key]].some((said) => said?.toLowerCase() === value))
    ?.join(': ')

/** The exclusions of kustomize-controller v1.9, `KustomizationReconciler.apply`. */
const idle: readonly Words[] = [
  ['kustomize.toolkit.fluxcd.io/reconcile', 'disabled'],
  ['kustomize.toolkit.fluxcd.io/ssa', 'ignore'],
]
/** Counts in what is to be applied, and not in what is there. */
const onlyOnce: Words = ['kustomize.toolkit.fluxcd.io/ssa', 'ifnotpresent']
