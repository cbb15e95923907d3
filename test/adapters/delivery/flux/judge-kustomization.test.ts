import { describe, expect, test } from 'vitest'
import { type FluxRead, judgeKustomization } from '../../../../src/adapters/delivery/flux/judge-kustomization.ts'
import type { Workload } from '../../../../src/adapters/delivery/workloads/workload.ts'
import {
  deadlineExceeded,
  deployment,
  failedJob,
  notAvailable,
  restartedPod,
  unread,
  waitingPod,
  condition as workloadCondition,
  workloads,
} from '../workloads/workload-objects.ts'
import {
  at,
  before,
  commit,
  condition,
  expected,
  kustomization,
  past,
  read,
  ready,
  reconciling,
  source,
  wanted,
} from './kustomization-objects.ts'

const other = commit('3')
const judge = (change: Partial<FluxRead> = {}) => judgeKustomization(read(change), expected)
const status = (change: Record<string, unknown>) => ({ kustomization: kustomization({ status: change }) })
const spec = (change: Record<string, unknown>) => ({ kustomization: kustomization({ spec: change }) })

const timedOut =
  "health check failed after 30.06s: timeout waiting for: [Deployment/api-staging/api status: 'InProgress']"
const notReady = "dependency 'flux-system/db' revision is not up to date"
const stalledResources =
  "health check failed after 738ms: failed early due to stalled resources: [Deployment/api-staging/api status: 'Failed']"
const api = { kind: 'Deployment', namespace: 'api-staging', name: 'api' }

/** A finished attempt at `wanted` that failed; `before` is what was applied last. */
const failedAttempt = (reason: string, message: string) =>
  status({
    lastAppliedRevision: at(before),
    conditions: [ready('False', reason, message), reconciling('ProgressingWithRetry', message)],
    history: [past(reason, wanted), past('ReconciliationSucceeded', before)],
  })

const trying = { lastAppliedRevision: at(before), conditions: [ready('Unknown', 'Progressing'), reconciling()] }

describe('T46 T64 whatever is not our overlay says nothing', () => {
  test.each<[string, Partial<FluxRead>, string]>([
    ['there is no Kustomization', { kustomization: undefined }, 'flux.missing'],
    ['it is garbage', { kustomization: { metadata: { name: 'api' }, spec: 7 } }, 'flux.malformed'],
    ['conditions that are no list', status({ conditions: 'healthy' }), 'flux.malformed'],
    [
      'it is being deleted',
      { kustomization: kustomization({ metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } }) },
      'flux.being-deleted',
    ],
    ['its GitRepository is missing', { gitRepositories: new Map() }, 'flux.source-missing'],
    ['its source is a bucket', spec({ sourceRef: { kind: 'Bucket', name: 'config' } }), 'flux.source-not-git'],
    [
      'its GitRepository is another one',
      source({ spec: { url: 'https://forge.example/evil/config' } }),
      'flux.not-ours',
    ],
    ['another host', source({ spec: { url: 'https://forge.example.evil/acme/config' } }), 'flux.not-ours'],
    ['another branch', source({ spec: { ref: { branch: 'next' } } }), 'flux.not-ours'],
    ['no branch, which means master', source({ spec: { ref: {} } }), 'flux.not-ours'],
    ['a pinned commit', source({ spec: { ref: { branch: 'main', commit: before } } }), 'flux.not-ours'],
    ['a tag', source({ spec: { ref: { tag: 'v1' } } }), 'flux.not-ours'],
    ['another branch by its full name', source({ spec: { ref: { name: 'refs/heads/next' } } }), 'flux.not-ours'],
    ['a tag by the name of our branch', source({ spec: { ref: { name: 'refs/tags/main' } } }), 'flux.not-ours'],
    ['the name of a pull request', source({ spec: { ref: { name: 'refs/pull/7/head' } } }), 'flux.not-ours'],
    [
      'a commit beside the name of our branch',
      source({ spec: { ref: { name: 'refs/heads/main', commit: before } } }),
      'flux.not-ours',
    ],
    [
      'what it applied came from a tag of the name of our branch',
      status({ lastAppliedRevision: `refs/tags/main@sha1:${wanted}` }),
      'flux.not-ours',
    ],
    ['another folder', spec({ path: './apps/api/overlays/production' }), 'flux.not-ours'],
    ['the root', spec({ path: './' }), 'flux.not-ours'],
    [
      'what it applied came from another branch',
      status({ lastAppliedRevision: `next@sha1:${wanted}` }),
      'flux.not-ours',
    ],
    ['it replaces images', spec({ images: [{ name: 'a', newTag: 'b' }] }), 'flux.images-overridden'],
    [
      'T24 it ignores what image is there',
      spec({ ignore: [{ paths: ['/spec/replicas', '/spec/template/spec/containers/0/image'] }] }),
      'flux.images-ignored',
    ],
    ['T24 it ignores a whole template', spec({ ignore: [{ paths: ['/spec/template'] }] }), 'flux.images-ignored'],
    ['T24 it patches the overlay', spec({ patches: [{ patch: 'kind: Deployment' }] }), 'flux.patched'],
    [
      'T24 its source includes another',
      source({ spec: { include: [{ repository: { name: 'other' }, toPath: 'apps/api' }] } }),
      'flux.source-included',
    ],
    ['T24 it adds components', spec({ components: ['../../components/debug'] }), 'flux.patched'],
  ])('%s', (_, change, reason) => {
    expect(judge(change)).toMatchObject({ is: 'unknown', reason })
  })

  test.each([
    'https://forge.example/acme/config',
    'https://forge.example/acme/config.git',
    'https://FORGE.example/acme/config/',
    'https://bot@forge.example/acme/config',
    'ssh://git@forge.example/acme/config.git',
    'ssh://git@forge.example:2222/acme/config',
    'git@forge.example:acme/config.git',
    'git@forge.example:/acme/config.git',
    'https://forge.example//acme/config',
    'https://forge.example/Acme/CONFIG',
  ])('the address %s is ours', (url) => {
    expect(judge(source({ spec: { url } }))).toMatchObject({ is: 'healthy' })
  })

  test.each([
    ['OCIRepository', 'an OCIRepository, config; only'],
    ['ExternalArtifact', 'an ExternalArtifact, config; only'],
    ['Bucket', 'a Bucket, config; only'],
  ])('a source of kind %s is named, and not looked for in vain', (kind, words) => {
    const detail = expect.stringContaining(`its source is ${words}`)
    const sighting = judge({ ...spec({ sourceRef: { kind, name: 'config' } }), gitRepositories: new Map() })
    expect(sighting).toEqual({ is: 'unknown', reason: 'flux.source-not-git', detail })
  })

  test('what is not ours is told with what was expected', () => {
    const elsewhere = source({ spec: { url: 'https://forge.example/acme/other', ref: { branch: 'next' } } })
    const applied = kustomization({ spec: { path: './' }, status: { lastAppliedRevision: `old@sha1:${wanted}` } })
    expect(judge({ ...elsewhere, kustomization: applied })).toMatchObject({
      detail: [
        'it follows https://forge.example/acme/other, not https://forge.example/acme/config',
        'it follows the branch next, not main',
        'it applies the folder ./, not apps/api/overlays/staging',
        'what it applied came from old, not from main',
      ].join('; '),
    })
    expect(judge(source({ spec: { ref: { tag: 'v1' } } }))).toMatchObject({
      detail: 'its GitRepository is pinned to v1 and does not follow the branch main',
    })
  })

  test.each([
    { name: 'refs/heads/main' },
    { name: 'refs/heads/main', branch: 'next', tag: 'v1', semver: '1.x' },
    { branch: 'main', name: '', tag: '', commit: '' },
  ])('so is the branch where the source names it as %o', (ref) => {
    const revision = `${ref.name || 'main'}@sha1:${wanted}`
    const applied = status({ lastAppliedRevision: revision, lastAttemptedRevision: revision })
    expect(judge({ ...applied, ...source({ spec: { ref } }) })).toMatchObject({ is: 'healthy', revision: wanted })
  })
})

describe('what waits for a person', () => {
  test.each<[string, Partial<FluxRead>, string]>([
    ['suspended', spec({ suspend: true }), 'flux.suspended'],
    [
      'suspended after a failure',
      {
        kustomization: {
          ...failedAttempt('HealthCheckFailed', timedOut).kustomization,
          spec: { ...kustomization().spec, suspend: true },
        },
      },
      'flux.suspended',
    ],
    [
      'its own spec is at fault, so that Flux gets as far as no commit',
      status({
        conditions: [
          ready('False', 'InvalidCELExpression', 'Reconciliation failed terminally: failed to parse expression'),
          condition('Stalled', 'True', 'InvalidCELExpression'),
        ],
      }),
      'flux.stalled',
    ],
    [
      'the same before anything was ever attempted',
      status({
        conditions: [ready('False', 'AccessDenied'), condition('Stalled', 'True', 'AccessDenied')],
        ...{ lastAppliedRevision: undefined, lastAttemptedRevision: undefined, history: [] },
      }),
      'flux.stalled',
    ],
  ])('%s', (_, change, reason) => {
    expect(judge(change)).toMatchObject({ is: 'waiting', reason })
  })
})

describe('healthy is proven for the applied commit', () => {
  test('at the commit that was applied', () => {
    expect(judge()).toEqual({ is: 'healthy', revision: wanted, since: Date.parse('2026-03-01T09:00:00Z') })
  })

  test('since the last thing that was recorded between', () => {
    const history = [
      past('ReconciliationSucceeded', wanted),
      past('HealthCheckFailed', wanted, { last: '2026-03-01T09:30:00Z' }),
    ]
    expect(judge(status({ history }))).toMatchObject({ since: Date.parse('2026-03-01T09:30:00Z') })
  })

  test('without a history since Ready turned', () => {
    expect(judge(status({ history: undefined }))).toMatchObject({ since: Date.parse('2026-03-01T10:00:00Z') })
  })

  test('also where others may write replicas', () => {
    const replicas = { paths: ['/spec/replicas'], target: { kind: 'Deployment' } }
    expect(judge(spec({ ignore: [replicas] }))).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test('also where the source cannot be fetched any more: what runs, runs', () => {
    const away = source({ status: { conditions: [condition('Ready', 'False', 'GitOperationFailed', 'timeout')] } })
    expect(judge(away)).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test.each<[string, Partial<FluxRead>, object]>([
    [
      'the spec is newer than the status',
      { kustomization: kustomization({ metadata: { generation: 4 } }) },
      { is: 'progressing', reason: 'flux.spec-not-observed' },
    ],
    [
      'the condition is of an older spec',
      status({ conditions: [ready('True', 'ReconciliationSucceeded', '', 2)] }),
      { is: 'progressing', reason: 'flux.spec-not-observed' },
    ],
    [
      'it is reconciling although Ready',
      status({ conditions: [ready('True', 'ReconciliationSucceeded'), reconciling()] }),
      { is: 'progressing', reason: 'flux.rechecking' },
    ],
    [
      'the revision is an OCI digest',
      status({ lastAppliedRevision: `latest@sha256:${'a'.repeat(64)}x` }),
      { is: 'unknown', reason: 'flux.revision-unreadable' },
    ],
    [
      'the revision is cut off',
      status({ lastAppliedRevision: 'main@sha1:abc' }),
      { is: 'unknown', reason: 'flux.revision-unreadable' },
    ],
    [
      'Ready for a reason that nobody knows',
      status({ conditions: [ready('True', 'Fine')] }),
      { is: 'unknown', reason: 'flux.outcome-not-known' },
    ],
    [
      'not Ready for a reason that nobody knows',
      status({ conditions: [ready('False', 'Tired')] }),
      { is: 'unknown', reason: 'flux.outcome-not-known' },
    ],
    ['nothing is said yet', status({ conditions: [], history: [] }), { is: 'progressing', reason: 'flux.not-started' }],
  ])('not where %s', (_, change, sighting) => {
    expect(judge(change)).toMatchObject(sighting)
  })
})

describe('a failure is proven for the attempted commit', () => {
  test.each<[string, string, string]>([
    ['HealthCheckFailed', timedOut, 'flux.health-check-failed'],
    ['BuildFailed', 'kustomize build failed: accumulating resources', 'flux.build-failed'],
    ['ReconciliationFailed', 'Deployment/api-staging/api dry-run failed: Invalid', 'flux.apply-failed'],
    ['PruneFailed', 'denied', 'flux.prune-failed'],
  ])('%s', (reason, message, code) => {
    const sighting = judge(failedAttempt(reason, message))
    expect(sighting).toMatchObject({ is: 'failed', revision: wanted, reason: code, final: false })
    expect(sighting).not.toHaveProperty('infrastructure')
  })

  test('also when the Kustomization never was ready, so that no generation was observed', () => {
    const never = { ...failedAttempt('HealthCheckFailed', timedOut).kustomization }
    const change = { ...never, status: { ...never.status, observedGeneration: -1, lastAppliedRevision: undefined } }
    expect(judge({ kustomization: change })).toMatchObject({ is: 'failed', revision: wanted })
  })

  test('it stays so while Flux tries the same commit again', () => {
    const history = [past('HealthCheckFailed', wanted), past('ReconciliationSucceeded', before)]
    expect(judge(status({ ...trying, history }))).toMatchObject({ is: 'failed', revision: wanted, final: false })
  })

  test('while it tries another commit, what failed before is said of the commit at which it failed', () => {
    const history = [past('HealthCheckFailed', other), past('ReconciliationSucceeded', before)]
    expect(judge(status({ ...trying, history }))).toMatchObject({
      is: 'progressing',
      revision: before,
      reason: 'flux.reconciling',
      attempt: { revision: wanted, after: { is: 'failed', revision: other, reason: 'flux.health-check-failed' } },
    })
  })

  test.each([
    ['where what it tried before went well', [past('ReconciliationSucceeded', before)], { after: { is: 'success' } }],
    ['where nothing tells how that ended', [], {}],
  ])('it tells which commit it tries, %s', (_, history, more) => {
    const sighting = judge(status({ ...trying, history }))
    expect(sighting).toMatchObject({ is: 'progressing', revision: before, attempt: { revision: wanted, ...more } })
    if (history.length === 0) expect(sighting).not.toHaveProperty('attempt.after')
  })

  test('names what Flux names where pods cannot be read', () => {
    expect(judge(failedAttempt('HealthCheckFailed', timedOut))).toMatchObject({ objects: [api] })
  })

  test('names the workloads that are not rolled out where they can be read', () => {
    const seen = workloads({ workloads: [deployment(notAvailable), deployment(notAvailable, 'stranger')] })
    expect(judge({ ...failedAttempt('HealthCheckFailed', timedOut), workloads: seen })).toMatchObject({
      objects: [api],
      detail: expect.stringContaining('Deployment api-staging/api: 0 of 2 replicas are available'),
    })
  })

  test('it may heal where a Deployment is over its progress deadline, which is what Flux calls stalled', () => {
    const seen = workloads({ workloads: [deployment(deadlineExceeded)] })
    const said = failedAttempt('HealthCheckFailed', stalledResources)
    expect(judge(said)).toMatchObject({ is: 'failed', revision: wanted, final: false, objects: [api] })
    expect(judge({ ...said, workloads: seen })).toMatchObject({ is: 'failed', final: false, objects: [api] })
  })

  test.each<[string, Partial<FluxRead>]>([
    [
      'a Job failed',
      {
        ...status({
          conditions: [ready('False', 'HealthCheckFailed', stalledResources)],
          inventory: { entries: [{ id: 'api-staging_migrate_batch_Job', v: 'v1' }] },
        }),
        workloads: workloads({ workloads: [failedJob] }),
      },
    ],
  ])('it is final where %s', (_, change) => {
    expect(judge(change)).toMatchObject({ is: 'failed', revision: wanted, final: true })
  })
})

describe('T44 a workload that people hold back', () => {
  const held = (spec: Workload['spec'] = {}, name = 'api') => ({
    ...deployment({ updatedReplicas: 0 }, name),
    spec: { replicas: 2, paused: true, ...spec },
  })
  const paused = workloads({ workloads: [held()] })
  const waits = {
    is: 'waiting',
    reason: 'flux.workload-paused',
    detail: 'Deployment api-staging/api: it is paused; somebody has to resume it',
  }

  test.each<[string, Partial<FluxRead>]>([
    ['whose health check failed', failedAttempt('HealthCheckFailed', timedOut)],
    ['that it tries again', status({ ...trying, history: [past('HealthCheckFailed', wanted)] })],
    ['that it waits for', status(trying)],
    ['that it does not look at', spec({ wait: false })],
  ])('is no failure of what Flux brought, and waits for them: %s', (_, change) => {
    expect(judge({ ...change, workloads: paused })).toMatchObject(waits)
  })

  test('is not what fails where something else does, nor where Flux did not get as far', () => {
    const web = { kind: 'Deployment', namespace: 'api-staging', name: 'web' }
    const inventory = {
      entries: ['api', 'web'].map((name) => ({ id: `api-staging_${name}_apps_Deployment`, v: 'v1' })),
    }
    const both = failedAttempt('HealthCheckFailed', timedOut).kustomization
    const seen = workloads({ workloads: [held(), deployment(notAvailable, 'web')] })
    const two = { ...both, status: { ...(both['status'] as object), inventory } }
    expect(judge({ kustomization: two, workloads: seen })).toMatchObject({ is: 'failed', objects: [web] })
    const other = timedOut.replace(']', ", HelmRelease/api-staging/redis status: 'InProgress']")
    const redis = { kind: 'HelmRelease', namespace: 'api-staging', name: 'redis' }
    expect(judge({ ...failedAttempt('HealthCheckFailed', other), workloads: paused })).toMatchObject({
      is: 'failed',
      objects: [redis],
    })
    expect(judge({ ...failedAttempt('ReconciliationFailed', 'denied'), workloads: paused })).toMatchObject({
      is: 'failed',
    })
  })

  test('has failed where it was over its deadline before it was paused', () => {
    const late = { ...deployment({ ...deadlineExceeded, updatedReplicas: 1 }), spec: { replicas: 2, paused: true } }
    const seen = workloads({ workloads: [late] })
    expect(judge({ ...failedAttempt('HealthCheckFailed', timedOut), workloads: seen })).toMatchObject({
      is: 'failed',
      objects: [api],
    })
  })

  test('says nothing where it is rolled out all the same', () => {
    const all = { ...deployment(), spec: { replicas: 2, paused: true } }
    expect(judge({ workloads: workloads({ workloads: [all] }) }).is).toBe('healthy')
  })

  test('by OnDelete is well, and waits where Flux waits for it', () => {
    const agent: Workload = {
      ...deployment(),
      kind: 'DaemonSet',
      spec: { updateStrategy: { type: 'OnDelete' } },
      status: {
        ...{ observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 1 },
        ...{ numberReady: 3, numberAvailable: 3 },
      },
    }
    const inventory = { entries: [{ id: 'api-staging_api_apps_DaemonSet', v: 'v1' }] }
    const seen = workloads({ workloads: [agent] })
    const unchecked = kustomization({ spec: { wait: false }, status: { inventory } })
    expect(judge({ kustomization: unchecked, workloads: seen })).toMatchObject({ is: 'healthy' })
    const said = failedAttempt('HealthCheckFailed', timedOut.replace('Deployment', 'DaemonSet')).kustomization
    const waitedFor = { ...said, status: { ...(said['status'] as object), inventory } }
    expect(judge({ kustomization: waitedFor, workloads: seen })).toMatchObject({
      is: 'waiting',
      detail: expect.stringContaining('1 of 3 pods are updated; the others follow once somebody deletes them'),
    })
  })
})

describe('T44 T65 what is not the release’s fault is said to be infrastructure, or no failure at all', () => {
  test.each<[string, Partial<FluxRead>, RegExp]>([
    [
      'what failed is not tried again, for a dependency is not ready',
      status({
        lastAppliedRevision: at(before),
        conditions: [ready('False', 'DependencyNotReady', notReady), reconciling('ProgressingWithRetry', notReady)],
        history: [past('HealthCheckFailed', wanted), past('ReconciliationSucceeded', before)],
      }),
      /depends on/,
    ],
    [
      'nor is it where the repository cannot be fetched',
      status({
        lastAppliedRevision: at(before),
        conditions: [ready('False', 'ArtifactFailed', 'connection refused'), reconciling('ProgressingWithRetry')],
        history: [past('HealthCheckFailed', wanted), past('ReconciliationSucceeded', before)],
      }),
      /cannot fetch/,
    ],
    [
      'a webhook is down',
      failedAttempt(
        'ReconciliationFailed',
        'Internal error occurred: failed calling webhook "x": no endpoints available',
      ),
      /webhook/,
    ],
    ['a quota is used up', failedAttempt('ReconciliationFailed', 'forbidden: exceeded quota: compute'), /quota/],
    [
      'the registry is away',
      {
        ...failedAttempt('HealthCheckFailed', timedOut),
        workloads: workloads({
          workloads: [deployment(notAvailable)],
          pods: [waitingPod('ErrImagePull', 'dial tcp 10.0.0.7:443: connect: connection refused')],
        }),
      },
      /image pull/,
    ],
  ])('%s', (_, change, infrastructure) => {
    expect(judge(change)).toMatchObject({ is: 'failed', infrastructure: expect.stringMatching(infrastructure) })
  })

  test('pods cannot be read, and so whose fault it is', () => {
    const why = /^pods of api-staging cannot be read: GET \/x: 500/
    const blind = { infrastructure: expect.stringMatching(why), detail: expect.stringMatching(why), objects: [api] }
    const hidden = { unread: [unread('v1/pods')] }
    const said = failedAttempt('HealthCheckFailed', timedOut)
    for (const seen of [hidden, { ...hidden, workloads: [deployment(notAvailable)] }])
      expect(judge({ ...said, workloads: workloads(seen) })).toMatchObject({ is: 'failed', ...blind })
    const built = judge({ ...failedAttempt('BuildFailed', 'kustomize build failed'), workloads: workloads(hidden) })
    expect(built).toMatchObject({ is: 'failed', objects: [] })
    expect(built, 'an overlay that cannot be built has no pods').not.toHaveProperty('infrastructure')
  })

  test('the source cannot be fetched', () => {
    const change = status({
      lastAppliedRevision: at(before),
      conditions: [ready('False', 'ArtifactFailed', 'Source artifact not found, retrying in 30s')],
    })
    expect(judge(change)).toMatchObject({
      is: 'progressing',
      revision: before,
      reason: 'flux.source-not-fetched',
      halted: { reason: 'flux.source-not-fetched', detail: 'Source artifact not found, retrying in 30s' },
    })
  })

  test('the source cannot be fetched any more: what is applied is judged on, and nothing newer can come', () => {
    const words = "failed to checkout and determine revision: unable to list remote for 'https://forge.example'"
    const unfetched = source({
      status: {
        conditions: [
          condition('Ready', 'False', 'GitOperationFailed', words, 1),
          condition('FetchFailed', 'True', 'GitOperationFailed', words, 1),
        ],
      },
    })
    const halted = { reason: 'flux.source-not-fetched', detail: words }
    expect(judge(unfetched)).toMatchObject({ is: 'healthy', revision: wanted, halted })
    expect(judge({ ...status(trying), ...unfetched })).toMatchObject({ is: 'progressing', revision: before, halted })
    expect(judge({ ...failedAttempt('HealthCheckFailed', timedOut), ...unfetched })).toMatchObject({
      is: 'failed',
      revision: wanted,
      halted,
    })
    expect(judge()).not.toHaveProperty('halted')
  })

  test('the source is suspended: what is applied is judged on, and no release is to blame that nothing newer comes', () => {
    const frozen = source({ spec: { suspend: true } })
    const words = 'its GitRepository is suspended; somebody has to resume it'
    const halted = { reason: 'flux.source-suspended', detail: words, isForPeople: true }
    expect(judge(frozen)).toMatchObject({ is: 'healthy', revision: wanted, halted })
    const never = status({
      lastAppliedRevision: undefined,
      lastAttemptedRevision: undefined,
      conditions: [],
      history: [],
    })
    expect(judge({ ...never, ...frozen })).toMatchObject({ is: 'progressing', reason: 'flux.not-started', halted })
    for (const [change, is] of [
      [failedAttempt('HealthCheckFailed', timedOut), 'failed'],
      [status(trying), 'progressing'],
    ] as const)
      expect(judge({ ...change, ...frozen })).toMatchObject({ is, halted, infrastructure: words })
    const crashes = workloads({ workloads: [deployment(notAvailable)], pods: [waitingPod('CrashLoopBackOff')] })
    expect(judge({ ...frozen, workloads: crashes })).toMatchObject({ reason: 'flux.workload-crashing', halted })
    expect(judge({ ...spec({ suspend: true }), ...frozen })).toMatchObject({ is: 'waiting', reason: 'flux.suspended' })
  })

  test.each<[string, Partial<FluxRead>, object]>([
    [
      'Flux waits for a dependency',
      status({ conditions: [ready('False', 'DependencyNotReady', notReady), reconciling('ProgressingWithRetry')] }),
      { halted: { reason: 'flux.dependency-not-ready', detail: notReady } },
    ],
    [
      'Flux cannot get at the artifact',
      status({ conditions: [ready('False', 'ArtifactFailed', 'refused'), reconciling('ProgressingWithRetry')] }),
      { halted: { reason: 'flux.source-not-fetched', detail: 'refused' } },
    ],
    [
      'Flux begins to fetch',
      status({ conditions: [ready('Unknown', 'Progressing'), reconciling('Progressing', 'Fetching manifests for')] }),
      {},
    ],
  ])('before it looks again its last word stands: %s', (_, change, more) => {
    expect(judge(change)).toEqual({ is: 'healthy', revision: wanted, since: expect.any(Number), ...more })
    const crashes = workloads({ workloads: [deployment(notAvailable)], pods: [waitingPod('CrashLoopBackOff')] })
    expect(judge({ ...change, workloads: crashes })).toMatchObject({ reason: 'flux.workload-crashing' })
  })

  test('while nobody else looks, its workloads are judged', () => {
    const held = { conditions: [ready('False', 'DependencyNotReady', notReady)] }
    expect(judge({ ...status(held), workloads: workloads({ workloads: [deployment(notAvailable)] }) })).toMatchObject({
      is: 'progressing',
      reason: 'flux.workload-progressing',
      objects: [api],
    })
  })

  test('a dependency is not ready before the first attempt at a commit: the one that runs is not blamed', () => {
    const change = status({
      lastAppliedRevision: at(before),
      lastAttemptedRevision: at(other),
      conditions: [ready('False', 'DependencyNotReady', notReady)],
      history: [past('ReconciliationSucceeded', before)],
    })
    expect(judge(change)).toMatchObject({
      is: 'progressing',
      reason: 'flux.dependency-not-ready',
      halted: { reason: 'flux.dependency-not-ready', detail: notReady },
      infrastructure: expect.stringContaining('depends on'),
    })
  })

  test('the health check was given up for a newer commit', () => {
    expect(judge(failedAttempt('HealthCheckCanceled', 'New reconciliation triggered'))).toMatchObject({
      is: 'progressing',
      reason: 'flux.health-check-cancelled',
    })
  })
})

describe('a Kustomization that does not check health', () => {
  const unchecked = spec({ wait: false })

  test('is unknown where its workloads were not read', () => {
    expect(judge(unchecked)).toMatchObject({ is: 'unknown', reason: 'flux.not-health-checked' })
  })

  test('is unknown where one of them may not be read', () => {
    const seen = workloads({ workloads: [deployment({}, 'other')] })
    expect(judge({ ...unchecked, workloads: seen })).toMatchObject({ is: 'unknown', reason: 'flux.not-health-checked' })
  })

  test('is unknown where it applied none, since nothing would ever fail', () => {
    const change = kustomization({ spec: { wait: false }, status: { inventory: { entries: [] } } })
    expect(judge({ kustomization: change, workloads: workloads({}) })).toMatchObject({
      is: 'unknown',
      reason: 'flux.not-health-checked',
    })
  })

  test('is judged by them', () => {
    expect(judge({ ...unchecked, workloads: workloads({ workloads: [deployment()] }) })).toMatchObject({
      is: 'healthy',
    })
    expect(judge({ ...unchecked, workloads: workloads({ workloads: [deployment(notAvailable)] }) })).toMatchObject({
      is: 'progressing',
      reason: 'flux.workload-progressing',
      objects: [api],
    })
    expect(judge({ ...unchecked, workloads: workloads({ workloads: [deployment(deadlineExceeded)] }) })).toMatchObject({
      is: 'failed',
      reason: 'flux.workload-failed',
      final: false,
      objects: [api],
    })
  })

  const deployments = (...names: readonly string[]) =>
    names.map((name) => ({ id: `api-staging_${name}_apps_Deployment`, v: 'v1' }))
  const checkOf = (name: string, more: object = {}) => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'api-staging', name },
    ...more,
  })

  test('counts as checked where its list of health checks names all of them', () => {
    for (const check of [checkOf('api'), checkOf('api', { apiVersion: undefined })])
      expect(judge(spec({ wait: false, healthChecks: [check] }))).toMatchObject({ is: 'healthy' })
  })

  test.each([
    ['another name', checkOf('web')],
    ['another namespace', checkOf('api', { namespace: 'web' })],
    ['no namespace, in which Flux finds none', checkOf('api', { namespace: undefined })],
    ['another kind of that name', checkOf('api', { kind: 'StatefulSet' })],
    ['another API', checkOf('api', { apiVersion: 'apps.example/v1' })],
  ])('is unknown where its list names none of them, but %s', (_, check) => {
    const change = spec({ wait: false, healthChecks: [check] })
    expect(judge(change)).toMatchObject({ is: 'unknown', reason: 'flux.not-health-checked' })
    expect(judge({ ...change, workloads: workloads({ workloads: [deployment()] }) })).toMatchObject({ is: 'healthy' })
  })

  test('is unknown where its list is of other things than it applied, and it applied no workload', () => {
    const objects = { spec: { wait: false, healthChecks: [checkOf('api')] }, status: { inventory: { entries: [] } } }
    expect(judge({ kustomization: kustomization(objects), workloads: workloads({}) })).toMatchObject({
      is: 'unknown',
      reason: 'flux.not-health-checked',
    })
  })

  const applied = (...ids: readonly string[]) => ({ inventory: { entries: ids.map((id) => ({ id, v: 'v1' })) } })
  const redis = 'api-staging_redis_helm.toolkit.fluxcd.io_HelmRelease'
  const canary = 'api-staging_api_flagger.app_Canary'
  const isWell = workloads({ workloads: [deployment()] })

  test.each([
    [[redis], 'HelmRelease api-staging/redis is not health checked: set `wait: true` or healthChecks'],
    [
      [redis, 'api-staging_web_argoproj.io_Workflow', '_db_crd.example_Database'],
      'HelmRelease api-staging/redis, Workflow api-staging/web and 1 more are not health checked: set `wait: true` or healthChecks',
    ],
    [['api-staging_train_batch.volcano.sh_Job'], 'Job api-staging/train is not health checked: '],
    [[canary], 'Canary api-staging/api is called well by Flux whatever happens: set healthCheckExprs for that kind'],
  ])('a Deployment that is well does not vouch for %o beside it', (others, detail) => {
    const change = { spec: { wait: false }, status: applied('api-staging_api_apps_Deployment', ...others) }
    expect(judge({ kustomization: kustomization(change), workloads: isWell })).toEqual({
      is: 'unknown',
      reason: 'flux.not-health-checked',
      detail: expect.stringContaining(detail),
    })
    const seen = workloads({ workloads: [deployment(deadlineExceeded)] })
    expect(judge({ kustomization: kustomization(change), workloads: seen })).toMatchObject({ is: 'failed' })
  })

  test('names what needs health where nothing else was applied, and says so where that is nothing', () => {
    const only = (...ids: readonly string[]) =>
      judge({ kustomization: kustomization({ spec: { wait: false }, status: applied(...ids) }) })
    expect(only(redis, 'api-staging_api__Service')).toMatchObject({ detail: expect.stringMatching(/^HelmRelease /) })
    expect(only('api-staging_api__ConfigMap')).toMatchObject({ detail: expect.stringMatching(/^neither `wait: true`/) })
  })

  test('names what is gone, and how a Job that deletes itself is judged', () => {
    const ids = ['api-staging_api_apps_Deployment', 'api-staging_migrate_batch_Job', 'api-staging_db_apps_StatefulSet']
    const change = kustomization({ spec: { wait: false }, status: applied(...ids) })
    expect(judge({ kustomization: change, workloads: isWell })).toEqual({
      is: 'unknown',
      reason: 'flux.not-health-checked',
      detail: [
        'Job api-staging/migrate is not there any more, as after ttlSecondsAfterFinished: ',
        'set `wait: true`, by which Flux takes it for done; StatefulSet api-staging/db is not there',
      ].join(''),
    })
  })

  test('says what could not be read of them', () => {
    const seen = workloads({ unread: [unread('apps/v1/deployments')] })
    expect(judge({ ...unchecked, workloads: seen })).toMatchObject({
      is: 'unknown',
      detail: expect.stringMatching(
        /^Deployment api-staging\/api is not .*, for deployments of api-staging cannot be read: GET/,
      ),
    })
  })

  test('whose list names them is well', () => {
    const named = {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      namespace: 'api-staging',
      name: 'redis',
    }
    const change = { spec: { wait: false, healthChecks: [named] }, status: applied(redis) }
    expect(judge({ kustomization: kustomization(change) })).toMatchObject({ is: 'healthy' })
  })

  test('T45 a Canary is called well by `wait` only where an expression says what that is', () => {
    const withCanary = (change: Record<string, unknown>) => ({
      kustomization: kustomization({ spec: change, status: applied('api-staging_api_apps_Deployment', canary) }),
      workloads: isWell,
    })
    const check = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', current: 'status.phase == "Succeeded"' }
    const named = { ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary' }, namespace: 'api-staging', name: 'api' }
    const unseen = { is: 'unknown', reason: 'flux.not-health-checked' }
    expect(judge(withCanary({}))).toMatchObject(unseen)
    expect(judge(withCanary({ healthCheckExprs: [{ ...check, kind: 'MetricTemplate' }] }))).toMatchObject(unseen)
    expect(judge(withCanary({ wait: false, healthChecks: [named] }))).toMatchObject(unseen)
    expect(judge(withCanary({ wait: false, healthCheckExprs: [check] }))).toMatchObject(unseen)
    for (const known of [
      { healthCheckExprs: [check] },
      { healthCheckExprs: [{ ...check, kind: undefined }] },
      { wait: false, healthChecks: [named], healthCheckExprs: [check] },
    ])
      expect(judge(withCanary(known))).toMatchObject({ is: 'healthy' })
  })

  describe('but for some objects', () => {
    const some = {
      kustomization: kustomization({
        spec: { wait: false, healthChecks: [checkOf('api')] },
        status: { inventory: { entries: [...deployments('api', 'worker'), { id: 'api-staging_migrate_batch_Job' }] } },
      }),
    }
    const worker = { kind: 'Deployment', namespace: 'api-staging', name: 'worker' }
    const done: Workload = { ...failedJob, status: { conditions: [workloadCondition('Complete', 'True')] } }

    test('asks for the others before it calls them well', () => {
      expect(judge(some)).toMatchObject({ is: 'unknown', reason: 'flux.not-health-checked' })
      const all = workloads({ workloads: [deployment({}, 'worker'), done] })
      expect(judge({ ...some, workloads: all })).toMatchObject({ is: 'healthy' })
    })

    test.each<[string, Workload[], object]>([
      [
        'over its deadline',
        [deployment(deadlineExceeded, 'worker'), done],
        { is: 'failed', reason: 'flux.workload-failed', final: false, objects: [worker] },
      ],
      [
        'not rolled out yet',
        [deployment(notAvailable, 'worker'), done],
        { is: 'progressing', reason: 'flux.workload-progressing', objects: [worker] },
      ],
      ['a failed Job', [deployment({}, 'worker'), failedJob], { is: 'failed', final: true }],
      ['gone', [deployment({}, 'worker')], { is: 'unknown', reason: 'flux.not-health-checked' }],
    ])('does not vouch for the others: one is %s', (_, others, sighting) => {
      // What Flux looks at is scaled meanwhile: that is for Flux to say, and nobody’s fault.
      const seen = workloads({ workloads: [deployment(notAvailable), ...others] })
      expect(judge({ ...some, workloads: seen })).toMatchObject(sighting)
    })
  })
})

describe('T24 what somebody told Flux in the cluster to leave alone', () => {
  const marked = (words: object, one: Workload = deployment()): Workload => ({
    ...one,
    metadata: { ...one.metadata, ...words },
  })
  const disabled = { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } }

  test.each<[string, object]>([
    ['reconcile: disabled', disabled],
    ['reconcile: disabled', { labels: { 'kustomize.toolkit.fluxcd.io/reconcile': 'Disabled' } }],
    ['ssa: ignore', { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' } }],
  ])('is not what was promoted, whatever Flux says: somebody has to lift %s', (words, metadata) => {
    expect(judge({ workloads: workloads({ workloads: [marked(metadata)] }) })).toEqual({
      is: 'waiting',
      revision: wanted,
      reason: 'flux.left-alone',
      detail: expect.stringContaining(`: Deployment api-staging/api (kustomize.toolkit.fluxcd.io/${words})`),
    })
  })

  test.each<[string, object]>([
    ['labels', { labels: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } }],
    ['annotations', { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } }],
  ])('T24 is all that the Kustomization itself gives such a word by its common %s', (_, commonMetadata) => {
    const change = spec({ commonMetadata })
    expect(judge(change)).toMatchObject({ is: 'waiting', reason: 'flux.left-alone' })
    expect(judge(spec({ commonMetadata: { labels: { team: 'shop' } } }))).toMatchObject({ is: 'healthy' })
  })

  test.each<[string, object]>([
    ['that it is to be merged', { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'merge' } }],
    ['that it stays when Git no longer has it', { labels: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } }],
    ['a word that counts in Git only', { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } }],
  ])('is not meant by %s', (_, metadata) => {
    expect(judge({ workloads: workloads({ workloads: [marked(metadata)] }) })).toMatchObject({ is: 'healthy' })
  })

  test('crashes without a fault of the release, and hides no failure of another', () => {
    const change = kustomization({
      spec: { wait: false },
      status: {
        inventory: { entries: ['api', 'worker'].map((name) => ({ id: `api-staging_${name}_apps_Deployment` })) },
      },
    })
    const frozen = marked(disabled, deployment(deadlineExceeded))
    const pods = [waitingPod('CrashLoopBackOff')]
    const seen = (worker: Workload) => workloads({ workloads: [frozen, worker], pods })
    expect(judge({ kustomization: change, workloads: seen(deployment({}, 'worker')) })).toMatchObject({
      is: 'waiting',
      reason: 'flux.left-alone',
    })
    const failing = seen(deployment(deadlineExceeded, 'worker'))
    expect(judge({ kustomization: change, workloads: failing })).toMatchObject({
      is: 'failed',
      objects: [{ kind: 'Deployment', namespace: 'api-staging', name: 'worker' }],
    })
  })
})

/** What one after another is written while a bad commit comes, is retried, and is taken back. */
const sequence: readonly [string, Record<string, unknown>, object][] = [
  ['applied', {}, { is: 'healthy', revision: wanted }],
  [
    'the interval comes round',
    { conditions: [ready('Unknown', 'Progressing'), reconciling()] },
    { is: 'progressing', revision: wanted, reason: 'flux.rechecking', isRepeated: true },
  ],
  ['applied again', {}, { is: 'healthy', revision: wanted }],
  [
    'a new commit is fetched',
    {
      lastAttemptedRevision: at(wanted),
      conditions: [ready('Unknown', 'Progressing'), reconciling('Progressing', 'Fetching manifests')],
    },
    { is: 'healthy', revision: wanted },
  ],
  [
    'and built',
    { lastAttemptedRevision: at('3'.repeat(40)), conditions: [ready('Unknown', 'Progressing'), reconciling()] },
    { is: 'progressing', revision: wanted, reason: 'flux.reconciling' },
  ],
  [
    'and fails',
    {
      lastAttemptedRevision: at('3'.repeat(40)),
      conditions: [ready('False', 'HealthCheckFailed', timedOut), reconciling('ProgressingWithRetry')],
      history: [past('HealthCheckFailed', '3'.repeat(40)), past('ReconciliationSucceeded', wanted)],
    },
    { is: 'failed', revision: '3'.repeat(40) },
  ],
  [
    'and is tried again',
    {
      lastAttemptedRevision: at('3'.repeat(40)),
      conditions: [ready('Unknown', 'Progressing'), reconciling()],
      history: [past('HealthCheckFailed', '3'.repeat(40)), past('ReconciliationSucceeded', wanted)],
    },
    { is: 'failed', revision: '3'.repeat(40) },
  ],
  [
    'the revert is built',
    {
      lastAttemptedRevision: at('4'.repeat(40)),
      conditions: [ready('Unknown', 'Progressing'), reconciling()],
      history: [past('HealthCheckFailed', '3'.repeat(40))],
    },
    { is: 'progressing', revision: wanted },
  ],
  [
    'and applied',
    { lastAppliedRevision: at('4'.repeat(40)), lastAttemptedRevision: at('4'.repeat(40)) },
    { is: 'healthy', revision: '4'.repeat(40) },
  ],
]

describe('T45 what Flux called well at its last interval', () => {
  const crashing = workloads({ workloads: [deployment(notAvailable)], pods: [waitingPod('CrashLoopBackOff')] })

  test('crashes since: it is not healthy, and not failed by that word either', () => {
    expect(judge({ workloads: crashing })).toMatchObject({
      is: 'progressing',
      revision: wanted,
      reason: 'flux.workload-crashing',
      isCrashing: true,
      objects: [api],
    })
  })

  test('is not there in full, as while it is scaled: that is for Flux to say', () => {
    const scaling = workloads({ workloads: [deployment(notAvailable)], pods: [waitingPod('ContainerCreating')] })
    expect(judge({ workloads: scaling })).toMatchObject({ is: 'healthy' })
  })

  test('runs again: it is healthy, and when it crashed is told', () => {
    const pods = [restartedPod('2026-03-01T10:05:00Z')]
    expect(judge({ workloads: workloads({ workloads: [deployment()], pods }) })).toMatchObject({
      is: 'healthy',
      restartedAt: Date.parse('2026-03-01T10:05:00Z'),
    })
  })
})

describe('each moment of a bad release is judged for itself, so that lost and doubled events do not matter', () => {
  test.each(sequence)('%s', (_, change, sighting) => {
    expect(judge(status(change))).toMatchObject(sighting)
    expect(judge(status(change))).toEqual(judge(status(change)))
  })
})
