import { html, raw } from 'hono/html'
import { readCommit } from '../git/commits.ts'
import { changedFiles, type FileChange, patches } from '../git/history.ts'
import { fullName } from '../model/repositories.ts'
import type { Repository } from '../model/world.ts'
import { diffLines } from './diff-lines.ts'
import { type Html, layout, when } from './layout.ts'

/** The files that changed, each as a diff. */
export async function changesSection(repository: Repository, from: string | undefined, to: string): Promise<Html> {
  const files = await changedFiles(repository.dir, from, to)
  const texts = await patches(repository.dir, from, to)
  const title = files.length === 1 ? '1 file changed' : `${files.length} files changed`
  return html`<h2>${title}</h2>${files.map((file) => fileBox(repository, to, file, texts.get(file.path)))}`
}

function fileBox(repository: Repository, commit: string, file: FileChange, patch: string | undefined): Html {
  const name = file.previousPath === undefined ? file.path : `${file.previousPath} → ${file.path}`
  return html`<div class="box">
    <div class="head"><a href="/${fullName(repository)}/blob/${commit}/${file.path}">${name}</a>
      <span class="ok">+${file.additions}</span> <span class="bad">−${file.deletions}</span> ${file.status}</div>
    ${patch === undefined ? html`<div class="row quiet">No text changed.</div>` : html`<pre><code>${raw(diffLines(patch.split('\n')))}</code></pre>`}
  </div>`
}

export async function commitPage(repository: Repository, sha: string): Promise<Html | undefined> {
  const commit = await readCommit(repository.objects, sha)
  if (commit === undefined) return undefined
  const [title = '', ...rest] = commit.message.trim().split('\n')
  const message = rest.join('\n').trim()
  const content = html`
    <h1>${title}</h1>
    <p class="quiet">${commit.author.name}, ${when(commit.committer.at)} · <code>${sha}</code></p>
    ${message === '' ? raw('') : html`<pre><code>${message}</code></pre>`}
    ${await changesSection(repository, commit.parents[0], sha)}
  `
  return layout(`${title} · ${fullName(repository)}`, repository, content)
}
