import { Agent, request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'

/** Any object, as the API server hands it out. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  // biome-ignore lint/suspicious/noExplicitAny: any kind of object, and tests look deep into them
  readonly [field: string]: any
}

export interface Named {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** The API server for those who set the stage: server-side apply, and what tests read and spoil. */
export interface Kube {
  readonly url: string
  readonly ca: string
  readonly token: string
  apply(...objects: readonly KubeObject[]): Promise<void>
  /** What server-side apply by that manager would make of it; nothing is written. */
  wouldBe(object: KubeObject, manager: string): Promise<KubeObject>
  get(object: Named): Promise<KubeObject | undefined>
  list(kind: Omit<Named, 'name'>): Promise<readonly KubeObject[]>
  /** A JSON merge patch, of the status where `subresource` says so. */
  patch(object: Named, change: unknown, subresource?: 'status'): Promise<void>
  create(path: string, body: unknown): Promise<KubeObject>
  remove(object: Named): Promise<void>
  isReady(): Promise<boolean>
  /** Waits until discovery names the kinds of these definitions: controllers that start before end at once. */
  untilServed(definitions: readonly KubeObject[]): Promise<void>
}

export class KubeRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function kubeAt(url: string, ca: string, token: string): Kube {
  const agent = new Agent({ ca, keepAlive: true })
  const send = patiently(sender(url, agent, token))
  const apply = (object: KubeObject, query: string): Promise<KubeObject> => {
    const { apiVersion, kind, metadata } = object
    const at = pathOf({ apiVersion, kind, name: metadata.name, ...namespaceOf(metadata.namespace) })
    return send('PATCH', `${at}?force=true&${query}`, object, applyType)
  }
  return {
    url,
    ca,
    token,
    apply: async (...objects) => {
      for (const object of objects) await apply(object, 'fieldManager=rig')
    },
    wouldBe: (object, manager) => apply(object, `fieldManager=${manager}&dryRun=All`),
    get: (object) => send('GET', pathOf(object)).catch(onlyWhereThere),
    list: async (kind) => (await send('GET', pathOf({ ...kind, name: '' })))['items'],
    patch: async (object, change, subresource) =>
      void (await send(
        'PATCH',
        pathOf(object) + (subresource === undefined ? '' : `/${subresource}`),
        change,
        'application/merge-patch+json',
      )),
    create: (path, body) => send('POST', path, body),
    remove: async (object) => void (await send('DELETE', pathOf(object)).catch(onlyWhereThere)),
    isReady: async () => (await send('GET', '/readyz')) !== undefined,
    untilServed: async (definitions) => {
      for (const { spec } of definitions) {
        const { group, versions, names } = spec
        const path = `/apis/${group}/${versions.at(-1).name}`
        for (;;) {
          const found = await send('GET', path).catch(onlyWhereThere)
          if (found?.['resources'].some(({ kind }: KubeObject) => kind === names.kind)) break
          await pause(100)
        }
      }
    },
  }
}

const applyType = 'application/apply-patch+yaml'

const namespaceOf = (namespace: string | undefined) => (namespace === undefined ? {} : { namespace })

type Send = ReturnType<typeof sender>

/** A kind whose definition was applied a moment ago is not served at once: 404 where it is written, or 429 for a while. */
const patiently =
  (send: Send): Send =>
  async (method, path, body, type) => {
    for (let left = 50; ; left -= 1) {
      try {
        return await send(method, path, body, type)
      } catch (error) {
        const mayCome =
          error instanceof KubeRefusal && (error.status === 429 || (error.status === 404 && type === applyType))
        if (!mayCome || left === 0) throw error
        await pause(200)
      }
    }
  }

function onlyWhereThere(error: unknown): undefined {
  if (error instanceof KubeRefusal && error.status === 404) return undefined
  throw error
}

/** Of a collection where the name is empty. Kinds without a namespace are asked for without one. */
function pathOf({ apiVersion, kind, namespace, name }: Named): string {
  const lower = kind.toLowerCase()
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : lower.endsWith('s') ? `${lower}es` : `${lower}s`
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}${within}/${plural}${name === '' ? '' : `/${name}`}`
}

const sender =
  (url: string, agent: Agent, token: string) =>
  (method: string, path: string, body?: unknown, type = 'application/json'): Promise<KubeObject> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type }
      const asked = request(url + path, { agent, method, headers }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => {
          const text = Buffer.concat(parts).toString()
          const status = response.statusCode ?? 0
          if (status < 300) resolve(text.startsWith('{') ? JSON.parse(text) : { text })
          else reject(new KubeRefusal(status, `${method} ${path}: ${status} ${text}`))
        })
      })
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
