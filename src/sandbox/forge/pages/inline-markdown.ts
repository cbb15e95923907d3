const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign)

interface Span {
  readonly pattern: RegExp
  readonly render: (found: readonly string[]) => string
}

// The first that matches at the earliest place wins; what is no span is escaped.
const spans: readonly Span[] = [
  { pattern: /(`+)(.+?)(?<!`)\1(?!`)/s, render: ([, , code = '']) => `<code>${escapeHtml(code.trim())}</code>` },
  { pattern: /\\([!-/:-@[-`{-~])/, render: ([, sign = '']) => escapeHtml(sign) },
  { pattern: /&(?:#\d{1,6}|#x[0-9a-f]{1,6}|[a-z]{2,8});/i, render: ([entity = '']) => entity },
  { pattern: /<!--.*?-->/s, render: () => '' },
  { pattern: /<br *\/?>/i, render: () => '<br>' },
  { pattern: /<(\/?)(sub|sup|kbd|b|i|em|strong|code|del)>/i, render: ([, slash, tag]) => `<${slash}${tag}>` },
  {
    pattern: /\[((?:[^[\]\\]|\\.)*)\]\(<?([^\s()<>]+)>?(?: "[^"]*")?\)/,
    render: ([, text = '', target = '']) => linkTo(target, inlineMarkdown(text)),
  },
  {
    pattern: /<?(https?:\/\/[^\s<>()|]*[^\s<>()|.,:;!?'"*_`])>?/,
    render: ([, target = '']) => linkTo(target, escapeHtml(target)),
  },
  { pattern: /\*\*(?!\s)(.+?)(?<!\s)\*\*/s, render: ([, text = '']) => `<strong>${inlineMarkdown(text)}</strong>` },
  { pattern: /~~(?!\s)(.+?)(?<!\s)~~/s, render: ([, text = '']) => `<del>${inlineMarkdown(text)}</del>` },
  { pattern: /\*(?![\s*])([^*]+?)(?<!\s)\*/s, render: ([, text = '']) => `<em>${inlineMarkdown(text)}</em>` },
  {
    pattern: /(?<![\w])_(?![\s_])([^_]+?)(?<!\s)_(?!\w)/s,
    render: ([, text = '']) => `<em>${inlineMarkdown(text)}</em>`,
  },
  {
    pattern: /(?<![\w/@])@[a-z\d][\w-]*(?:\/[\w-]+)?/i,
    render: ([name = '']) => `<span class="mention">${escapeHtml(name)}</span>`,
  },
]

/** Emphasis, code, links and mentions; everything else is text. A line's end is a line's end, as in comments. */
export function inlineMarkdown(text: string): string {
  let rest = text
  let done = ''
  while (rest !== '') {
    const first = earliest(rest)
    if (first === undefined) return done + plain(rest)
    done += plain(rest.slice(0, first.at)) + first.html
    rest = rest.slice(first.at + first.length)
  }
  return done
}

function earliest(text: string): { readonly at: number; readonly length: number; readonly html: string } | undefined {
  let best: { readonly found: RegExpExecArray; readonly span: Span } | undefined
  for (const span of spans) {
    const found = span.pattern.exec(text)
    if (found !== null && (best === undefined || found.index < best.found.index)) best = { found, span }
  }
  return best && { at: best.found.index, length: best.found[0].length, html: best.span.render(best.found) }
}

const plain = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>\n')

/** Only where a click can do no harm: the web, mail, and places of this forge. */
function linkTo(target: string, html: string): string {
  return /^(https?:\/\/|mailto:|\/(?!\/)|#|\.)/i.test(target)
    ? `<a href="${escapeHtml(target)}" rel="nofollow">${html}</a>`
    : html
}
