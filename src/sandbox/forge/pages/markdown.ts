import { diffLines } from './diff-lines.ts'
import { escapeHtml, inlineMarkdown } from './inline-markdown.ts'

/**
 * GitHub's Markdown, as far as a report or a comment is read by it: headings, lists, tables, quotes and alerts, code with
 * coloured diffs, `details`. No other HTML passes.
 */
export function renderMarkdown(text: string): string {
  return blocks(text.replaceAll('\r', '').split('\n'))
}

interface Block {
  readonly html: string
  /** How many lines it took. */
  readonly lines: number
}
type ReadBlock = (lines: readonly string[], at: number) => Block | undefined

const readers: readonly ReadBlock[] = [comment, fence, folded, heading, rule, table, quote, list, paragraph]

function blocks(lines: readonly string[]): string {
  const html: string[] = []
  for (let at = 0; at < lines.length; ) {
    const block = lines[at]?.trim() === '' ? { html: '', lines: 1 } : firstBlock(lines, at)
    html.push(block.html)
    at += block.lines
  }
  return closeFolded(html.join('\n'))
}

function firstBlock(lines: readonly string[], at: number): Block {
  for (const read of readers) {
    const block = read(lines, at)
    if (block !== undefined) return block
  }
  return { html: '', lines: 1 }
}

function comment(lines: readonly string[], at: number): Block | undefined {
  if (!lines[at]?.trimStart().startsWith('<!--')) return undefined
  const end = lines.findIndex((line, index) => index >= at && line.includes('-->'))
  return { html: '', lines: (end === -1 ? lines.length - 1 : end) - at + 1 }
}

function fence(lines: readonly string[], at: number): Block | undefined {
  const [, mark = '', language = ''] = /^ {0,3}(`{3,}|~{3,}) *([\w-]*)/.exec(lines[at] ?? '') ?? []
  if (mark === '') return undefined
  const closing = new RegExp(`^ {0,3}[${mark[0]}]{${mark.length},} *$`)
  const end = lines.findIndex((line, index) => index > at && closing.test(line))
  const code = lines.slice(at + 1, end === -1 ? undefined : end)
  const html = language === 'diff' ? diffLines(code) : escapeHtml(code.join('\n'))
  return { html: `<pre><code>${html}</code></pre>`, lines: code.length + (end === -1 ? 1 : 2) }
}

const foldedTag = /^\s*<(\/?details)( open)?>\s*/i
const summaryTag = /^\s*<summary>(.*?)<\/summary>\s*/i

/** `<details>` and `<summary>`, alone or after one another on a line; the rest of the line follows as Markdown. */
function folded(lines: readonly string[], at: number): Block | undefined {
  let rest = lines[at] ?? ''
  let html = ''
  for (;;) {
    const [whole, tag, open] = foldedTag.exec(rest) ?? []
    const [wholeSummary, summary] = summaryTag.exec(rest) ?? []
    if (whole !== undefined) html += `<${tag?.toLowerCase()}${open ?? ''}>`
    else if (wholeSummary !== undefined) html += `<summary>${inlineMarkdown(summary ?? '')}</summary>`
    else break
    rest = rest.slice((whole ?? wholeSummary ?? '').length)
  }
  return html === '' ? undefined : { html: html + (rest === '' ? '' : blocks([rest])), lines: 1 }
}

/** What was left open ends with the text, and what was never opened is not closed. */
function closeFolded(html: string): string {
  let depth = 0
  const balanced = html.replaceAll(/<(\/?)details[^>]*>/g, (tag, slash: string) => {
    if (slash === '' || depth > 0) {
      depth += slash === '' ? 1 : -1
      return tag
    }
    return ''
  })
  return balanced + '</details>'.repeat(depth)
}

function heading(lines: readonly string[], at: number): Block | undefined {
  const [, marks = '', text = ''] = /^ {0,3}(#{1,6}) +(.*?)(?: +#+)? *$/.exec(lines[at] ?? '') ?? []
  return marks === '' ? undefined : { html: `<h${marks.length}>${inlineMarkdown(text)}</h${marks.length}>`, lines: 1 }
}

function rule(lines: readonly string[], at: number): Block | undefined {
  return /^ {0,3}([-*_])( *\1){2,} *$/.test(lines[at] ?? '') ? { html: '<hr>', lines: 1 } : undefined
}

function table(lines: readonly string[], at: number): Block | undefined {
  const head = lines[at] ?? ''
  const marks = lines[at + 1] ?? ''
  if (!head.includes('|') || !/^ *\|?( *:?-+:? *\|)+( *:?-+:? *)?$/.test(marks)) return undefined
  const aligns = cellsOf(marks).map((mark) =>
    mark.endsWith(':') ? (mark.startsWith(':') ? 'center' : 'right') : 'left',
  )
  const after = lines.findIndex((line, index) => index > at + 1 && !line.includes('|'))
  const body = lines.slice(at + 2, after === -1 ? undefined : after)
  const row = (line: string, tag: string) =>
    `<tr>${cellsOf(line)
      .map((cell, index) => `<${tag} class="${aligns[index] ?? 'left'}">${inlineMarkdown(cell)}</${tag}>`)
      .join('')}</tr>`
  const html = `<table><thead>${row(head, 'th')}</thead><tbody>${body.map((line) => row(line, 'td')).join('')}</tbody></table>`
  return { html, lines: body.length + 2 }
}

const cellsOf = (line: string): readonly string[] =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'))

function quote(lines: readonly string[], at: number): Block | undefined {
  if (!/^ {0,3}>/.test(lines[at] ?? '')) return undefined
  const after = lines.findIndex((line, index) => index > at && !/^ {0,3}>/.test(line))
  const quoted = lines.slice(at, after === -1 ? undefined : after).map((line) => line.replace(/^ {0,3}> ?/, ''))
  const [, kind] = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$/i.exec(quoted[0]?.trim() ?? '') ?? []
  if (kind === undefined) return { html: `<blockquote>${blocks(quoted)}</blockquote>`, lines: quoted.length }
  const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1).toLowerCase()}`
  const html = `<div class="alert ${kind.toLowerCase()}"><p class="alert-title">${title}</p>${blocks(quoted.slice(1))}</div>`
  return { html, lines: quoted.length }
}

const bullet = /^( *)([-*+]|\d{1,9}[.)])( +)/

function list(lines: readonly string[], at: number): Block | undefined {
  const [, margin = '', mark] = bullet.exec(lines[at] ?? '') ?? []
  if (mark === undefined) return undefined
  const tag = /\d/.test(mark) ? 'ol' : 'ul'
  const items: string[] = []
  let next = at
  while (bullet.exec(lines[next] ?? '')?.[1] === margin) {
    const item = itemAt(lines, next)
    items.push(`<li>${itemHtml(item.content)}</li>`)
    next += item.lines
  }
  return { html: `<${tag}>${items.join('')}</${tag}>`, lines: next - at }
}

/** The item's own line and all that is indented below it. */
function itemAt(lines: readonly string[], at: number): { readonly content: readonly string[]; readonly lines: number } {
  const indent = (bullet.exec(lines[at] ?? '')?.[0] ?? '').length
  const isInside = (line: string, index: number) =>
    line.startsWith(' '.repeat(Math.min(indent, 2))) ||
    (line.trim() === '' && (lines[index + 1] ?? '').startsWith('  '))
  const after = lines.findIndex((line, index) => index > at && !isInside(line, index))
  const own = lines.slice(at, after === -1 ? undefined : after)
  return {
    content: own.map((line) =>
      line === own[0] ? line.slice(indent) : line.replace(new RegExp(`^ {0,${indent}}`), ''),
    ),
    lines: own.length,
  }
}

function itemHtml(content: readonly string[]): string {
  const [first = '', ...rest] = content
  const [, box, text = first] = /^\[([ xX])\] (.*)$/.exec(first) ?? []
  const done = box === undefined ? '' : `<span class="box">${box === ' ' ? '☐' : '☑'}</span> `
  const nested = rest.findIndex(
    (line) => bullet.test(line) || line.trim() === '' || /^ {0,3}(`{3}|<details)/.test(line),
  )
  const own = [text, ...(nested === -1 ? rest : rest.slice(0, nested))].join('\n')
  return done + inlineMarkdown(own) + (nested === -1 ? '' : blocks(rest.slice(nested)))
}

function paragraph(lines: readonly string[], at: number): Block {
  const starts = (line: string, index: number) =>
    line.trim() === '' ||
    [comment, fence, folded, heading, rule, table, quote, list].some((read) => read(lines, index) !== undefined)
  const after = lines.findIndex((line, index) => index > at && starts(line, index))
  const own = lines.slice(at, after === -1 ? undefined : after)
  return { html: `<p>${inlineMarkdown(own.join('\n').trim())}</p>`, lines: own.length }
}
