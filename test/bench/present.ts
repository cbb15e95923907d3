import { markdownTable } from 'markdown-table'
import { type Figure, type RowName, rows } from './rows.ts'

export interface Measured extends Figure {
  /** Null where the figure does not depend on the repository. */
  readonly applications: number | null
}

const isOk = ({ row, value }: Measured): boolean | null => {
  const { limit } = rows[row]
  return limit === null ? null : value <= limit
}

/** For machines: one object per line; `ok` is null where nothing is asked of the figure. */
export const jsonLine = (measured: Measured): string => {
  const { row, value, note, applications } = measured
  const { unit, limit } = rows[row]
  return JSON.stringify({
    name: row,
    // JSON has no infinity: what did not arrive at all is null.
    value: Number.isFinite(value) ? rounded(value) : null,
    unit,
    limit,
    ok: isOk(measured),
    ...(applications === null ? {} : { applications }),
    ...(note === undefined ? {} : { note }),
  })
}

/** For people, in the order of the rows. */
export function tableOf(measured: readonly Measured[]): string {
  const head = ['what', 'applications', 'value', 'limit', '', 'note']
  const lines = byRow(measured).flatMap(([row, figures]) =>
    figures.map((one) => {
      const { what, unit, limit } = rows[row]
      const verdict = isOk(one)
      const word = verdict === null ? 'reported' : verdict ? 'ok' : 'OVER'
      return [
        what,
        one.applications ?? '',
        `${rounded(one.value)} ${unit}`,
        limit === null ? '' : `${limit} ${unit}`,
        word,
        one.note ?? '',
      ]
    }),
  )
  return markdownTable([head, ...lines.map((line) => line.map(String))])
}

/** Whether the machine was busy with anything else: then what was measured on the wall says more about that. */
export function loadNote(before: number, after: number, processors: number) {
  const quiet =
    before < processors / 4 ? 'the machine was quiet' : 'the machine was busy: take the times as upper bounds'
  const note = `load average ${before.toFixed(1)} before, ${after.toFixed(1)} after, on ${processors} processors; ${quiet}`
  return { name: 'load-average', before: rounded(before), after: rounded(after), processors, note }
}

/** Two runs of the same thing differ by so much. */
const noise = 1.2

/** Figures below this say more about the machine than about growth. */
const least: Readonly<Record<string, number>> = { ms: 5, s: 0.2, MiB: 50, requests: 5, writes: 5, creations: 3 }

/** What grew faster than the number of applications. */
export function growthNotes(measured: readonly Measured[]): string {
  const notes = byRow(measured).flatMap(([row, figures]) =>
    figures.slice(1).flatMap((larger, index) => {
      const smaller = figures[index]
      if (smaller?.applications == null || larger.applications === null) return []
      const growth = larger.value / Math.max(smaller.value, least[rows[row].unit] ?? 0)
      const factor = larger.applications / smaller.applications
      return growth > factor * noise
        ? [`grows faster than linearly: ${row}, ×${growth.toFixed(1)} for ×${factor} applications\n`]
        : []
    }),
  )
  return notes.length === 0 ? '' : `\n${notes.join('')}`
}

function byRow(measured: readonly Measured[]): readonly (readonly [RowName, readonly Measured[]])[] {
  return (Object.keys(rows) as RowName[]).map((row) => [row, measured.filter((one) => one.row === row)] as const)
}

const rounded = (value: number): number => Math.round(value * 100) / 100
