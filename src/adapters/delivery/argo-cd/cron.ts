import type { Instant } from '../../../domain/ids.ts'

const mostMinutes = 14 * 24 * 60
const minuteMs = 60_000
const macros: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
}

/**
 * Whether a five-field cron schedule came due in the last `minutes`, in a time zone; undefined where the schedule or the
 * zone cannot be understood. Around a change of the clocks it may be wrong for an hour.
 */
export function wasDueWithin(schedule: string, minutes: number, now: Instant, timeZone: string): boolean | undefined {
  const fields = fieldsOf(macros[schedule.trim()] ?? schedule)
  const local = localTime(now, timeZone)
  if (fields === undefined || local === undefined) return undefined
  const newest = Math.floor(local / minuteMs)
  // A window of n minutes that began n minutes ago has just ended.
  for (let back = 0; back < Math.min(minutes, mostMinutes); back += 1)
    if (isDue(fields, new Date((newest - back) * minuteMs))) return true
  return false
}

interface Fields {
  readonly minute: ReadonlySet<number>
  readonly hour: ReadonlySet<number>
  readonly day: ReadonlySet<number>
  readonly month: ReadonlySet<number>
  readonly weekday: ReadonlySet<number>
  /** Cron's oddity: where both days are restricted, either is enough. */
  readonly eitherDay: boolean
}

function isDue({ minute, hour, day, month, weekday, eitherDay }: Fields, at: Date): boolean {
  if (!minute.has(at.getUTCMinutes()) || !hour.has(at.getUTCHours()) || !month.has(at.getUTCMonth() + 1)) return false
  const onDay = day.has(at.getUTCDate())
  const onWeekday = weekday.has(at.getUTCDay())
  return eitherDay ? onDay || onWeekday : onDay && onWeekday
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function fieldsOf(schedule: string): Fields | undefined {
  const words = schedule.trim().toLowerCase().split(/\s+/)
  const [minute, hour, day, month, weekday] = [
    setOf(words[0], 0, 59),
    setOf(words[1], 0, 23),
    setOf(words[2], 1, 31),
    setOf(words[3], 1, 12, months, 1),
    setOf(words[4], 0, 7, weekdays, 0),
  ]
  if (words.length !== 5 || !minute || !hour || !day || !month || !weekday) return undefined
  const eitherDay = !isStar(words[2]) && !isStar(words[4])
  return { minute, hour, day, month, weekday: new Set([...weekday].map((number) => number % 7)), eitherDay }
}

const isStar = (word: string | undefined): boolean => word?.startsWith('*') === true || word === '?'

function setOf(
  word: string | undefined,
  least: number,
  most: number,
  names: readonly string[] = [],
  firstName = 0,
): ReadonlySet<number> | undefined {
  const parts = (word ?? '')
    .split(',')
    .map((part) => rangeOf(part, least, most, (text) => numberOf(text, names, firstName)))
  return parts.includes(undefined) ? undefined : new Set(parts.flatMap((part) => part ?? []))
}

function rangeOf(
  part: string,
  least: number,
  most: number,
  read: (text: string) => number,
): readonly number[] | undefined {
  const [, star, from, to, step] = /^(?:(\*|\?)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/.exec(part) ?? []
  if (star === undefined && from === undefined) return undefined
  const first = star === undefined ? read(from ?? '') : least
  const alone = step === undefined ? first : most
  const last = star !== undefined ? most : to === undefined ? alone : read(to)
  const by = Number(step ?? 1)
  if (!(first >= least && last <= most && first <= last && by > 0)) return undefined
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by)
}

function numberOf(text: string, names: readonly string[], firstName: number): number {
  const at = names.indexOf(text.slice(0, 3))
  return at < 0 ? Number(text) : at + firstName
}

/** The wall clock there, as if it were UTC. */
function localTime(now: Instant, timeZone: string): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    })
    const [day, month, year, hour, minute, second] = parts.format(now).split(/\D+/).map(Number)
    return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
