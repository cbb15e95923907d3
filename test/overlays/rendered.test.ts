import { expect, test } from 'vitest'
import type { Rendering } from '../../src/domain/rendered.ts'
import { describeDifference, differenceOf } from '../../src/overlays/rendered-difference.ts'
import { renderedObjects } from '../../src/overlays/rendered-objects.ts'

const deployment = (image: string, replicas = 1, name = 'api'): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${replicas}
  template: { spec: { containers: [{ name: api, image: ${image} }] } }
`
const config = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { key: ${JSON.stringify(value)} }\n`
const secret = (value: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: s, annotations: { kubectl.kubernetes.io/last-applied-configuration: '${value}' } }\ntype: Opaque\ndata: { password: ${value} }\nstringData: { other: ${value}2 }\n`

const rendered = (...documents: readonly string[]): Rendering => renderedObjects('o', documents.join('---\n'))

test('T22: more lines than anything renders are not parsed, and a key that stands there twice hides nothing', () => {
  const map = (keys: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n${keys}`
  const reasonOf = (keys: string) => {
    const found = rendered(map(keys))
    return found.is === 'unsupported' ? found.problem.reason : found.is
  }
  expect(reasonOf('  k: x\n'.repeat(150_001))).toBe('render.too-large')
  expect(reasonOf('  a: x\n  a: y\n')).not.toBe('rendered')
})
const reasonOf = (rendering: Rendering): string => (rendering.is === 'rendered' ? 'rendered' : rendering.problem.reason)
const changes = (before: Rendering | null, after: Rendering) => {
  const difference = differenceOf(before, after)
  return difference.is === 'rendered' ? difference.changed : []
}

test('T24: lists are taken apart, and images of every pod spec are found', () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${config('a', '1').trim().replaceAll('\n', '\n  ')}\n- ${config('b', '1').trim().replaceAll('\n', '\n  ')}\n`
  const cron = `apiVersion: batch/v1
kind: CronJob
metadata: { name: c }
spec: { jobTemplate: { spec: { template: { spec: { initContainers: [{ image: i }], containers: [{ image: c }], ephemeralContainers: [{ image: e }] } } } } }
`
  const custom =
    'apiVersion: acme.dev/v1\nkind: Fleet\nmetadata: { name: f }\nspec: { groups: [{ template: { spec: { containers: [{ image: deep }] } } }] }\n'
  const rendering = rendered(list, cron, custom)
  if (rendering.is !== 'rendered') throw new Error(rendering.problem.detail)
  expect(rendering.objects.map(({ name }) => name)).toEqual(['f', 'c', 'a', 'b'])
  expect(rendering.objects.map(({ images }) => images)).toEqual([['deep'], ['c', 'e', 'i'], [], []])
})

test('T24: images that are mounted, or run by pipelines, are found as well', () => {
  const imagesIn = (spec: string) => {
    const rendering = rendered(`apiVersion: acme.dev/v1\nkind: X\nmetadata: { name: x }\nspec: ${spec}\n`)
    return rendering.is === 'rendered' ? rendering.objects[0]?.images : []
  }
  const mounted =
    '{ containers: [{ image: c }], volumes: [{ name: v, image: { reference: m } }, { name: w, emptyDir: {} }] }'
  expect(imagesIn(mounted)).toEqual(['c', 'm'])
  expect(imagesIn('{ steps: [{ image: s }], sidecars: [{ image: d }], stepTemplate: { image: t } }')).toEqual([
    'd',
    's',
    't',
  ])
  expect(imagesIn('{ templates: [{ container: { image: a } }, { script: { image: b } }] }')).toEqual(['a', 'b'])
  expect(imagesIn('{ script: "image: no", image: logo.png, steps: [{ setWeight: 20 }] }')).toEqual([])
})

test('T24: twins, nameless objects and aliases are refused', () => {
  expect(reasonOf(rendered(config('a', '1'), config('a', '2')))).toBe('render.broken-output')
  expect(reasonOf(rendered('apiVersion: v1\nkind: Job\nmetadata: { generateName: j- }\n'))).toBe('render.broken-output')
  expect(reasonOf(rendered('just text\n'))).toBe('render.broken-output')
  expect(reasonOf(rendered(`${config('a', '1')}x: &x 1\ny: *x\n`))).toBe('render.too-large')
  expect(reasonOf(rendered(''))).toBe('rendered')
})

test('the digest of a rendering follows its objects, not their order or layout', () => {
  const digestOf = (rendering: Rendering) => (rendering.is === 'rendered' ? rendering.digest : undefined)
  const one = rendered(config('a', '1'), config('b', '1'))
  expect(digestOf(rendered(config('b', '1'), config('a', '1')))).toBe(digestOf(one))
  expect(digestOf(rendered(config('b', '2'), config('a', '1')))).not.toBe(digestOf(one))
})

test('a difference has three buckets, images first', () => {
  const before = rendered(deployment('a:1'), deployment('b:1', 1, 'worker'), config('gone', '1'), config('same', '1'))
  const after = rendered(deployment('a:2'), deployment('b:1', 3, 'worker'), config('new', '1'), config('same', '1'))
  const described = describeDifference(changes(before, after), { maxCharacters: 10_000 })
  expect(described.map(({ object, is, bucket }) => [object, is, bucket])).toEqual([
    ['apps/v1 Deployment shop/api', 'changed', 'images'],
    ['apps/v1 Deployment shop/worker', 'changed', 'workload'],
    ['v1 ConfigMap /gone', 'removed', 'other'],
    ['v1 ConfigMap /new', 'added', 'other'],
  ])
  expect(described[0]?.lines.filter((line) => /^[-+]/.test(line))).toEqual([
    '-        - image: a:1',
    '+        - image: a:2',
  ])
})

test('without a rendering before, everything is added', () => {
  const broken: Rendering = { is: 'unsupported', problem: { reason: 'render.failed', file: 'o', detail: '' } }
  for (const before of [null, broken])
    expect(changes(before, rendered(config('a', '1')))).toMatchObject([{ is: 'added' }])
  expect(differenceOf(null, broken)).toEqual(broken)
})

test('past the limit objects are named without their lines, the unexpected ones last', () => {
  const long = 'x'.repeat(500)
  const before = rendered(deployment('a:1'), config('c', `${long}1`))
  const after = rendered(deployment('a:2'), config('c', `${long}2`))
  const described = describeDifference(changes(before, after), { maxCharacters: 1_100 })
  expect(described.map(({ bucket, lines }) => [bucket, lines.length > 0])).toEqual([
    ['images', false],
    ['other', true],
  ])
  expect(described[0]).toMatchObject({ linesAdded: 1, linesRemoved: 1 })
})

test('I8: a secret shows that it changed, and never its value', () => {
  const encrypted = (value: string) => `${config('e', `ENC[AES256_GCM,data:${value}]`)}sops: { mac: ${value} }\n`
  const sealed = (value: string) =>
    `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: x }\nspec: { encryptedData: { p: ${value} } }\n`
  const world = (value: string) => rendered(secret(value), encrypted(value), sealed(value))
  for (const [before, after] of [
    [world('hunter2'), world('correcthorse')],
    [rendered(), world('hunter2')],
  ] as const) {
    const described = describeDifference(changes(before, after), { maxCharacters: 100_000 })
    const text = JSON.stringify(described)
    expect(described).toHaveLength(3)
    expect(text).toContain('(hidden, ')
    expect(text).not.toMatch(/hunter2|correcthorse|aHVudGVyM/)
  }
})
