import { type Refusal, refuse } from './refusals.ts'
import { type ArgumentKind, verbs } from './table.ts'

interface Names {
  readonly environments: readonly string[]
  readonly applications: readonly string[]
  readonly gates?: readonly string[]
}

type Read = string | number | Refusal

/** One value, checked by its kind: durations come back as milliseconds, everything else as it was written. */
export const readArgument = (kind: ArgumentKind, text: string, names: Names): Read => readers[kind](text, names)

const readers: { readonly [K in ArgumentKind]: (text: string, names: Names) => Read } = {
  environment: (text, { environments }) => oneOf(text, environments, 'commands.unknown-environment'),
  'environment-or-all': (text, { environments }) =>
    oneOf(text, [...environments, 'all'], 'commands.unknown-environment'),
  application: (text, { applications }) => oneOf(text, applications, 'commands.unknown-application'),
  gate: (text, { gates }) => (gates === undefined ? readText(text) : oneOf(text, gates, 'commands.unknown-gate')),
  verb: (text) => oneOf(text.toLowerCase(), verbs, 'commands.unknown-verb'),
  release: (text) => (/^[\w.:+-]{1,128}$/.test(text) ? text : refuse('commands.bad-release', text)),
  sha: (text) => (/^[0-9a-f]{7,64}$/i.test(text) ? text.toLowerCase() : refuse('commands.bad-sha', text)),
  duration: (text) => readDuration(text) ?? refuse('commands.bad-duration', text, { allowed: ['30m', '2h', '1d'] }),
  text: readText,
  switch: (text) => text,
}

const oneOf = (
  text: string,
  allowed: readonly string[],
  reason:
    | 'commands.unknown-environment'
    | 'commands.unknown-application'
    | 'commands.unknown-gate'
    | 'commands.unknown-verb',
): Read => (allowed.includes(text) ? text : refuse(reason, text, { allowed }))

function readText(text: string): Read {
  const trimmed = text.trim()
  return trimmed.length >= 1 && trimmed.length <= 500 ? trimmed : refuse('commands.bad-text', text)
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const longestMs = 90 * 86_400_000

/** `90m`, `2h`, `1h30m`, `3d`, `1w`; bounded, since an absurd freeze is a slip. */
function readDuration(text: string): number | undefined {
  if (text.length > 16 || !/^(?:\d{1,6}[mhdw])+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([mhdw])/g)) total += Number(count) * (unitMs[unit ?? ''] ?? 0)
  return total >= 60_000 && total <= longestMs ? total : undefined
}
