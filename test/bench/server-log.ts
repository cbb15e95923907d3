import { readFileSync, statSync } from 'node:fs'

export interface RoundEnded {
  readonly at: number
  readonly seconds: number
}

/** Where the log ends now, for reading what comes after. */
export const endOf = (logFile: string): number => statSync(logFile).size

/** The rounds that the server has logged since. */
export function roundsSince(logFile: string, from: number): readonly RoundEnded[] {
  return linesSince(logFile, from).flatMap((line) =>
    line.msg === 'round ended' && typeof line.seconds === 'number'
      ? [{ at: Date.parse(String(line.time)), seconds: line.seconds }]
      : [],
  )
}

interface Line {
  readonly msg?: unknown
  readonly time?: unknown
  readonly seconds?: unknown
  readonly level?: unknown
}

function linesSince(logFile: string, from: number): readonly Line[] {
  const text = readFileSync(logFile).subarray(from).toString('utf8')
  // The last line may be half written.
  return text.split('\n').slice(0, -1).flatMap(parsed)
}

function parsed(line: string): readonly Line[] {
  try {
    return [JSON.parse(line) as Line]
  } catch {
    return [] // a warning of Node's own, which is no line of ours
  }
}
