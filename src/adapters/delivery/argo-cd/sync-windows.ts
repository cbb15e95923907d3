import { z } from 'zod'
import type { Instant } from '../../../domain/ids.ts'
import type { RawObject } from '../kube-object.ts'
import type { Application } from './application.ts'
import { wasDueWithin } from './cron.ts'

const globs = z.array(z.string()).nullish()
const windowSchema = z.object({
  kind: z.enum(['allow', 'deny']),
  schedule: z.string(),
  duration: z.string(),
  timeZone: z.string().nullish(),
  applications: globs,
  namespaces: globs,
  clusters: globs,
  andOperator: z.boolean().nullish(),
})
const projectSchema = z.object({ spec: z.object({ syncWindows: z.array(windowSchema).nullish() }) })
type SyncWindow = z.infer<typeof windowSchema>

/**
 * Whether automated syncs of an application are held back now: an active deny window, or allow windows of which none is
 * active (argo-cd `pkg/apis/application/v1alpha1/types.go`, `SyncWindows.CanSync`). A project that cannot be read, or
 * a window that cannot be understood, does not close anything.
 */
export function isSyncWindowClosed(project: RawObject | undefined, application: Application, now: Instant): boolean {
  const windows = projectSchema.safeParse(project).data?.spec.syncWindows ?? []
  const mine = windows
    .filter((window) => concerns(window, application))
    .map((window) => ({ ...window, active: isActive(window, now) }))
  if (mine.some(({ kind, active }) => kind === 'deny' && active === true)) return true
  const allows = mine.filter(({ kind }) => kind === 'allow')
  return allows.length > 0 && allows.every(({ active }) => active === false)
}

function concerns(window: SyncWindow, { metadata, spec }: Application): boolean {
  const { name, server, namespace } = spec.destination
  const answers = [
    [window.applications, [metadata.name]],
    [window.namespaces, [namespace]],
    [window.clusters, [name, server]],
  ] as const
  const given = answers.filter(([patterns]) => (patterns?.length ?? 0) > 0)
  const holds = given.map(([patterns, values]) =>
    (patterns ?? []).some((glob) => values.some((value) => matches(glob, value))),
  )
  return window.andOperator === true ? given.length > 0 && holds.every(Boolean) : holds.some(Boolean)
}

/** Argo CD's globs: a star stands for anything, slashes too. Compared piece by piece, without backtracking. */
function matches(glob: string, value: string | undefined): boolean {
  if (value === undefined) return false
  const [first = '', ...rest] = glob.split('*')
  if (!value.startsWith(first)) return false
  const last = rest.pop()
  if (last === undefined) return value === first
  let at = first.length
  for (const piece of rest) {
    const found = value.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return value.length - last.length >= at && value.endsWith(last)
}

const isActive = (window: SyncWindow, now: Instant): boolean | undefined => {
  const minutes = minutesOf(window.duration)
  return minutes === undefined ? undefined : wasDueWithin(window.schedule, minutes, now, window.timeZone ?? 'UTC')
}

/** Go's durations, in whole minutes. */
function minutesOf(duration: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:s|m|h))+$/.test(duration)) return undefined
  const inMinutes: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60 }
  return [...duration.matchAll(/(\d+(?:\.\d+)?)(s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (inMinutes[unit ?? ''] ?? 0),
    0,
  )
}
