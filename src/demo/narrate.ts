import type { Addresses, DemoEvent } from './events.ts'

/** How words are set off; the identity where there is no terminal to colour. */
export interface Paint {
  readonly strong: (text: string) => string
  readonly quiet: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly link: (text: string) => string
}

const asIs = (text: string): string => text
export const noPaint: Paint = { strong: asIs, quiet: asIs, good: asIs, bad: asIs, link: asIs }

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
export const ansiPaint: Paint = { strong: sgr(1), quiet: sgr(2), good: sgr(32), bad: sgr(31), link: sgr(36) }

/** One event as lines for people. */
export function narrate(event: DemoEvent, paint: Paint): readonly string[] {
  const line = (text: string, more: readonly string[] = []) => [`${paint.quiet(clock(event.at))}  ${text}`, ...more]
  switch (event.event) {
    case 'demo.begins':
      return line(`the demonstration works in ${event.folder}`)
    case 'tools.progress':
    case 'stage.progress':
      return line(paint.quiet(event.line))
    case 'tools.ready':
      return line(
        `tools: ${Object.entries(event.tools)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}`,
      )
    case 'demo.warns':
      return line(paint.bad(`warning: ${event.text}`))
    case 'stage.ready':
      return line('everything runs:', [
        ...addressLines(event.addresses, paint),
        indented(event.about),
        indented(
          `It is set to be quick: ${Object.entries(event.patience)
            .map(([key, value]) => `${key}: ${value}`)
            .join(', ')}.`,
        ),
      ])
    case 'step.begins':
      return ['', `${paint.strong(`${event.step}. ${event.title}`)} ${paint.quiet(`(${event.about})`)}`]
    case 'step.did':
      return line(`${paint.strong(event.who)} ${event.what}`, linkLines(event.link, paint))
    case 'step.saw': {
      const reasons = event.reasons ?? []
      const codes = reasons.length === 0 ? '' : ` ${paint.quiet(`(${reasons.join(', ')})`)}`
      return line(`→ ${event.what}${codes}`, [
        ...(event.lines ?? []).map((text) => indented(`  ${diffPaint(text, paint)}`)),
        ...linkLines(event.link, paint),
      ])
    }
    case 'step.ends':
      return line(
        event.ok
          ? paint.good(`✓ step ${event.step}, ${event.seconds} s`)
          : paint.bad(`✗ step ${event.step} did not come out`),
      )
    case 'step.failed':
      return line(paint.bad(`✗ waited until ${event.awaited}: ${event.why}`), [
        ...block('pull requests as they stand', event.pulls),
        ...block('the last report', event.report?.split('\n') ?? []),
        ...block(`the end of the server's log (${event.logFile})`, event.log),
      ])
    case 'demo.failed':
      return line(paint.bad(`the demonstration could not go on: ${event.why}`))
    case 'demo.stays':
      return [
        '',
        paint.strong('Everything stays up. Look around:'),
        ...addressLines(event.addresses, paint),
        ...event.invitations.flatMap(({ title, lines }) => ['', paint.strong(title), ...lines.map(indented)]),
        '',
      ]
    case 'demo.done':
      return doneLines(event, paint)
  }
}

function doneLines(
  { at, ok, steps, kept }: Extract<DemoEvent, { event: 'demo.done' }>,
  paint: Paint,
): readonly string[] {
  const came = steps.filter((step) => step.ok).length
  if (!ok && kept === null) return [`${paint.quiet(clock(at))}  Ended before the story was over.`]
  const words = ok ? paint.good(`All ${came} steps came out.`) : paint.bad(`${came} steps came out, then it stopped.`)
  const where = kept === null ? '' : ` What happened is kept in ${kept}.`
  return [`${paint.quiet(clock(at))}  ${words}${where}`]
}

const addressLines = (addresses: Addresses, paint: Paint): readonly string[] => {
  const rows: readonly (readonly [string, string])[] = [
    ['repository', addresses.repository],
    ['forge', addresses.forge],
    ['cluster', addresses.cluster],
    ['registry', addresses.registry],
    ['Sluice', `${addresses.server}  (/healthz, /metrics, /status)`],
    ['its log', addresses.log],
  ]
  return rows.map(([name, value]) => indented(`${name.padEnd(11)}${paint.link(value)}`))
}

const linkLines = (link: string | undefined, paint: Paint): readonly string[] =>
  link === undefined || link === '' ? [] : [indented(paint.link(link))]

const block = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [indented(`${title}:`), ...lines.map((line) => indented(`  ${line}`))]

/** Under the words, right of the clock. */
const indented = (text: string): string => `         ${text}`

function diffPaint(text: string, paint: Paint): string {
  if (text.startsWith('+')) return paint.good(text)
  return text.startsWith('-') ? paint.bad(text) : paint.quiet(text)
}

/** `  1:07.3` */
function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, '0')}`.padStart(7)
}
