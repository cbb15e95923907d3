import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { actorOfToken, passwordOf } from './api/authenticate.ts'
import { readBody } from './api/read-body.ts'
import { Refusal } from './api/refusal.ts'
import type { FaultKind } from './faults.ts'
import { readPushCommands } from './git/push-commands.ts'
import { noCommit, type RefWrite, readRef } from './git/refs.ts'
import { answerGit } from './git/smart-http.ts'
import { atLeast, nameOf, roleOf } from './model/accounts.ts'
import { permits, reaches } from './model/installations.ts'
import { findRepository } from './model/repositories.ts'
import type { Access, Actor, Repository, World } from './model/world.ts'
import { afterRefChange } from './pulls/change-ref.ts'
import { judgeWrite } from './rules/judge-write.ts'

const gitPath = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/

export const isGitPath = (path: string): boolean => gitPath.test(path)

type GitOperation = 'git-list' | 'git-fetch' | 'git-push'
interface GitCall {
  readonly world: World
  readonly repository: Repository
  readonly actor: Actor
  readonly url: URL
  readonly body: Buffer
  readonly isMute: boolean
}

/** Git over HTTP, with the faults that were asked for around it. */
export async function serveGit(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', world.url)
  const operation = operationOf(url.pathname)
  const body = await readBody(request)
  const actor = actorOf(world, request.headers.authorization)
  const who = actor === undefined ? {} : { actor: nameOf(actor) }
  const strike = <K extends FaultKind>(kind: K) =>
    world.faults.strike(operation, { method: request.method ?? '', path: url.pathname, ...who }, [kind])
  for (const { milliseconds } of strike('delay')) await pause(milliseconds)
  if (strike('reset-before').length > 0) return void request.socket.destroy()
  const [broken] = strike('error-before')
  const asked = broken === undefined ? askedFor(world, actor, url) : (broken.status ?? 502)
  if (typeof asked === 'number') return refuse(response, asked)

  const call = { ...asked, world, url, body, isMute: strike('reset-after').length > 0 }
  record(call, operation, request.method ?? '')
  if (operation === 'git-push') await asked.repository.inTurn(() => push(call, request, response))
  else await hand(call, request, response)
  if (call.isMute) request.socket.destroy()
  else response.end()
}

const operationOf = (path: string): GitOperation =>
  path.endsWith('/git-receive-pack') ? 'git-push' : path.endsWith('/git-upload-pack') ? 'git-fetch' : 'git-list'

function record({ world, actor, url }: GitCall, operation: GitOperation, method: string): void {
  world.calls.push({ operation, method, path: url.pathname, status: 200, actor: nameOf(actor), at: world.now() })
}

/** Who asks for which repository, or the status that refuses it. Who may read fetches, who may write pushes. */
function askedFor(world: World, actor: Actor | undefined, url: URL): { actor: Actor; repository: Repository } | number {
  if (actor === undefined) return 401
  const repository = repositoryAt(world, url.pathname)
  const isPush = (url.searchParams.get('service') ?? url.pathname).endsWith('git-receive-pack')
  const verdict = mayUse(world, repository, actor, isPush ? 'write' : 'read')
  return repository === undefined || verdict !== 200 ? verdict : { actor, repository }
}

/** Undefined where the credentials are no good. */
function actorOf(world: World, header: string | undefined): Actor | undefined {
  if (header === undefined) return { kind: 'anonymous' }
  try {
    return actorOfToken(world, passwordOf(header.split(' ')[1] ?? ''))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function repositoryAt(world: World, path: string): Repository | undefined {
  const [, owner = '', name = ''] = gitPath.exec(path) ?? []
  return findRepository(world, owner, name)
}

/** 401 asks git for credentials; 404 hides what must not be known. */
function mayUse(world: World, repository: Repository | undefined, actor: Actor, access: Access): 200 | 401 | 403 | 404 {
  if (repository === undefined) return 404
  if (actor.kind === 'installation') {
    const isReached = reaches(actor, repository) && permits(actor.permissions, 'contents', access)
    return isReached || (access === 'read' && !repository.isPrivate) ? 200 : 403
  }
  if (actor.kind === 'person') {
    const role = roleOf(world, repository, actor.account)
    return atLeast(role, access) ? 200 : atLeast(role, 'read') ? 403 : 404
  }
  return access === 'read' && !repository.isPrivate ? 200 : 401
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {})
  response.end()
}

async function push(call: GitCall, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { world, repository, actor } = call
  const commands = readPushCommands(call.body)
  const verdicts = commands.map((write) => ({ write, ...judgeWrite(world, repository, actor, write) }))
  const refused = verdicts.flatMap(({ write, violations }) => violations.map((text) => `${write.ref}: ${text}`))
  const forward = verdicts.filter(({ onlyForward }) => onlyForward).map(({ write }) => write.ref)
  await hand(call, request, response, { SANDBOX_REFUSED: refused.join('\n'), SANDBOX_FORWARD_ONLY: forward.join('\n') })
  for (const write of commands) if (await wasWritten(repository, write)) await follow(call, write)
}

async function wasWritten(repository: Repository, { ref, after }: RefWrite): Promise<boolean> {
  return ((await readRef(repository.dir, ref)) ?? noCommit) === after
}

async function follow({ world, repository, actor }: GitCall, write: RefWrite): Promise<void> {
  if ('account' in actor) await afterRefChange(world, repository, actor.account, write)
}

function hand(
  call: GitCall,
  request: IncomingMessage,
  response: ServerResponse,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tail = call.url.pathname
    .split('/')
    .slice(call.url.pathname.endsWith('/info/refs') ? -2 : -1)
    .join('/')
  return answerGit(request, response, {
    root: call.world.dir,
    path: `${call.repository.dir.slice(call.world.dir.length)}/${tail}`,
    isMute: call.isMute,
    query: call.url.search.slice(1),
    user: nameOf(call.actor),
    body: call.body,
    environment,
  })
}
