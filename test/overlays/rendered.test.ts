import { describe, expect, test } from 'vitest'
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

describe('T24 T69: images that custom resources name in fields of their own', () => {
  const seen = (document: string) => {
    const rendering = rendered(document)
    if (rendering.is !== 'rendered') throw new Error(rendering.problem.detail)
    const [object] = rendering.objects
    return { images: object?.images, unread: object?.unreadImages }
  }
  const custom = (spec: string, apiVersion = 'acme.dev/v1') =>
    seen(`apiVersion: ${apiVersion}\nkind: X\nmetadata: { name: x, labels: { image: a/b } }\nspec: ${spec}\n`)

  test.each([
    ['{ image: "evil.io/otel:latest" }', ['evil.io/otel:latest']],
    ['{ imageName: "evil.io/pg:17" }', ['evil.io/pg:17']],
    ['{ driver: { image: a/b }, executor: [{ sidecarImage: "c:1" }] }', ['a/b', 'c:1']],
    ['{ image: { reference: a/b, pullPolicy: Always } }', ['a/b']],
    ['{ images: ["a/b:1", { major: 17, image: "c/d:2" }] }', ['a/b:1', 'c/d:2']],
    ['{ image: "localhost:5000/a/b_c@sha256:0a" }', ['localhost:5000/a/b_c@sha256:0a']],
  ])('%s is seen', (spec, images) => {
    expect(custom(spec)).toEqual({ images, unread: [] })
  })

  test.each([
    ['{ image: { repository: a/b, tag: "1" } }', 'spec.image'],
    ['{ deep: [{ image: nginx }] }', 'spec.deep.0.image'],
    ['{ image: "{{ .image }}" }', 'spec.image'],
    ['{ image: "docker://a/b" }', 'spec.image'],
    ['{ imageRepository: a/b }', 'spec.imageRepository'],
    ['{ images: [{ repository: a/b }] }', 'spec.images'],
  ])('%s is named as not read', (spec, field) => {
    expect(custom(spec)).toEqual({ images: [], unread: [field] })
  })

  test.each([
    '{ image: "", imagePullPolicy: Always, imagePullSecrets: [{ name: a }] }',
    '{ image: null, image2: 3, images: [] }',
    '{ image: { pullPolicy: Always } }',
    '{ image: "https://acme.example/logo.png" }',
    '{ template: { labels: { image: nginx } }, encryptedData: { image: AgBy } }',
    '{ validation: { openAPIV3Schema: { properties: { image: { type: string } } } } }',
  ])('%s names none', (spec) => {
    expect(custom(spec)).toEqual({ images: [], unread: [] })
  })

  test('what Kubernetes and the image automation of Flux name beside pod specs does not run', () => {
    const schema = '{ properties: { image: { type: string, default: "a/b" } } }'
    for (const apiVersion of ['v1', 'apps/v1', 'apiextensions.k8s.io/v1'])
      expect(custom(schema, apiVersion)).toEqual({ images: [], unread: [] })
    expect(custom('{ image: a/b }', 'image.toolkit.fluxcd.io/v1')).toEqual({ images: [], unread: [] })
    const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: { image: "a/b:1" }\n'
    expect(seen(map)).toEqual({ images: [], unread: [] })
  })

  test('T22: as many as a rendering may hold are read, wherever they stand', () => {
    const many = (line: (at: number) => string) => Array.from({ length: 140_000 }, (_, at) => line(at)).join('\n')
    const object = (spec: string) => seen(`apiVersion: a.dev/v1\nkind: X\nmetadata: { name: x }\nspec:\n${spec}\n`)
    expect(object(`  images:\n${many((at) => `  - a/b:${at}`)}`).images).toHaveLength(140_000)
    expect(object(many((at) => `  k${at}: v`))).toEqual({ images: [], unread: [] })
  })

  test('a pod spec in a custom resource is read once, whatever its images look like', () => {
    const pods = '{ template: { spec: { containers: [{ image: nginx }], volumes: [{ image: { reference: m } }] } } }'
    expect(custom(pods, 'argoproj.io/v1alpha1')).toEqual({ images: ['m', 'nginx'], unread: [] })
  })
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
