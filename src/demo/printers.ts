import type { DemoEvent } from './events.ts'
import { ansiPaint, narrate, noPaint, type Paint } from './narrate.ts'
import { wrapLine } from './wrap-line.ts'

export type Printer = (event: DemoEvent) => void
type Write = (text: string) => void

/** For people. What is to be copied into a shell is not broken into lines. */
export const narrationPrinter =
  (write: Write, paint: Paint, columns: () => number): Printer =>
  (event) => {
    const lines = narrate(event, paint)
    const fitted = event.event === 'demo.stays' ? lines : lines.map((line) => wrapLine(line, columns()))
    write(`${fitted.join('\n')}\n`)
  }

/** For programs: one JSON object a line, the same events. */
export const jsonPrinter =
  (write: Write): Printer =>
  (event) => {
    const { event: name, at, ...rest } = event
    write(`${JSON.stringify({ event: name, ...rest, at })}\n`)
  }

/** As the flags and the terminal want it: colour and line breaks only where somebody looks, colour only where nobody said no. */
export function printerFor(
  { json, isColourWanted }: { readonly json: boolean; readonly isColourWanted: boolean },
  out: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown },
): Printer {
  const write: Write = (text) => void out.write(text)
  if (json) return jsonPrinter(write)
  const paint = out.isTTY === true && isColourWanted ? ansiPaint : noPaint
  // A terminal may change its width; what is no terminal has none, and is read by programs too.
  return narrationPrinter(write, paint, () => (out.isTTY === true && out.columns) || Number.POSITIVE_INFINITY)
}
