import { expect, test } from 'vitest'
import { eventually, NotSeen, throughout } from '../../src/demo/eventually.ts'

test('what is there at once is handed back after one look', async () => {
  let looks = 0
  const seen = await eventually(
    () => {
      looks += 1
      return 'there'
    },
    { awaited: 'it is there', within: 1_000 },
  )

  expect(seen).toBe('there')
  expect(looks).toBe(1)
})

test('what comes later is waited for', async () => {
  let looks = 0

  const seen = await eventually(() => (++looks < 3 ? undefined : looks), { awaited: 'the third look', within: 10_000 })

  expect(seen).toBe(3)
})

test('what never comes is told with the words of who waited for it', async () => {
  const waiting = eventually(() => undefined, { awaited: '#7 is merged', within: 10 })

  await expect(waiting).rejects.toBeInstanceOf(NotSeen)
  await expect(waiting).rejects.toMatchObject({ awaited: '#7 is merged', message: 'it did not come within 0.01 s' })
})

test('a look that fails says what it was for', async () => {
  const waiting = eventually(
    () => {
      throw new Error('connection refused')
    },
    { awaited: '#7 is merged', within: 10_000 },
  )

  await expect(waiting).rejects.toMatchObject({ awaited: '#7 is merged', message: 'connection refused' })
})

test('what stays as it is for long enough is well', async () => {
  let looks = 0

  const look = () => {
    looks += 1
    return undefined
  }

  await throughout(look, { awaited: 'nothing moves', within: 200 })

  expect(looks).toBeGreaterThan(1)
})

test('what does not stay as it is ends the waiting with what was seen', async () => {
  let looks = 0
  const look = () => (++looks < 2 ? undefined : '#8 was opened')

  const waiting = throughout(look, { awaited: 'nothing is promoted', within: 10_000 })

  await expect(waiting).rejects.toMatchObject({ awaited: 'nothing is promoted', message: '#8 was opened' })
})
