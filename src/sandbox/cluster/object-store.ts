import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { collectionOf, type KubeObject } from './kube-object.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  readonly collection: string
  readonly version: number
}

export interface ObjectKey {
  readonly collection: string
  readonly namespace: string
  readonly name: string
}

const keptEvents = 2_000

/**
 * Every object of the cluster, in memory, with resourceVersions, generations and a short memory of events for watches.
 * Objects are frozen: nobody changes one but by `put` and `setStatus`.
 */
export class ObjectStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  /** Names of what each owner owns, by its uid. */
  readonly #owned = new Map<string, Map<string, ObjectKey>>()
  readonly #listeners = new Set<(event: WatchEvent) => void>()
  readonly #timestamp: () => string
  #events: WatchEvent[] = []
  #version = 1

  constructor(timestamp: () => string) {
    this.#timestamp = timestamp
  }

  get version(): number {
    return this.#version
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(key.collection)?.get(nameText(key))
  }

  /** Sorted by namespace and name. */
  list(collection: string, namespace?: string): KubeObject[] {
    const all = [...(this.#objects.get(collection)?.entries() ?? [])].sort(([one], [other]) => (one < other ? -1 : 1))
    return all
      .filter(([name]) => namespace === undefined || name.startsWith(`${namespace}/`))
      .map(([, object]) => object)
  }

  /** Pods of a ReplicaSet, ReplicaSets of a Deployment: by their owner references. */
  ownedBy(owner: KubeObject): KubeObject[] {
    const keys = [...(this.#owned.get(owner.metadata.uid ?? '')?.values() ?? [])]
    return keys.flatMap((key) => this.get(key) ?? [])
  }

  collections(): string[] {
    return [...this.#objects.keys()].sort()
  }

  /** Creates or replaces everything but the status; the generation grows when anything but metadata changed. */
  put(object: KubeObject): KubeObject {
    const before = this.get(keyOf(object))
    const next: KubeObject = { ...object, metadata: this.#metadata(object, before) }
    if (before?.status !== undefined) next.status = before.status
    if (before !== undefined && isDeepStrictEqual(withoutVersion(before), withoutVersion(next))) return before
    return this.#store(next, before === undefined ? 'ADDED' : 'MODIFIED')
  }

  /** Replaces the status alone; undefined where the object is gone. */
  setStatus(key: ObjectKey, status: Record<string, unknown>): KubeObject | undefined {
    const before = this.get(key)
    if (before === undefined) return undefined
    if (isDeepStrictEqual(before.status, status)) return before
    return this.#store({ ...before, status }, 'MODIFIED')
  }

  delete(key: ObjectKey): KubeObject | undefined {
    const before = this.get(key)
    if (before === undefined) return undefined
    this.#objects.get(key.collection)?.delete(nameText(key))
    for (const { uid } of before.metadata.ownerReferences ?? []) this.#owned.get(uid)?.delete(JSON.stringify(key))
    this.#owned.delete(before.metadata.uid ?? '')
    this.#tell('DELETED', this.#versioned(before))
    return before
  }

  /** Later events first to `listener`, after those since `version`; null where the store has forgotten them (410 Gone). */
  watch(version: number | undefined, listener: (event: WatchEvent) => void): (() => void) | null {
    const oldest = this.#events[0]?.version ?? this.#version + 1
    if (version !== undefined && version + 1 < oldest && version < this.#version) return null
    if (version !== undefined) for (const event of this.#events) if (event.version > version) listener(event)
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #metadata(object: KubeObject, before: KubeObject | undefined): KubeObject['metadata'] {
    const changed = before === undefined || !isDeepStrictEqual(desired(before), desired(object))
    return {
      ...object.metadata,
      uid: before?.metadata.uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? this.#timestamp(),
      generation: (before?.metadata.generation ?? 0) + (changed ? 1 : 0),
      resourceVersion: before?.metadata.resourceVersion ?? '0',
    }
  }

  #store(object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject {
    const stored = deepFreeze(structuredClone(this.#versioned(object)))
    const key = keyOf(stored)
    const { collection, ...name } = key
    for (const { uid } of stored.metadata.ownerReferences ?? []) {
      if (!this.#owned.has(uid)) this.#owned.set(uid, new Map())
      this.#owned.get(uid)?.set(JSON.stringify(key), key)
    }
    if (!this.#objects.has(collection)) this.#objects.set(collection, new Map())
    this.#objects.get(collection)?.set(nameText(name), stored)
    this.#tell(type, stored)
    return stored
  }

  #versioned(object: KubeObject): KubeObject {
    this.#version += 1
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
  }

  #tell(type: WatchEvent['type'], object: KubeObject): void {
    const event = { type, object, collection: collectionOf(object), version: this.#version }
    this.#events.push(event)
    if (this.#events.length > 2 * keptEvents) this.#events = this.#events.slice(-keptEvents)
    for (const listener of this.#listeners) listener(event)
  }
}

export const keyOf = (object: KubeObject): ObjectKey => ({
  collection: collectionOf(object),
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
})

const nameText = (key: Omit<ObjectKey, 'collection'>): string => `${key.namespace}/${key.name}`

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}

const withoutVersion = (object: KubeObject) => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '' },
})

function desired(object: KubeObject): Record<string, unknown> {
  const { metadata: _metadata, status: _status, ...rest } = object
  return rest
}
