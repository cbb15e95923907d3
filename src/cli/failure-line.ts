import { CommanderError } from 'commander'
import { failureKind, failureReason } from '../domain/failures.ts'
import { digestOf } from '../domain/hash.ts'

export interface Failure {
  readonly code: number
  /** Empty where it was said already. */
  readonly line: string
}

/** How a failure is told to the person at the terminal: one clear line, a reference for a bug, the stack only where asked for. */
export function failureOf(error: unknown, wantsStack: boolean): Failure {
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2, line: '' }
  const message = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? (error.stack ?? message) : message
  switch (failureKind(error)) {
    case 'user':
    case 'operator':
      return { code: 2, line: withStack(`sluice: ${withCode(message, failureReason(error))}`, stack, wantsStack) }
    case 'transient':
      return {
        code: 2,
        line: withStack(`sluice: ${withCode(`${message}; try again`, failureReason(error))}`, stack, wantsStack),
      }
    case 'bug':
      return { code: 70, line: withStack(bugLine(message, stack), stack, wantsStack) }
  }
}

/** At the end of the first line, so that it reads as none of a list that follows. */
const withCode = (message: string, code: string): string =>
  message.replace(/:?(?=\n|$)/, (colon) => ` (${code})${colon}`)

const bugLine = (message: string, stack: string): string =>
  `sluice: this is a bug of Sluice: ${message.split('\n')[0]} (reference ${referenceOf(stack)}; SLUICE_LOG_LEVEL=debug shows where)`

/** The same bug has the same reference on every machine: the names of the functions, without folders and lines. */
const referenceOf = (stack: string): string =>
  digestOf([...stack.matchAll(/^\s+at (?:async )?([\w.$<>]+) /gm)].map(([, name]) => name).join(' ')).slice(7, 15)

const withStack = (line: string, stack: string, wantsStack: boolean): string =>
  wantsStack ? `${line}\n${stack}` : line
