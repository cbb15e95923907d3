export interface Row {
  readonly what: string
  readonly unit: 'ms' | 's' | 'MiB' | 'requests' | 'writes' | 'creations'
  /** Null where the figure is reported and nothing is asked of it. */
  readonly limit: number | null
}

/** What is measured, in the order of the table. */
export const rows = {
  'webhook-acknowledged': { what: 'webhook acknowledged, p99, 100 events a second', unit: 'ms', limit: 50 },
  'merge-to-next-pull': { what: 'merge → next promotion pull request open, p95', unit: 's', limit: 2 },
  'opened-to-judged': {
    what: 'pull request opened → all gates judged and reported, p95, 200 objects, one signature',
    unit: 's',
    limit: 3,
  },
  'confirmed-to-reverted': { what: 'failure confirmed → revert merged, p95', unit: 's', limit: 5 },
  'degraded-to-healthy': { what: 'degraded → healthy again on the previous release, median', unit: 's', limit: null },
  'controllers-share': { what: '… of which from the merged revert on: the controller', unit: 's', limit: null },
  'reconcile-warm': { what: 'reconcile of the repository, nothing new, warm, median', unit: 's', limit: 1 },
  'reconcile-cold': { what: 'reconcile after a cold start with clone, median', unit: 's', limit: 15 },
  'restart-to-action': { what: 'restart → first useful action, median', unit: 's', limit: 10 },
  'hop-writes': { what: 'API writes of a promotion hop, gates and reports included', unit: 'writes', limit: 10 },
  'hop-creations': { what: '… of which creations', unit: 'creations', limit: 6 },
  'hop-requests': { what: 'requests of that hop (304 not counted)', unit: 'requests', limit: 20 },
  'idle-requests': { what: 'requests an hour when nothing happens (304 not counted)', unit: 'requests', limit: 20 },
  'freeze-acknowledged': { what: 'freeze → acknowledged, 100 open pull requests', unit: 's', limit: 5 },
  'release-train': { what: 'release train of all applications to the next environment', unit: 's', limit: 300 },
  'memory-during': { what: 'memory of the server during that train, at most', unit: 'MiB', limit: 512 },
  'memory-after': { what: 'memory of the server after it', unit: 'MiB', limit: 512 },
  'memory-reconciled': { what: 'memory of the server after a cold start and warm rounds', unit: 'MiB', limit: 512 },
  'manifests-validated': { what: '500 environments and applications validated, median', unit: 'ms', limit: 100 },
  planner: { what: 'planner (wanted and plan) on a snapshot of all slots, median', unit: 'ms', limit: 100 },
} as const satisfies Record<string, Row>

export type RowName = keyof typeof rows
export const isRowName = (name: string): name is RowName => name in rows

/** One measured value of a row. */
export interface Figure {
  readonly row: RowName
  readonly value: number
  /** What has to be known to read it: extrapolated, capped, how many runs. */
  readonly note?: string
}
