import { expect, test } from 'vitest'
import { firstDigest, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'

/** Nothing is looked at by itself for an hour. */
const anHour = 3_600_000
const stage = aStage({
  applications: ['api'],
  rules: quickRules,
  intervals: { fetchMs: anHour, reconcileMs: anHour },
  reconcileRequests: true,
})

test('I10 where Sluice may ask, its merges are fetched at once, back and forth, by one annotation for each merge', {
  timeout: 200_000,
}, async () => {
  const { bring, cluster, healthy, ours, merged, eventually } = stage()
  await healthy('api', 'production', firstDigest('api'))
  const { digest, pull } = await bring('api', '1.1.0')
  cluster.badImage(digest, 'crash', 0, 'production')
  await merged(pull)
  // What people bring is theirs to hurry: here somebody runs `flux reconcile source git config`.
  hurry()
  await healthy('api', 'dev', digest)
  await healthy('api', 'staging', digest)
  await eventually(
    'it crashes in production and is taken back',
    async () => (await ours('rollback', 'api', 'production'))[0]?.merged_at,
  )
  await healthy('api', 'production', firstDigest('api'))

  const merges = [
    ...(await ours('promote', 'api', 'staging')),
    ...(await ours('promote', 'api', 'production')),
    ...(await ours('rollback', 'api', 'production')),
  ].map(({ merge_commit_sha }) => merge_commit_sha)
  expect(merges).toHaveLength(3)
  const written = cluster.asked().filter(({ who, method }) => who === 'requester' && method !== 'GET')
  const path = '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/config?fieldManager=sluice'
  expect(written.map((one) => one.path)).toEqual(merges.map(() => path))
  expect(written.map(({ body }) => JSON.parse(body ?? '').metadata.annotations)).toEqual(
    merges.map((merge) => ({ 'reconcile.fluxcd.io/requestedAt': expect.stringMatching(new RegExp(`Z ${merge}$`)) })),
  )
})

function hurry(): void {
  const { cluster } = stage()
  const kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  const source = cluster.get(kind, 'flux-system', 'config')
  if (source === undefined) throw new Error('the stage has no GitRepository')
  const annotations = { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() }
  cluster.apply({ ...source, metadata: { ...source.metadata, annotations } })
}
