import { expect, test } from 'vitest'
import { judgeKustomization } from '../../../../src/adapters/delivery/flux/judge-kustomization.ts'
import { toInstant } from '../../../../src/domain/ids.ts'
import { defaultHealth, foldHealth } from '../fold-health.ts'
import { commit, expected, kustomization, past, read, ready, source, wanted } from './kustomization-objects.ts'

const minute = 60_000

/** What an hour of looks, one a minute, makes of a content: the source is suspended after ten of them, for half an hour. */
function health(status: (minutes: number) => Record<string, unknown>, content: readonly string[]) {
  const looks = Array.from({ length: 60 }, (_, minutes) => {
    const isSuspended = minutes >= 10 && minutes < 40
    const change = { kustomization: kustomization({ status: status(minutes) }) }
    const sources = isSuspended ? source({ spec: { suspend: true } }) : {}
    const sighting = judgeKustomization(read({ ...change, ...sources }), expected)
    return { at: toInstant(minutes * minute), sighting }
  })
  return foldHealth(looks, content, defaultHealth)
}

test('a GitRepository that is suspended for a freeze ends no soak of what runs', () => {
  const tracks = health(() => ({}), [wanted])
  expect(tracks.slice(1).map(({ health: { is } }) => is)).toEqual(Array.from({ length: 59 }, () => 'healthy'))
  expect(tracks.at(-1)?.healthy).toEqual({ from: 0, until: 59 * minute })
})

test('what is merged meanwhile waits for a person, and never fails', () => {
  const tracks = health(() => ({}), [commit('9')])
  expect(tracks.slice(10, 40).map((track) => track.health)).toEqual(
    Array.from({ length: 30 }, () => ({
      is: 'waiting',
      reason: 'flux.source-suspended',
      detail: 'its GitRepository is suspended; somebody has to resume it',
    })),
  )
})

test('T65 a failure meanwhile is told, and held against the release only once a revert could come', () => {
  const failing = {
    conditions: [ready('False', 'HealthCheckFailed', 'timeout waiting for: [Deployment/api-staging/api status: x]')],
    history: [past('HealthCheckFailed', wanted)],
  }
  const failed = health((minutes) => (minutes < 12 ? {} : failing), [wanted]).flatMap(({ health }, minutes) =>
    health.is === 'failed' ? [{ minutes, isExcused: health.infrastructure !== undefined }] : [],
  )
  expect(failed.filter(({ isExcused }) => isExcused).map(({ minutes }) => minutes)).toEqual(
    Array.from({ length: 26 }, (_, index) => 14 + index),
  )
  // The clocks begin anew with it: confirmed again after two minutes, as any failure.
  expect(failed.find(({ isExcused }) => !isExcused)?.minutes).toBe(42)
})
