import type { Change } from '../../src/domain/change.ts'
import { digestOfValue } from '../../src/domain/hash.ts'
import { type Digest, type Instant, slotKey, toInstant, toSha } from '../../src/domain/ids.ts'
import type { Person } from '../../src/domain/person.ts'
import { type OverlayRelease, type Release, type ReleaseParts, releaseOf } from '../../src/domain/release.ts'
import type { RenderedObject } from '../../src/domain/rendered.ts'
import type { Evidence, EvidenceKind, Found, KeyOf, StateFacts, ValueOf } from '../../src/gates/evidence.ts'
import type { GateContext } from '../../src/gates/gate.ts'

export const now = toInstant(1_800_000_000_000)
export const ago = (milliseconds: number): Instant => toInstant(now - milliseconds)
export const sha = (letter: string) => toSha(letter.repeat(40))
export const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest

export const person = (id: number, login = `person-${id}`): Person => ({ id, login, kind: 'person' })
export const bot: Person = { id: 99, login: 'sluice[bot]', kind: 'bot' }

const noParts: ReleaseParts = { images: {}, trees: {}, files: {}, fields: {} }

export const release = (images: Readonly<Record<string, Digest>>): Release => releaseOf({ ...noParts, images })
export const pinned = (one: Release): OverlayRelease => ({ is: 'pinned', release: one })

export const oldRelease = release({ 'ghcr.io/acme/api': digest('a') })
export const newRelease = release({ 'ghcr.io/acme/api': digest('b') })
export const apiImage = `ghcr.io/acme/api@${digest('b')}`

export const object = (images: readonly string[], kind = 'Deployment', apiVersion = 'apps/v1'): RenderedObject => ({
  ...{
    apiVersion,
    kind,
    name: 'api',
    namespace: 'apps',
    digest: digestOfValue(images),
    images,
    unreadImages: [],
    body: {},
  },
})

/** A promotion of a new image of `api` to production, opened by the bot; what differs is named by the test. */
export function change(differs: Partial<Change> = {}): Change {
  const after = object([apiImage])
  const before = object([`ghcr.io/acme/api@${digest('a')}`])
  return {
    ...{ slot: slotKey('api', 'production'), kind: 'promotion', head: sha('1'), inputs: digest('1') },
    ...{ release: pinned(newRelease), replaces: pinned(oldRelease), sharedPaths: [], guardPaths: [] },
    origin: { in: 'pull-request', pull: 7, author: bot, initiators: { people: [person(1, 'ann')], complete: true } },
    difference: { is: 'rendered', after: [after], changed: [{ is: 'changed', before, after }] },
    ...differs,
  }
}

export const context: GateContext = {
  ...{ application: 'api', environment: 'production', upstream: ['staging'], owners: ['acme/team-api'], now },
}

export const known = <T>(value: T, readAt = now): Found<T> => ({
  ...{ is: 'known', value, readAt, id: digestOfValue(value), mutable: true },
})
export const isPending: Found<never> = { is: 'pending', since: now }
export const isUnavailable: Found<never> = { is: 'unavailable', reason: 'forge.unreachable', detail: 'no answer' }

type Answers = { readonly [K in EvidenceKind]?: (key: KeyOf<K>) => Found<ValueOf<K>> }

/** Evidence that answers as told; what nobody told is pending, as it is in a first round. */
export const evidence = (answers: Answers): Evidence => ({
  find: (kind, key) => answers[kind]?.(key) ?? isPending,
})

export const quiet: StateFacts = {
  ...{
    trusted: true,
    directives: [],
    draft: false,
    brokenConfig: null,
    orderedBy: 0,
    foreignCommit: null,
    foreign: [],
  },
}
