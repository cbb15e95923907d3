import { html, raw } from 'hono/html'
import type { CheckRun, CommitStatus } from '../model/checks.ts'
import { fullName } from '../model/repositories.ts'
import type { Repository } from '../model/world.ts'
import { newestRuns, newestStatuses } from '../rules/required-checks.ts'
import { type Html, layout, markdown } from './layout.ts'

/** The checks and statuses of a commit. */
export function checksSection(repository: Repository, sha: string): Html {
  const rows = [
    ...newestRuns(repository, sha).map((run) => runRow(repository, run)),
    ...newestStatuses(repository, sha).map(statusRow),
  ]
  return html`<div class="box"><div class="head"><strong>Checks</strong></div>
    ${rows.length === 0 ? html`<div class="row quiet">None reported.</div>` : raw('')}${rows}</div>`
}

function runRow(repository: Repository, run: CheckRun): Html {
  return html`<div class="row">${sign(run)} <a href="/${fullName(repository)}/runs/${run.id}"><strong>${run.name}</strong></a>
    <span class="quiet">${run.app.slug}</span><br /><span class="quiet">${run.output.title ?? run.conclusion ?? run.status}</span></div>`
}

function sign(run: CheckRun): Html {
  if (run.status !== 'completed') return html`<span class="wait">●</span>`
  if (run.conclusion === 'success') return html`<span class="ok">✓</span>`
  return ['neutral', 'skipped'].includes(run.conclusion ?? '')
    ? html`<span class="quiet">○</span>`
    : html`<span class="bad">✗</span>`
}

const statusSigns = {
  success: ['ok', '✓'],
  pending: ['wait', '●'],
  failure: ['bad', '✗'],
  error: ['bad', '✗'],
} as const

function statusRow({ state, context, description }: CommitStatus): Html {
  const [colour, mark] = statusSigns[state]
  return html`<div class="row"><span class="${colour}">${mark}</span> <strong>${context}</strong><br /><span class="quiet">${description ?? state}</span></div>`
}

/** One check run with all that its App wrote. */
export function checkPage(repository: Repository, run: CheckRun): Html {
  const content = html`
    <h1>${run.name} <small>${run.app.slug}</small></h1>
    <p>${sign(run)} ${run.conclusion ?? run.status} <span class="quiet">on</span> <code>${run.head}</code></p>
    <div class="box"><div class="head"><strong>${run.output.title ?? run.name}</strong></div>
      ${markdown(run.output.summary, 'No summary.')}${run.output.text === null ? raw('') : markdown(run.output.text)}</div>
  `
  return layout(`${run.name} · ${fullName(repository)}`, repository, content)
}
