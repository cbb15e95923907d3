import { CommanderError } from 'commander'
import { failureKind, failureReason } from '../domain/failures.ts'
import { digestOf } from '../domain/hash.ts'

export interface Failure {
  readonly code: number
  /** Empty where it was said already. */
  readonly line: string
  /** The same for a program. */
  readonly told: { readonly code: string; readonly message: string }
}

/** How a failure is told to the person at the terminal: one clear line, a reference for a bug, the stack only where asked for. */
export function failureOf(error: unknown, wantsStack: boolean): Failure {
  const raw = error instanceof Error ? error.message : String(error)
  if (error instanceof CommanderError)
    return { code: error.exitCode === 0 ? 0 : 2, line: '', told: { code: error.code, message: raw } }
  const stack = error instanceof Error ? (error.stack ?? raw) : raw
  const message = messageOf(error, raw, stack)
  const reason = failureReason(error)
  const line = `sluice: ${reason === 'bug' ? message : withCode(message, reason)}`
  return {
    code: reason === 'bug' ? 70 : 2,
    line: wantsStack ? `${line}\n${stack}` : line,
    told: { code: reason, message },
  }
}

function messageOf(error: unknown, message: string, stack: string): string {
  switch (failureKind(error)) {
    case 'user':
    case 'operator':
      return message
    case 'transient':
      return `${message}; try again`
    case 'bug':
      return `this is a bug of Sluice: ${message.split('\n')[0]} (reference ${referenceOf(stack)}; SLUICE_LOG_LEVEL=debug shows where)`
  }
}

/** At the end of the first line, so that it reads as none of a list that follows. */
const withCode = (message: string, code: string): string =>
  message.replace(/:?(?=\n|$)/, (colon) => ` (${code})${colon}`)

/** The same bug has the same reference on every machine: the names of the functions, without folders and lines. */
const referenceOf = (stack: string): string =>
  digestOf([...stack.matchAll(/^\s+at (?:async )?([\w.$<>]+) /gm)].map(([, name]) => name).join(' ')).slice(7, 15)
