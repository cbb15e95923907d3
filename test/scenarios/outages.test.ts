import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Overview } from '../../src/promotion/report/overview.ts'
import { type RunningRegistry, startRegistry } from '../../src/sandbox/registry/start-registry.ts'
import { tool } from '../tools.ts'
import { firstDigest, overlayFile, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'
import { breakableTool } from './a-tool.ts'

const kustomize = await breakableTool('kustomize')
const cosign = await breakableTool('cosign')
// Signatures are asked for on the way to staging.
const stage = aStage({
  applications: ['api', 'web', 'shop', 'cart', 'mail', 'bill'],
  rules: { production: quickRules.production },
  settings: { SLUICE_KUSTOMIZE: kustomize.path, SLUICE_COSIGN: cosign.path },
})
let registry: RunningRegistry | undefined
afterAll(async () => {
  await registry?.stop()
  kustomize.remove()
  cosign.remove()
})

const healthz = async (): Promise<number> => (await fetch(`${stage().server.url}/healthz`)).status

/** The promotion to staging, once its report gives this reason. */
async function promotionThatSays(application: string, reason: string): Promise<number> {
  const { eventually, promotion, pull } = stage()
  const { number } = await promotion(application, 'staging')
  await eventually(`#${number} says ${reason}`, async () => ((await pull(number)).body ?? '').includes(reason))
  return number
}

test('without the registry a promotion waits with the reason, a revert does not wait, and then it passes (T39, I13)', {
  timeout: 900_000,
}, async () => {
  const { bring, build, dir, eventually, file, healthy, merged, pull, say } = stage()
  const good = await bring('api', '1.1.0')
  await healthy('api', 'production', good.digest)
  const digest = await build('web', '1.1.0')
  await stage().registry.stop()
  const { pull: entry } = await bring('web', '1.1.0', { digest })
  await merged(entry)
  const number = await promotionThatSays('web', 'signature.registry-unreachable')
  expect((await pull(number)).body).toContain('`evidence.unavailable`')
  expect(await file(overlayFile('web', 'staging'))).toContain(firstDigest('web'))
  expect((await say('rita', entry, '/sluice rollback production --app api --reason "x"')).reaction).toBe('rocket')
  await eventually('it is taken back', async () =>
    (await file(overlayFile('api', 'production'))).includes(firstDigest('api')),
  )
  expect((await pull(number)).state).toBe('open')
  const port = Number(stage().registry.host.split(':')[1])
  registry = await startRegistry({ dir: join(dir, 'registry'), binary: await tool('registry'), port })
  await merged(number)
  await healthy('web', 'production', digest)
})

describe('a broken tool', { timeout: 900_000 }, () => {
  test('that verifies signatures lets nothing through, is shown to the operator, and is asked again (T30)', async () => {
    const { bring, eventually, healthy, merged, file } = stage()
    cosign.breakAs('prints rubbish')
    const { digest } = await bring('shop', '1.1.0')
    const number = await promotionThatSays('shop', 'signature.tool')
    expect(await file(overlayFile('shop', 'staging'))).toContain(firstDigest('shop'))
    await eventually('the operator is told', async () => (await healthz()) === 503)
    cosign.breakAs(null)
    await merged(number)
    await healthy('shop', 'production', digest)
    await eventually('the operator is told that it works', async () => (await healthz()) === 200)
  })

  test('that renders lets nothing through, whatever it does instead; a revert goes on, and it is asked again (T30, T22)', async () => {
    const { bring, check, eventually, file, healthy, merged, propose, pull, said, say } = stage()
    const { digest, pull: entry } = await bring('cart', '1.1.0')
    await healthy('cart', 'production', digest)
    const path = overlayFile('cart', 'production')
    const text = await file(path)
    const denied: number[] = []
    for (const [index, [way, cause]] of (
      [
        ['hangs', 'render.too-costly'],
        ['is killed', 'render.too-costly'],
        ['prints rubbish', 'render.broken-output'],
        ['prints nothing', 'render.no-output'],
        ['ends as never before', 'render.tool'],
      ] as const
    ).entries()) {
      kustomize.breakAs(way)
      const edited = text.replace('count: 1 ', `count: ${index + 2} `)
      const number = await propose('ann', `cart-while-it-${index}`, { [path]: edited })
      await eventually(`it ${way}`, async () => (await said(number)).includes(cause))
      expect(await said(number)).toContain('`render.unsupported`')
      const { head } = await pull(number)
      expect((await eventually('it has a check', () => check(head.sha))).conclusion).not.toBe('success')
      denied.push(number)
    }
    await eventually('the operator is told', async () => (await healthz()) === 503)
    await say('rita', entry, '/sluice rollback production --app cart --reason "x"')
    await eventually('it is taken back', async () => (await file(path)).includes(firstDigest('cart')))
    kustomize.breakAs(null)
    for (const number of denied.slice(0, -1)) await stage().people.ann.closePull('acme/config', number)
    const last = denied.at(-1) ?? 0
    await eventually('it is rendered after all', async () => !(await said(last)).includes('`render.unsupported`'))
    expect((await say('ann', last, '/sluice merge')).reaction).toBe('rocket')
    await merged(last)
    await eventually('the operator is told that it works', async () => (await healthz()) === 200)
  })
})

test('a pull request for which the forge always fails is set aside, and another application goes on (T58)', {
  timeout: 900_000,
}, async () => {
  const { bring, eventually, file, forge, healthy, merged, propose, pull, server } = stage()
  const path = overlayFile('mail', 'production')
  await server.kill()
  const poison = await propose('ann', 'poison', { [path]: (await file(path)).replace('count: 1 ', 'count: 2 ') })
  const { head } = await pull(poison)
  const fault = forge.faults.add({
    kind: 'error-before',
    operation: 'checks/list-for-ref',
    where: ({ path: asked }) => asked.includes(head.sha),
  })
  await server.start()
  try {
    await eventually('it is set aside', async () => (await setAside()).includes(`#${poison}`), 300_000)
    const { digest } = await bring('bill', '1.1.0')
    await healthy('bill', 'production', digest)
    await eventually('no operator is needed', async () => (await healthz()) === 200)
  } finally {
    fault.remove()
  }
  await eventually('it is looked at again', async () => !(await setAside()).includes(`#${poison}`), 300_000)
  await eventually('it is judged', async () => (await stage().said(poison)).includes('sluice:report'))
  expect((await stage().say('ann', poison, '/sluice merge')).reaction).toBe('rocket')
  await merged(poison)
})

async function setAside(): Promise<readonly string[]> {
  const overviews = (await (await fetch(`${stage().server.url}/status`)).json()) as readonly Overview[]
  return overviews.flatMap((overview) => overview.setAside.map(({ what }) => what))
}
