import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Kube } from './kube.ts'

/** `reset` cuts every connection, `errors` answers 500, `silent` answers nothing. */
export type DoorState = 'open' | 'reset' | 'errors' | 'silent'

export interface ApiDoor {
  /** `http://` on this machine, which the settings allow. */
  readonly url: string
  set(state: DoorState): void
  /** While it is open these collections, as `pods`, answer 500 all the same, and no others. */
  withhold(...collections: readonly string[]): void
  /** Nothing listens there any more, so that connections are refused, until what is handed back is called. */
  wallUp(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Stands between Sluice and the API server, so that only Sluice loses sight of the cluster. */
export async function openDoor(kube: Kube): Promise<ApiDoor> {
  let state: DoorState = 'open'
  let withheld: readonly string[] = []
  const agent = new Agent({ ca: kube.ca, keepAlive: true })
  const server = createServer((asked, answer) => {
    if (state === 'reset') return void asked.socket.destroy()
    const segments = new URL(asked.url ?? '/', kube.url).pathname.split('/')
    if (state === 'errors' || withheld.some((collection) => segments.includes(collection)))
      return void answer.writeHead(500).end('{"kind":"Status","code":500}')
    if (state === 'open') passOn(kube.url, agent, asked, answer)
  })
  const listen = (port: number) =>
    new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done))
  const close = async () => {
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    withhold: (...collections) => {
      withheld = collections
    },
    url: `http://127.0.0.1:${port}`,
    set: (wanted) => {
      state = wanted
      // What is being watched breaks too.
      if (wanted !== 'open') server.closeAllConnections()
    },
    wallUp: async () => {
      await close()
      return () => listen(port)
    },
    close: async () => {
      await close()
      agent.destroy()
    },
  }
}

function passOn(to: string, agent: Agent, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers } = asked
  const passed = request(to + asked.url, { agent, method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(answer)
    response.on('error', () => answer.destroy())
  })
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}
