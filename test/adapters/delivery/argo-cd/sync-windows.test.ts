import { describe, expect, test } from 'vitest'
import { applicationSchema } from '../../../../src/adapters/delivery/argo-cd/application.ts'
import { wasDueWithin } from '../../../../src/adapters/delivery/argo-cd/cron.ts'
import { isSyncWindowClosed } from '../../../../src/adapters/delivery/argo-cd/sync-windows.ts'
import { toInstant } from '../../../../src/domain/ids.ts'
import { application } from './application-objects.ts'

const monday = (time: string) => toInstant(Date.parse(`2026-03-02T${time}:00Z`))
const parsed = applicationSchema.parse(application())
const closed = (...syncWindows: readonly object[]) =>
  isSyncWindowClosed({ spec: { syncWindows } }, parsed, monday('10:30'))

const all = { applications: ['*'] }
const open = { schedule: '0 10 * * *', duration: '1h', ...all }
const shut = { schedule: '0 12 * * *', duration: '1h', ...all }

describe('automated syncs are held back', () => {
  test.each<[string, readonly object[], boolean]>([
    ['by an active deny window', [{ kind: 'deny', ...open }], true],
    ['not by one that is over', [{ kind: 'deny', ...shut }], false],
    ['by allow windows of which none is active', [{ kind: 'allow', ...shut }], true],
    [
      'not while one of them is active',
      [
        { kind: 'allow', ...shut },
        { kind: 'allow', ...open },
      ],
      false,
    ],
    [
      'by deny, whatever allows',
      [
        { kind: 'allow', ...open },
        { kind: 'deny', ...open },
      ],
      true,
    ],
    ['by the namespace', [{ kind: 'deny', ...open, applications: [], namespaces: ['api-*'] }], true],
    ['by the cluster', [{ kind: 'deny', ...open, applications: [], clusters: ['https://*.svc'] }], true],
    ['not for others', [{ kind: 'deny', ...open, applications: ['web', 'api-*'] }], false],
    [
      'with andOperator only where all match',
      [{ kind: 'deny', ...open, namespaces: ['other'], andOperator: true }],
      false,
    ],
    ['not by a window that concerns nobody', [{ kind: 'deny', schedule: '0 10 * * *', duration: '1h' }], false],
  ])('%s', (_, windows, expected) => {
    expect(closed(...windows)).toBe(expected)
  })

  test('not by a project that cannot be read, or makes no sense', () => {
    expect(isSyncWindowClosed(undefined, parsed, monday('10:30'))).toBe(false)
    expect(isSyncWindowClosed({ spec: { syncWindows: 'x' } }, parsed, monday('10:30'))).toBe(false)
    expect(closed({ kind: 'deny', ...open, duration: 'long' })).toBe(false)
  })
})

describe('a schedule came due', () => {
  test.each<[string, string, number, boolean | undefined]>([
    ['0 9 * * *', '09:00', 60, true],
    ['0 9 * * *', '09:59', 60, true],
    ['0 9 * * *', '10:00', 60, false],
    ['0 9 * * *', '08:59', 60, false],
    ['*/15 * * * *', '10:20', 6, true],
    ['*/15 * * * *', '10:20', 5, false],
    ['0 9 * * 1-5', '09:30', 60, true],
    ['0 9 * * MON', '09:30', 60, true],
    ['0 9 * * tue,sat', '09:30', 60, false],
    ['0 9 * mar *', '09:30', 60, true],
    ['0 9 * apr *', '09:30', 60, false],
    ['0 9 1 * 1', '09:30', 60, true],
    ['0 22 * * 7', '05:00', 8 * 60, true],
    ['@daily', '00:10', 15, true],
    ['0 9 * *', '09:30', 60, undefined],
    ['61 9 * * *', '09:30', 60, undefined],
    ['0 9 * * funday', '09:30', 60, undefined],
  ])('%s seen at %s within %i minutes: %s', (schedule, time, minutes, due) => {
    expect(wasDueWithin(schedule, minutes, monday(time), 'UTC')).toBe(due)
  })

  test('in the zone of the window', () => {
    expect(wasDueWithin('0 9 * * *', 60, monday('08:30'), 'Europe/Berlin')).toBe(true)
    expect(wasDueWithin('0 9 * * *', 60, monday('09:30'), 'Europe/Berlin')).toBe(false)
    expect(wasDueWithin('0 9 * * *', 60, monday('09:30'), 'Mars/Olympus')).toBeUndefined()
  })
})
