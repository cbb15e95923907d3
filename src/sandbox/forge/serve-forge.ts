import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiDoor, serveApi } from './api/serve-api.ts'
import { servePage } from './pages/serve-page.ts'
import { isGitPath, serveGit } from './serve-git.ts'

/** One server for the API, for git and for the pages. */
export function serveForge(door: ApiDoor): (request: IncomingMessage, response: ServerResponse) => void {
  const api = serveApi(door)
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', door.world.url).pathname
    if (path.startsWith('/api/')) return api(request, response)
    return isGitPath(path) ? serveGit(door.world, request, response) : servePage(door.world, request, response)
  }
  return (request, response) => {
    if (door.world.faults.isDark()) return void request.socket.destroy()
    answer(request, response).catch((error: unknown) => fail(response, error))
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(error instanceof Error ? error.stack : String(error))
}
