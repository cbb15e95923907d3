import { html, raw } from 'hono/html'
import { readCommit } from '../git/commits.ts'
import { listRefs } from '../git/refs.ts'
import { entryAt, kindOf, readTree } from '../git/trees.ts'
import { fullName } from '../model/repositories.ts'
import type { Pull } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'
import { resolveCommit } from '../operations/resolve-commit.ts'
import { type Html, layout, markdown, shortSha } from './layout.ts'
import { stateOf } from './pull-page.ts'

export function homePage(world: World): Html {
  const rows = [...world.repositories.values()].map(
    (one) => html`<div class="row flex"><a class="grow" href="/${fullName(one)}"><strong>${fullName(one)}</strong></a>
      <span class="quiet">${one.isPrivate ? 'private' : 'public'}${one.parent === undefined ? '' : `, fork of ${fullName(one.parent)}`}</span></div>`,
  )
  return layout('Repositories', undefined, html`<h1>Repositories</h1><div class="box">${rows}</div>`)
}

export async function repositoryPage(repository: Repository): Promise<Html> {
  const pulls = [...repository.pulls.values()].toReversed()
  const open = pulls.filter(({ state }) => state === 'open')
  const closed = pulls.filter(({ state }) => state === 'closed').slice(0, 50)
  const content = html`
    <h1>${fullName(repository)}</h1>
    ${await folder(repository, repository.defaultBranch, '')}
    ${pullList(repository, `${open.length} open`, open)}${pullList(repository, 'Closed', closed)}
    <h2>Branches</h2><div class="box">${await branches(repository)}</div>
  `
  return layout(fullName(repository), repository, content)
}

function pullList(repository: Repository, title: string, pulls: readonly Pull[]): Html {
  const rows = pulls.map((pull) => {
    const state = stateOf(pull)
    const colour = state === 'merged' ? 'done' : state === 'closed' ? 'bad' : state === 'draft' ? 'quiet' : 'ok'
    return html`<div class="row flex"><span class="${colour}">●</span>
      <a class="grow" href="/${fullName(repository)}/pull/${pull.number}"><strong>${pull.title}</strong></a>
      <span class="quiet">#${pull.number} by ${pull.by.login}</span></div>`
  })
  return html`<h2>Pull requests: ${title}</h2><div class="box">${rows.length === 0 ? html`<div class="row quiet">None.</div>` : rows}</div>`
}

async function branches(repository: Repository): Promise<readonly Html[]> {
  const refs = await listRefs(repository.dir)
  return refs.map(({ ref, oid }) => {
    const name = ref.replace('refs/heads/', '')
    return html`<div class="row flex"><a class="grow" href="/${fullName(repository)}/tree/${name}"><span class="branch">${name}</span></a>
      <code>${shortSha(oid)}</code></div>`
  })
}

/** A folder or a file at a branch or commit; undefined where it is not there. `place` is the ref and then the path. */
export async function filePage(repository: Repository, place: string): Promise<Html | undefined> {
  const found = await splitPlace(repository, place)
  if (found === undefined) return undefined
  const { ref, path } = found
  const content = await folder(repository, ref, path)
  return layout(
    `${path === '' ? ref : path} · ${fullName(repository)}`,
    repository,
    html`<h1>${path === '' ? ref : path}</h1>${content}`,
  )
}

/** Branch names hold slashes, so the longest beginning that names a commit is the ref. */
async function splitPlace(repository: Repository, place: string): Promise<{ ref: string; path: string } | undefined> {
  const parts = place.split('/')
  for (let length = parts.length; length > 0; length -= 1) {
    const ref = parts.slice(0, length).join('/')
    if ((await resolveCommit(repository, ref)) !== undefined) return { ref, path: parts.slice(length).join('/') }
  }
  return undefined
}

async function folder(repository: Repository, ref: string, path: string): Promise<Html> {
  const oid = await resolveCommit(repository, ref)
  const commit = oid === undefined ? undefined : await readCommit(repository.objects, oid)
  const entry = commit && (await entryAt(repository.objects, commit.tree, path))
  if (entry === undefined) return html`<p class="quiet">Nothing here.</p>`
  if (kindOf(entry.mode) !== 'tree') return file(repository, path, entry.oid)
  const entries = (await readTree(repository.objects, entry.oid)).toSorted((a, b) =>
    kindOf(b.mode).localeCompare(kindOf(a.mode)),
  )
  const rows = entries.map(({ name, mode }) => {
    const target = [ref, path, name].filter((part) => part !== '').join('/')
    return html`<div class="row"><a href="/${fullName(repository)}/tree/${target}">${name}${kindOf(mode) === 'tree' ? '/' : ''}</a></div>`
  })
  const readme = entries.find(({ name }) => name === 'README.md')
  const list = html`<div class="box"><div class="head"><span class="branch">${ref}</span> ${path}</div>${rows}</div>`
  return readme === undefined ? list : html`${list}${await file(repository, 'README.md', readme.oid)}`
}

// GitHub shows no larger files either.
const largestShown = 512_000

async function file(repository: Repository, path: string, oid: string): Promise<Html> {
  const blob = await repository.objects.read(oid)
  const text = blob?.content.subarray(0, largestShown).toString() ?? ''
  const shown = text.includes('\0') ? html`<div class="row quiet">Binary.</div>` : html`<pre><code>${text}</code></pre>`
  return html`<div class="box"><div class="head"><strong>${path}</strong> ${raw('')}${blob?.content.length} bytes</div>
    ${path.endsWith('.md') ? markdown(text, 'Empty.') : shown}</div>`
}
