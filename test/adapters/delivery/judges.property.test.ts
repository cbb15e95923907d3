import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeApplication } from '../../../src/adapters/delivery/argo-cd/judge-application.ts'
import { judgeKustomization } from '../../../src/adapters/delivery/flux/judge-kustomization.ts'
import { parseRevision } from '../../../src/adapters/delivery/flux/revision.ts'
import * as argo from './argo-cd/application-objects.ts'
import * as flux from './flux/kustomization-objects.ts'

type Json = Readonly<Record<string, unknown>>

/** The object with the value at one of its paths replaced by anything. */
const mutated = (object: Json) =>
  fc
    .tuple(fc.constantFrom(...pathsOf(object)), fc.jsonValue())
    .map(([path, value]) => replaced(object, path, value) as Json)

test('whatever stands in a Kustomization, the judge answers, and never fails a commit that Flux did not name', () => {
  fc.assert(
    fc.property(mutated(flux.kustomization()), (kustomization) => {
      const sighting = judgeKustomization(flux.read({ kustomization }), flux.expected)
      expect(['healthy', 'progressing', 'failed', 'waiting', 'unknown']).toContain(sighting.is)
      if (sighting.is === 'healthy' || sighting.is === 'failed')
        expect(JSON.stringify(kustomization)).toContain(sighting.revision)
    }),
  )
})

test('whatever stands in an Application, the judge answers, and never fails a commit that Argo CD did not name', () => {
  fc.assert(
    fc.property(mutated(argo.application()), (application) => {
      const sighting = judgeApplication(argo.read({ application }), argo.expected)
      expect(['healthy', 'progressing', 'failed', 'waiting', 'unknown']).toContain(sighting.is)
      if (sighting.is === 'healthy' || sighting.is === 'failed')
        expect(JSON.stringify(application)).toContain(sighting.revision)
    }),
  )
})

test('a revision is read strictly after the last @', () => {
  const sha = fc.stringMatching(/^[0-9a-f]{40}$/)
  fc.assert(
    fc.property(fc.string(), sha, (ref, commit) => {
      expect(parseRevision(`${ref}@sha1:${commit}`)).toEqual({ commit, ref })
    }),
  )
  fc.assert(
    fc.property(sha, (commit) => {
      expect(parseRevision(`sha1:${commit}`)).toEqual({ commit, ref: '' })
    }),
  )
  for (const text of [
    '',
    'main',
    'main/abc',
    `main@${'a'.repeat(40)}`,
    `main@sha1:${'a'.repeat(39)}`,
    `main@sha1:${'A'.repeat(40)}`,
  ])
    expect(parseRevision(text)).toBeUndefined()
})

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [[key], ...pathsOf(part).map((path) => [key, ...path])])
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((part, index) => (String(index) === key ? replaced(part, rest, by) : part))
  const record = value as Json
  return { ...record, [key]: replaced(record[key], rest, by) }
}
