import type { IncomingMessage, ServerResponse } from 'node:http'
import { html } from 'hono/html'
import { decode } from '../api/routes.ts'
import { findRepository } from '../model/repositories.ts'
import type { Repository, World } from '../model/world.ts'
import { commitPage } from './changes-section.ts'
import { checkPage } from './checks-section.ts'
import { type Html, layout } from './layout.ts'
import { pullPage } from './pull-page.ts'
import { filePage, homePage, repositoryPage } from './repository-page.ts'

/** Pages to look at, for whoever can reach the sandbox; nothing on them acts. */
export async function servePage(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = decode(new URL(request.url ?? '/', world.url).pathname).replace(/(?<=.)\/+$/, '')
  const page = request.method === 'GET' ? await pageAt(world, path) : undefined
  const shown =
    page ?? layout('Not found', undefined, html`<h1>Not found</h1><p class="quiet">There is no such page.</p>`)
  response.writeHead(page === undefined ? 404 : 200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(String(await shown))
}

async function pageAt(world: World, path: string): Promise<Html | undefined> {
  if (path === '/') return homePage(world)
  const [, owner = '', name = '', kind, ...rest] = path.split('/')
  const repository = findRepository(world, owner, name)
  if (repository === undefined) return undefined
  return kind === undefined ? repositoryPage(repository) : pageIn(repository, kind, rest.join('/'))
}

async function pageIn(repository: Repository, kind: string, rest: string): Promise<Html | undefined> {
  switch (kind) {
    case 'pull': {
      const pull = repository.pulls.get(Number(rest))
      return pull && pullPage(repository, pull)
    }
    case 'runs': {
      const run = repository.checkRuns.get(Number(rest))
      return run && checkPage(repository, run)
    }
    case 'commit':
      return commitPage(repository, rest)
    case 'tree':
    case 'blob':
      return filePage(repository, rest)
    default:
      return undefined
  }
}
