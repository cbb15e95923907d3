import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './settings.ts'

export type { Logger } from 'pino'

/**
 * The one logger. Messages are constant, data goes into fields. What looks like a secret is replaced in every line, by
 * key and by shape, since errors of libraries carry requests, and requests carry tokens (I8).
 */
export function createLog(
  options: { readonly level: LogLevel; readonly pretty?: boolean },
  destination?: DestinationStream,
): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretPaths, censor: '[secret]' },
    hooks: { streamWrite: options.pretty === true ? (line: string) => pretty(withoutSecrets(line)) : withoutSecrets },
  }
  return destination === undefined ? pino(settings) : pino(settings, destination)
}

/** Where commands log: their standard output holds what they found and nothing else. */
export const standardError: DestinationStream = { write: (line) => void process.stderr.write(line) }

const secretKeys = ['authorization', 'token', 'password', 'privateKey', 'secret', 'cookie', 'webhookSecret', 'key']
const secretPaths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`, `*.*.*.*.${key}`])

const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))/g,
  /\b(?:gh[a-z]_[A-Za-z0-9_.-]{10,}|github_pat_[A-Za-z0-9_]{20,})/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:bearer|basic|token) [A-Za-z0-9+/=_.~-]{16,}/gi,
  /(?<=:\/\/)[^/\s:@"]+:[^/\s@"]+(?=@)/g,
]

/** The line (or any other text for people or logs) with everything that has the shape of a secret replaced. */
export const withoutSecrets = (line: string): string =>
  shapes.reduce((safe, shape) => safe.replace(shape, '[secret]'), line)

/** `12:00:01 info  Round finished repository=7`. */
function pretty(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
  const stack = (err as { stack?: string } | undefined)?.stack
  const trail = stack === undefined ? '' : `\n${stack}`
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}${shown.join('')}${trail}\n`
}
