import type { IncomingMessage, ServerResponse } from 'node:http'
import type { World } from '../model/world.ts'

export async function servePage(_world: World, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(404)
  response.end()
}
