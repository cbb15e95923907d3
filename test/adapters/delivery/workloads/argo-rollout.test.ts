import { describe, expect, test } from 'vitest'
import { diagnose } from '../../../../src/adapters/delivery/workloads/diagnose.ts'
import { rolloutState } from '../../../../src/adapters/delivery/workloads/rollout-state.ts'
import { type ReplicaSet, type Workload, workloadSchema } from '../../../../src/adapters/delivery/workloads/workload.ts'
import { condition, replicaSet, restartedPod, unread, waitingPod, workloads } from './workload-objects.ts'

/** As Argo Rollouts 1.x writes them: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
const rollout = (status: object | undefined, change: object = {}): Workload =>
  workloadSchema.parse({
    kind: 'Rollout',
    metadata: { name: 'api', namespace: 'api-staging', uid: 'rollout-api', generation: 5, ...change },
    spec: { replicas: 2 },
    ...(status === undefined ? {} : { status: { observedGeneration: '5', readyReplicas: 2, ...status } }),
  })
const object = { kind: 'Rollout', namespace: 'api-staging', name: 'api' }

const aborted = {
  phase: 'Degraded',
  abort: true,
  message:
    'RolloutAborted: Rollout aborted update to revision 2: Metric "error-rate" assessed Failed due to failed (2) > failureLimit (1)',
  conditions: [condition('Progressing', 'False', 'RolloutAborted')],
}
const late = {
  phase: 'Degraded',
  message: 'ProgressDeadlineExceeded: ReplicaSet "api-1" has timed out progressing.',
  conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')],
}
const paused = {
  phase: 'Paused',
  message: 'CanaryPauseStep',
  controllerPause: true,
  pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-03-01T10:00:00Z' }],
}
const fromTemplate = (generation: string) => ({
  annotations: { 'rollout.argoproj.io/workload-generation': generation },
})

describe('a Rollout', () => {
  test.each<[string, Workload, ReturnType<typeof rolloutState>['is']]>([
    ['is rolled out where it is healthy', rollout({ phase: 'Healthy' }), 'current'],
    ['not while its steps go on', rollout({ phase: 'Progressing', message: 'more replicas' }), 'in-progress'],
    [
      'not while its newest spec is not observed',
      rollout({ phase: 'Healthy', observedGeneration: '4' }),
      'in-progress',
    ],
    ['where a hash says what was observed', rollout({ phase: 'Healthy', observedGeneration: '58b949649c' }), 'current'],
    [
      'not while the Deployment that it takes its template from was not looked at',
      rollout({ phase: 'Healthy', workloadObservedGeneration: '2' }, fromTemplate('3')),
      'in-progress',
    ],
    [
      'where that was looked at',
      rollout({ phase: 'Healthy', workloadObservedGeneration: '3' }, fromTemplate('3')),
      'current',
    ],
    ['not while it is paused', rollout(paused), 'in-progress'],
    ['not while it is being resumed', rollout({ ...paused, pauseConditions: null }), 'in-progress'],
    ['not without a phase', rollout({}), 'in-progress'],
    ['not with one that nobody knows', rollout({ phase: 'Dreaming' }), 'in-progress'],
    ['not without a status', rollout(undefined), 'in-progress'],
    ['failed where it was aborted', rollout(aborted), 'failed'],
    ['failed where its spec is invalid', rollout({ phase: 'Degraded', message: 'InvalidSpec: no strategy' }), 'failed'],
    ['may heal where it is over its deadline', rollout(late), 'over-deadline'],
  ])('%s', (_, one, is) => {
    expect(rolloutState(one).is).toBe(is)
  })

  test('is named, and for good, where it was aborted', () => {
    const seen = diagnose([object], workloads({ workloads: [rollout(aborted)] }))
    expect(seen).toMatchObject({ failing: [{ object, state: { why: aborted.message } }], final: true })
    expect(diagnose([object], workloads({ workloads: [rollout(late)] }))).toMatchObject({
      hasFailed: true,
      final: false,
    })
  })

  test('has not failed while it is paused, and says where', () => {
    const seen = diagnose([object], workloads({ workloads: [rollout(paused)] }))
    expect(seen).toMatchObject({
      failing: [],
      leftToPeople: [{ object, state: { leftToPeople: 'it is paused: CanaryPauseStep' } }],
    })
  })

  const own = (status?: ReplicaSet['status']): readonly ReplicaSet[] => {
    const { metadata } = replicaSet()
    const ownerReferences = [{ kind: 'Rollout', name: 'api', uid: 'rollout-api' }]
    return [{ metadata: { ...metadata, ownerReferences }, ...(status === undefined ? {} : { status }) }]
  }
  const progressing = { workloads: [rollout({ phase: 'Progressing' })], replicaSets: own() }

  test('T45 is seen to crash by the pods of its ReplicaSets', () => {
    const crashing = workloads({ ...progressing, pods: [waitingPod('CrashLoopBackOff')] })
    expect(diagnose([object], crashing)).toMatchObject({ isCrashing: true })
    const finishedAt = '2026-03-01T10:00:00Z'
    const again = workloads({ ...progressing, pods: [restartedPod(finishedAt)] })
    expect(diagnose([object], again)).toMatchObject({ restartedAt: Date.parse(finishedAt) })
  })

  test('T44 T65 waits for the machine park where these do, and where they cannot be read nobody is blamed', () => {
    const away = workloads({ ...progressing, pods: [waitingPod('ErrImagePull', 'connection refused')] })
    expect(diagnose([object], away).infrastructure).toContain('image pull')
    const full = own({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota: compute')] })
    expect(diagnose([object], workloads({ ...progressing, replicaSets: full })).infrastructure).toMatch(/quota/)
    const hidden = workloads({ ...progressing, unread: [unread('apps/v1/replicasets')] })
    expect(diagnose([object], hidden).infrastructure).toContain('replicasets of api-staging cannot be read')
  })
})
