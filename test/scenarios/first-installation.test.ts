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
