import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { fullName } from '../model/repositories.ts'
import type { Repository } from '../model/world.ts'
import { renderMarkdown } from './markdown.ts'
import { style } from './style.ts'

/** Escaped but where it says `raw`. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export function layout(title: string, repository: Repository | undefined, content: Html | readonly Html[]): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <style>${raw(style)}</style>
  </head>
  <body>
    <header><div class="wide"><span class="sandbox">sandbox forge</span>${crumbs(repository)}</div></header>
    <main class="wide">${content}</main>
  </body>
</html>`
}

function crumbs(repository: Repository | undefined): Html {
  if (repository === undefined) return html`<nav><a href="/">Repositories</a></nav>`
  return html`<nav><a href="/">${repository.owner.login}</a> / <a href="/${fullName(repository)}">${repository.name}</a></nav>`
}

export const markdown = (text: string | null, ifEmpty = 'No description provided.'): Html =>
  html`<div class="markdown">${text === null || text === '' ? html`<p class="quiet">${ifEmpty}</p>` : raw(renderMarkdown(text))}</div>`

export const shortSha = (sha: string): string => sha.slice(0, 7)

export const when = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')
