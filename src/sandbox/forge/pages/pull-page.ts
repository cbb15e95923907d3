import { html, raw } from 'hono/html'
import { readCommit } from '../git/commits.ts'
import { commitsBetween, mergeBase } from '../git/history.ts'
import { fullName } from '../model/repositories.ts'
import type { Pull } from '../model/repository.ts'
import type { Repository } from '../model/world.ts'
import { changesSection } from './changes-section.ts'
import { checksSection } from './checks-section.ts'
import { conversation } from './conversation.ts'
import { type Html, layout, shortSha, when } from './layout.ts'

export async function pullPage(repository: Repository, pull: Pull): Promise<Html> {
  const base = await mergeBase(repository.dir, pull.baseSha, pull.head)
  const shas = await commitsBetween(repository.dir, base, pull.head)
  const content = html`
    <h1>${pull.title} <small>#${pull.number}</small></h1>
    ${headline(pull, shas.length)}
    <div class="columns">
      <div>${conversation(repository, pull)}</div>
      <aside>${checksSection(repository, pull.head)}${reviewers(pull)}</aside>
    </div>
    <h2>${shas.length} ${shas.length === 1 ? 'commit' : 'commits'}</h2>
    <div class="box">${await Promise.all(shas.toReversed().map((sha) => commitRow(repository, sha)))}</div>
    ${await changesSection(repository, base, pull.head)}
  `
  return layout(`${pull.title} · #${pull.number} · ${fullName(repository)}`, repository, content)
}

export const stateOf = (pull: Pull): 'draft' | 'open' | 'merged' | 'closed' =>
  pull.merged !== null ? 'merged' : pull.state === 'closed' ? 'closed' : pull.draft ? 'draft' : 'open'

function headline(pull: Pull, commits: number): Html {
  const state = stateOf(pull)
  const who = pull.merged?.by ?? pull.by
  const head = `${pull.headRepository.owner.login}:${pull.headBranch}`
  const shown = pull.headRepository.parent === undefined ? pull.headBranch : head
  return html`<p>
    <span class="badge ${state}">${state.charAt(0).toUpperCase()}${state.slice(1)}</span>
    <strong>${who.login}</strong>
    <span class="quiet">${pull.merged === null ? 'wants to merge' : 'merged'} ${commits} ${commits === 1 ? 'commit' : 'commits'} into</span>
    <span class="branch">${pull.base}</span> <span class="quiet">from</span> <span class="branch">${shown}</span>
    ${pull.autoMerge === null ? raw('') : html`<span class="wait">auto-merge enabled by ${pull.autoMerge.by.login}</span>`}
  </p>`
}

const words = {
  APPROVED: ['✓', 'ok', 'approved'],
  CHANGES_REQUESTED: ['✗', 'bad', 'requested changes'],
  COMMENTED: ['●', 'quiet', 'commented'],
  DISMISSED: ['○', 'quiet', 'dismissed'],
} as const

function reviewers(pull: Pull): Html {
  const latest = [...new Map(pull.reviews.map((review) => [review.by.id, review])).values()]
  return html`<div class="box"><div class="head"><strong>Reviews</strong></div>
    ${latest.length === 0 ? html`<div class="row quiet">None yet.</div>` : raw('')}
    ${latest.map(({ by, state, commit }) => {
      const [sign, colour, word] = words[state]
      const old = commit === pull.head ? '' : ` (on ${shortSha(commit)})`
      return html`<div class="row"><span class="${colour}">${sign}</span> <strong>${by.login}</strong> <span class="quiet">${word}${old}</span></div>`
    })}
  </div>`
}

async function commitRow(repository: Repository, sha: string): Promise<Html> {
  const commit = await readCommit(repository.objects, sha)
  const title = commit?.message.split('\n')[0] ?? ''
  const verified = repository.verified.has(sha) ? html`<span class="ok">Verified</span>` : raw('')
  return html`<div class="row flex">
    <span class="grow"><strong>${title}</strong> <span class="quiet">${commit?.author.name}, ${when(commit?.committer.at ?? 0)}</span></span>
    ${verified} <a href="/${fullName(repository)}/commit/${sha}"><code>${shortSha(sha)}</code></a>
  </div>`
}
