import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environmentFile, overlayFolder, quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'
import { repo } from '../scenarios/scenario.ts'
import { type HostileOverlay, hostileOverlays } from './hostile-overlays.ts'
import { plantBranches } from './plant-branches.ts'

const stage = aStage({ applications: ['api', 'victim'], rules: quickRules })

let came = 0
const door = createServer((_, response) => {
  came += 1
  response.end('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: stolen }\n')
})
beforeAll(() => new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => door.close(resolve)))

const corpus = (): readonly HostileOverlay[] =>
  hostileOverlays(`http://127.0.0.1:${(door.address() as AddressInfo).port}`)
const branchOf = ({ id }: HostileOverlay, index: number): string => `hostile-${id}-${index}`

/** Every overlay of the corpus as a pull request to production, all at once. */
async function openAll(): Promise<ReadonlyMap<HostileOverlay, number>> {
  const folder = overlayFolder('victim', 'production')
  await plantBranches(
    stage(),
    corpus().map((one, index) => ({
      branch: branchOf(one, index),
      files: Object.fromEntries(Object.entries(one.files).map(([path, file]) => [`${folder}/${path}`, file])),
    })),
  )
  const numbers = new Map<HostileOverlay, number>()
  for (const [index, one] of corpus().entries()) {
    const wanted = { repo, title: `${one.id}: ${one.name}`, head: branchOf(one, index), base: 'main' }
    numbers.set(one, await stage().people.ann.openPull(wanted))
  }
  return numbers
}

async function openBombsInManifests(): Promise<readonly number[]> {
  const aliases = Array.from({ length: 24 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  await plantBranches(stage(), [
    { branch: 'bomb', files: { [environmentFile('production')]: `a0: &a0 [x]\n${aliases}\n` } },
    { branch: 'nested', files: { [environmentFile('staging')]: `spec: ${nested}\n` } },
  ])
  const open = (head: string) => stage().people.ann.openPull({ repo, title: head, head, base: 'main' })
  return [await open('bomb'), await open('nested')]
}

const isHealthy = async (): Promise<boolean> => (await fetch(`${stage().server.url}/healthz`)).status === 200

async function residentMegabytes(): Promise<number> {
  const text = await (await fetch(`${stage().server.url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / (1 << 20)
}

describe('overlays that nobody should trust', { timeout: 900_000 }, () => {
  test('are denied in pull requests, each with its reason, and another application goes on (T18, T19, T20, T21, T22)', async () => {
    const { bring, said, check, pull, eventually, healthy, file } = stage()
    const before = await file(`${overlayFolder('victim', 'production')}/kustomization.yaml`)
    const opened = await openAll()
    const manifests = await openBombsInManifests()
    const { digest } = await bring('api', '1.1.0')
    for (const [{ id, name, reasons }, number] of opened) {
      const { head } = await pull(number)
      const report = await eventually(`${id}: ${name} is denied`, async () => {
        const text = await said(number)
        return text.includes('`render.unsupported`') && text
      })
      expect({ name, cause: reasons.find((reason) => report.includes(reason)) }).toEqual({
        name,
        cause: expect.stringMatching(/^render\./),
      })
      await eventually('its check is closed', async () => (await check(head.sha))?.conclusion === 'failure')
    }
    for (const number of manifests) {
      await eventually('it is told', async () => (await said(number)).includes('manifests do not parse'))
      expect((await check((await pull(number)).head.sha))?.conclusion ?? 'none').not.toBe('success')
    }
    expect(await isHealthy()).toBe(true)
    await healthy('api', 'production', digest)
    expect(await file(`${overlayFolder('victim', 'production')}/kustomization.yaml`)).toBe(before)
    expect(came).toBe(0)
    expect(await residentMegabytes()).toBeLessThan(1_024)
  })
})
