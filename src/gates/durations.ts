import { z } from 'zod'

const pattern = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/
const units = [86_400_000, 3_600_000, 60_000, 1_000, 1]
const words = 'a duration such as 30s, 10m or 1h30m'
const longest = 365 * 86_400_000

/** `1h30m` in milliseconds; undefined for what is not a duration or longer than a year. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const milliseconds = units.reduce((sum, unit, at) => sum + unit * Number(match[at + 1] ?? 0), 0)
  return milliseconds <= longest ? milliseconds : undefined
}

/** The shortest way to write it: `90 000` becomes `1m30s`. */
export function formatDuration(milliseconds: number): string {
  const words = ['d', 'h', 'm', 's', 'ms']
  let left = Math.max(0, Math.round(milliseconds))
  const parts = units.map((unit, at) => {
    const count = Math.floor(left / unit)
    left -= count * unit
    return count === 0 ? '' : `${count}${words[at]}`
  })
  return parts.join('') || '0s'
}

/** A duration in a manifest; milliseconds once checked. */
export const duration = (): z.ZodType<number, string> =>
  z
    .string({ error: words })
    .regex(pattern, { error: words })
    .transform((text, context) => {
      const milliseconds = parseDuration(text)
      if (milliseconds !== undefined) return milliseconds
      context.addIssue({ code: 'custom', message: 'a duration of at most a year', input: text })
      return z.NEVER
    })
