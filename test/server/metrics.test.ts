import { expect, test } from 'vitest'
import { noticeKinds } from '../../src/promotion/effects.ts'
import { createMetrics } from '../../src/server/metrics.ts'

test('every kind of notice is counted from nought, so that its first one is an increase', async () => {
  const metrics = createMetrics()
  metrics.personNotified('breaker')
  const text = await metrics.text()
  const counted = noticeKinds.map((kind) => `sluice_notifications_total{kind="${kind}"} ${kind === 'breaker' ? 1 : 0}`)
  expect(text.split('\n').filter((line) => line.startsWith('sluice_notifications_total'))).toEqual(counted)
})
