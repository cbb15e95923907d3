import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { actorOfToken, passwordOf } from './api/authenticate.ts'
import { readBody } from './api/read-body.ts'
import { Refusal } from './api/refusal.ts'
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

interface GitCall {
  readonly world: World
  readonly repository: Repository
  readonly actor: Actor
  readonly service: string
  readonly url: URL
  readonly body: Buffer
}

/** Git over HTTP: who may read fetches, who may write pushes as far as the rules allow. */
export async function serveGit(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', world.url)
  const service = url.searchParams.get('service') ?? url.pathname.split('/').at(-1) ?? ''
  const subject = { method: request.method ?? '', path: url.pathname }
  const body = await readBody(request)
  for (const fault of world.faults.strike(service, subject, ['delay'])) await pause(fault.milliseconds)
  if (world.faults.strike(service, subject, ['reset-before']).length > 0) return void request.socket.destroy()
  const [broken] = world.faults.strike(service, subject, ['error-before'])
  if (broken !== undefined) return refuse(response, broken.status ?? 502)

  const actor = actorOf(world, request.headers.authorization)
  const repository = repositoryAt(world, url.pathname)
  const verdict = mayUse(world, repository, actor, service === 'git-receive-pack' ? 'write' : 'read')
  if (verdict !== 200 || repository === undefined) return refuse(response, verdict)
  const call: GitCall = { world, repository, actor, service, url, body }
  const isPush = service === 'git-receive-pack' && request.method === 'POST'
  const operation = isPush ? 'git push' : url.pathname.endsWith('/info/refs') ? 'git list' : 'git fetch'
  world.calls.push({
    operation,
    method: request.method ?? '',
    path: url.pathname,
    status: 200,
    actor: nameOf(actor),
    at: world.now(),
  })
  await (isPush ? repository.inTurn(() => push(call, request, response)) : hand(call, request, response))
  if (world.faults.strike(service, subject, ['reset-after']).length > 0) return void request.socket.destroy()
  response.end()
}

function actorOf(world: World, header: string | undefined): Actor {
  if (header === undefined) return { kind: 'anonymous' }
  try {
    return actorOfToken(world, passwordOf(header.split(' ')[1] ?? ''))
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'anonymous' }
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
    path: `/${call.repository.owner.login}/${call.repository.name}.git/${tail}`,
    query: call.url.search.slice(1),
    user: nameOf(call.actor),
    body: call.body,
    environment,
  })
}
