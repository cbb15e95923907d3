import { expect, test } from 'vitest'
import { firstDigest, overlayFile, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'

// Every environment holds something else, as it is where people promoted by hand.
const stage = aStage({
  applications: ['api', 'web'],
  rules: quickRules,
  files: (files) => {
    const differing = { ...files }
    for (const [environment, other] of [
      ['staging', 'a'],
      ['production', 'b'],
    ] as const)
      for (const application of ['api', 'web']) {
        const path = overlayFile(application, environment)
        differing[path] = (files[path] ?? '').replace(firstDigest(application), firstDigest(`${application} ${other}`))
      }
    return differing
  },
})

test('nothing is promoted by itself where the environments differ from the beginning; what is new is (T72)', {
  timeout: 400_000,
}, async () => {
  const { eventually, slot, pulls, bring, healthy, file } = stage()
  for (const [application, environment] of [
    ['api', 'staging'],
    ['web', 'production'],
  ] as const)
    await eventually(`${application} in ${environment} is left alone`, async () => {
      const wanted = (await slot(application, environment))?.next
      return wanted?.is === 'nothing' && wanted.reason === 'upstream.baseline'
    })
  const since = Date.now()
  await eventually('a few soaks', () => Date.now() - since > 6_000)
  expect(await pulls()).toEqual([])
  const { digest } = await bring('api', '1.1.0')
  await healthy('api', 'production', digest)
  expect(await file(overlayFile('web', 'production'))).toContain(firstDigest('web b'))
})

test('a repository that the App was taken from is no longer shown, and its failures make nobody ill', {
  timeout: 400_000,
}, async () => {
  const { eventually, forge, installation, server } = stage()
  const healthz = async () => (await fetch(`${server.url}/healthz`)).status
  const shown = async () => ((await (await fetch(`${server.url}/status`)).json()) as readonly unknown[]).length
  const refusal = forge.faults.add({ operation: 'pulls/list', kind: 'error-before', status: 403 })
  await eventually('a permission that is missing makes it ill', async () => (await healthz()) === 503)
  expect(await shown()).toBe(1)
  forge.reinstall(installation, [])
  await eventually('it is well without the repository', async () => (await healthz()) === 200)
  expect(await shown()).toBe(0)
  refusal.remove()
  forge.reinstall(installation, ['config'])
  await eventually('it is back', async () => (await shown()) === 1)
  expect(await healthz()).toBe(200)
})
