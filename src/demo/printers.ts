import type { DemoEvent } from './events.ts'
import { ansiPaint, narrate, noPaint, type Paint } from './narrate.ts'

export type Printer = (event: DemoEvent) => void
type Write = (text: string) => void

/** For people. */
export const narrationPrinter =
  (write: Write, paint: Paint): Printer =>
  (event) =>
    write(`${narrate(event, paint).join('\n')}\n`)

/** For programs: one JSON object a line, the same events. */
export const jsonPrinter =
  (write: Write): Printer =>
  (event) => {
    const { event: name, at, ...rest } = event
    write(`${JSON.stringify({ event: name, ...rest, at })}\n`)
  }

/** As the flags and the terminal want it: colour only where somebody looks, and nobody said no. */
export function printerFor(
  { json, isColourWanted }: { readonly json: boolean; readonly isColourWanted: boolean },
  out: { readonly isTTY?: boolean; write(text: string): unknown },
): Printer {
  const write: Write = (text) => void out.write(text)
  if (json) return jsonPrinter(write)
  return narrationPrinter(write, out.isTTY === true && isColourWanted ? ansiPaint : noPaint)
}
