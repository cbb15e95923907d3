import { expect, test } from 'vitest'
import { applicationManifest, environments, firstDigest, overlayFile, overlayFolder, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'

const flagsIn = (environment: (typeof environments)[number]) => `${overlayFolder('shop', environment)}/flags.yaml`

// Every environment holds something else, as it is where people promoted by hand.
const stage = aStage({
  applications: ['api', 'web', 'shop'],
  rules: quickRules,
  files: (files) => {
    const differing = { ...files }
    differing['.sluice/applications.yaml'] = `${applicationManifest}  promotes: { files: [flags.yaml] }\n`
    for (const environment of environments) differing[flagsIn(environment)] = `of: ${environment}\n`
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

test('a file that upstream never held is overwritten only when somebody orders it (T72)', {
  timeout: 400_000,
}, async () => {
  const { eventually, bring, promotion, pull, say, healthy, file } = stage()
  const { digest } = await bring('shop', '1.1.0')
  const { number } = await promotion('shop', 'staging')
  const waiting = await eventually('the divergence is told', async () => {
    const { body } = await pull(number)
    return body?.includes('`state.divergence`') && body
  })
  expect(waiting).toContain('file flags.yaml')
  expect(waiting).toContain('Next: `/sluice promote staging --app shop`')
  expect(await file(flagsIn('staging'))).toBe('of: staging')

  expect((await say('ann', number, '/sluice promote staging --app shop')).reaction).toBe('rocket')
  await healthy('shop', 'staging', digest)
  expect(await file(flagsIn('staging'))).toBe('of: dev')
  expect(await file(flagsIn('production'))).toBe('of: production')
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
