import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { kustomizeRenderer } from '../../../../src/adapters/tools/kustomize/kustomize-renderer.ts'
import type { Rendering } from '../../../../src/domain/rendered.ts'
import type { Consumer } from '../../../../src/overlays/object-reader.ts'
import { type RunTool, runTool } from '../../../../src/run-tool.ts'
import { tool } from '../../../tools.ts'
import { newOrigin, type Origin } from '../../git/origin.ts'

let origin: Origin
beforeEach(() => {
  origin = newOrigin()
})
afterEach(() => origin.remove())

const overlay = 'apps/api/overlays/production'
const base = {
  'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml]\n',
  'apps/api/base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  template:
    spec:
      initContainers: [{ name: migrate, image: "acme/migrate:1" }]
      containers: [{ name: api, image: "acme/api:1" }]
`,
}
const digest = `sha256:${'a'.repeat(64)}`
const production = `resources: [../../base]
namespace: shop
images: [{ name: acme/api, newTag: 1.4.2, digest: "${digest}" }]
configMapGenerator: [{ name: settings, literals: ["mode=0777", "on=yes"] }]
`

async function render(
  files: Record<string, string>,
  options: { as?: Consumer; run?: RunTool; command?: string } = {},
): Promise<Rendering> {
  const head = origin.commit(files)
  return renderAt(head, options)
}

async function renderAt(
  head: Parameters<ReturnType<typeof kustomizeRenderer>['render']>[1],
  { as = 'kustomize', run = runTool, command }: { as?: Consumer; run?: RunTool; command?: string } = {},
): Promise<Rendering> {
  const mirror = await origin.mirror()
  await mirror.fetch()
  const renderer = kustomizeRenderer({ kustomize: command ?? (await tool('kustomize')), version: '1', run })
  return renderer.render(mirror, head, overlay, as)
}

test('an overlay is rendered as its consumer would apply it', async () => {
  const rendering = await render({ ...base, [`${overlay}/kustomization.yaml`]: production })
  if (rendering.is !== 'rendered') throw new Error(rendering.problem.detail)
  const [deployment, settings] = rendering.objects
  expect(deployment).toMatchObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'api',
    images: [`acme/api:1.4.2@${digest}`, 'acme/migrate:1'],
  })
  // T23: what kustomize prints is what the cluster reads.
  expect(settings?.body['data']).toEqual({ mode: '0777', on: 'yes' })
  expect(settings?.name).toMatch(/^settings-/)
})

test('the same inputs are rendered once, whatever else changes in the repository', async () => {
  let runs = 0
  const run: RunTool = (call) => {
    runs += 1
    return runTool(call)
  }
  const first = origin.commit({ ...base, [`${overlay}/kustomization.yaml`]: production })
  const second = origin.commit({ 'README.md': 'new' })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const renderer = kustomizeRenderer({ kustomize: await tool('kustomize'), version: '1', run })
  const render = () => renderer.render(mirror, first, overlay, 'kustomize')
  const [one, twin] = await Promise.all([render(), render()])
  expect(twin).toBe(one)
  expect(await renderer.render(mirror, second, overlay, 'kustomize')).toBe(one)
  expect(runs).toBe(1)
})

test('T24: Flux renders a folder without a kustomization, and files from elsewhere in the repository', async () => {
  const plain = {
    [`${overlay}/a.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n',
    [`${overlay}/sub/kustomization.yaml`]: 'resources: [b.yaml]',
    [`${overlay}/sub/b.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: b }\n',
  }
  const made = await render(plain, { as: 'flux' })
  expect(made.is === 'rendered' && made.objects.map(({ name }) => name)).toEqual(['a', 'b'])
  const shared = await render(
    {
      ...base,
      [`${overlay}/a.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n',
      [`${overlay}/kustomization.yaml`]: 'resources: [../../base/deployment.yaml]\n',
    },
    { as: 'flux' },
  )
  expect(shared.is === 'rendered' && shared.objects.map(({ name }) => name)).toEqual(['api'])
})

test('T24: Flux marks the origin of what a kustomization without resources renders, as it always does', async () => {
  const component = {
    ...base,
    'apps/api/base/kustomization.yaml':
      'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [deployment.yaml]\n',
    [`${overlay}/kustomization.yaml`]: 'components: [../../base]\n# the end',
  }
  const annotationsOf = async (as: Consumer, files: Record<string, string> = component) => {
    const rendering = await render(files, { as })
    if (rendering.is !== 'rendered') throw new Error(rendering.problem.detail)
    return rendering.objects.map(({ body }) => (body['metadata'] as { annotations?: object }).annotations)
  }
  expect(await annotationsOf('flux')).toEqual([{ 'config.kubernetes.io/origin': 'path: ../../base/deployment.yaml\n' }])
  expect(await annotationsOf('argo-cd')).toEqual([undefined])
  const aliased = 'resources: &all [../../base]'
  expect(await annotationsOf('flux', { ...base, [`${overlay}/kustomization.yaml`]: `${aliased}\n` })).toEqual([
    undefined,
  ])
  for (const text of [
    '{ components: [../../base] }\n',
    'components: [../../base]\nbuildMetadata: [transformerAnnotations]\n',
  ])
    expect(await render({ ...component, [`${overlay}/kustomization.yaml`]: text }, { as: 'flux' })).toMatchObject({
      problem: { reason: 'render.no-resources', file: `${overlay}/kustomization.yaml` },
    })
})

test.each<[Consumer, string]>([
  ['flux', 'labels: { kustomize.toolkit.fluxcd.io/reconcile: disabled }'],
  ['flux', 'annotations: { kustomize.toolkit.fluxcd.io/reconcile: Disabled }'],
  ['flux', 'annotations: { kustomize.toolkit.fluxcd.io/ssa: IfNotPresent }'],
  ['argo-cd', 'annotations: { argocd.argoproj.io/hook: Skip }'],
])('T25: what runs images and %s leaves alone by its %s is no release', async (as, words) => {
  const marked = base['apps/api/base/deployment.yaml'].replace(
    'metadata: { name: api }',
    `metadata: { name: api, ${words} }`,
  )
  const files = {
    ...base,
    'apps/api/base/deployment.yaml': marked,
    [`${overlay}/kustomization.yaml`]: 'resources: [../../base]\n',
  }
  expect(await render(files, { as })).toMatchObject({
    problem: { reason: 'render.not-applied', detail: expect.stringContaining('apps/v1 Deployment /api') },
  })
  expect((await render(files, { as: 'kustomize' })).is).toBe('rendered')
  const quiet = marked.replace(/spec:[\s\S]*/, 'spec: {}\n')
  expect((await render({ ...files, 'apps/api/base/deployment.yaml': quiet }, { as })).is).toBe('rendered')
})

test('T24: an image that Flux would fill in later is not judged as if it were known', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Flux's variables are written so
  const hidden = base['apps/api/base/deployment.yaml'].replace('acme/api:1', 'acme/${name}:1')
  const files = {
    ...base,
    'apps/api/base/deployment.yaml': hidden,
    [`${overlay}/kustomization.yaml`]: 'resources: [../../base]\n',
  }
  expect(await render(files, { as: 'flux' })).toMatchObject({ problem: { reason: 'render.substitution' } })
})

test('T18: a remote base never reaches kustomize, and no packet leaves even if it did', async () => {
  let hits = 0
  const server = createServer((_, response) => {
    hits += 1
    response.end('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: stolen }\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.yaml`
  try {
    const refused = await render({ [`${overlay}/kustomization.yaml`]: `resources: ["${address}"]\n` })
    expect(refused).toMatchObject({ is: 'unsupported', problem: { reason: 'render.remote-base' } })
    // The second fence: the address stands in the file that kustomize reads, where the walk did not see it.
    const smuggle: RunTool = (call) => {
      writeFileSync(join(call.cwd, overlay, 'kustomization.yaml'), `resources: ["${address}"]\n`)
      return runTool(call)
    }
    const isolated = await render({ ...base, [`${overlay}/kustomization.yaml`]: production }, { run: smuggle })
    expect(isolated).toMatchObject({ is: 'unsupported', problem: { reason: 'render.failed' } })
    expect(hits).toBe(0)
  } finally {
    server.close()
  }
})

test('T19, T20: nothing outside of the repository is read', async () => {
  symlinkSync('/etc/passwd', join(origin.work, 'link'))
  const head = origin.commit({
    [`${overlay}/kustomization.yaml`]: 'configMapGenerator: [{ name: a, files: [../../../../link] }]\n',
  })
  expect(await renderAt(head, { as: 'flux' })).toMatchObject({ problem: { reason: 'render.symlink' } })
  const above = origin.commit({ [`${overlay}/kustomization.yaml`]: 'resources: [../../../../../etc]\n' })
  expect(await renderAt(above)).toMatchObject({ problem: { reason: 'render.outside-repository' } })
})

test('T21: what runs something of the repository is refused before anything is written', async () => {
  let runs = 0
  const run: RunTool = (call) => {
    runs += 1
    return runTool(call)
  }
  for (const text of [
    'helmCharts: [{ name: a }]',
    'generators: [x.yaml]',
    'transformers: [x.yaml]',
    'openapi: { path: x }',
  ]) {
    expect((await render({ [`${overlay}/kustomization.yaml`]: text, [`${overlay}/x.yaml`]: 'a: b' }, { run })).is).toBe(
      'unsupported',
    )
  }
  expect(runs).toBe(0)
})

test('T22: a huge file, an alias bomb in a resource and an endless build end in a reason', async () => {
  const huge = `resources: [a.yaml]\n`
  const reason = async (files: Record<string, string>, command?: string) => {
    const rendering = await render(
      { [`${overlay}/kustomization.yaml`]: huge, ...files },
      command === undefined ? {} : { command },
    )
    return rendering.is === 'rendered' ? 'rendered' : rendering.problem.reason
  }
  expect(await reason({ [`${overlay}/a.yaml`]: `# ${'x'.repeat(5_000_000)}\n` })).toBe('render.too-large')
  const names = Array.from({ length: 9 }, (_, n) => `large-${n}.yaml`)
  const large = Object.fromEntries(names.map((name) => [`${overlay}/${name}`, `#${' '.repeat(4_000_000)}\n`]))
  const all = { ...large, [`${overlay}/kustomization.yaml`]: `resources: [${names.join(', ')}]\n` }
  expect(await reason(all)).toBe('render.too-large')
  const levels = Array.from({ length: 9 }, (_, n) => `  l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]`).join('\n')
  const bomb = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  l0: &l0 [x, x, x]\n${levels}\n`
  expect(await reason({ [`${overlay}/a.yaml`]: bomb })).toMatch(/^render\.(?:failed|too-costly)$/)
  const endless = script(
    'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done',
  )
  expect(await reason({ [`${overlay}/a.yaml`]: 'a: b\n' }, endless)).toBe('render.too-large')
}, 60_000)

test('what kustomize refuses is told in its words, without our folders', async () => {
  const rendering = await render({
    [`${overlay}/kustomization.yaml`]: 'resources: [a.yaml]\n',
    [`${overlay}/a.yaml`]: 'kind: [\n',
  })
  expect(rendering).toMatchObject({ is: 'unsupported', problem: { reason: 'render.failed', file: overlay } })
  expect(rendering.is === 'unsupported' && rendering.problem.detail).not.toContain('sluice-render')
})

test.each([
  ['is missing', null, 'render.tool'],
  ['ends as nothing of kustomize does', 'exit 127', 'render.tool'],
  ['panics', 'echo panic >&2; exit 2', 'render.too-costly'],
  ['is killed', 'kill -9 $$', 'render.too-costly'],
  ['hangs', 'sleep 60', 'render.too-costly'],
  ['prints rubbish', 'echo hello', 'render.broken-output'],
  ['prints half of an object', 'echo "kind: [Deployment"', 'render.broken-output'],
  ['prints nothing', 'exit 0', 'render.no-output'],
])('T30: a tool that %s is denied and tried again, never a rendering', async (_, body, reason) => {
  const head = origin.commit({ ...base, [`${overlay}/kustomization.yaml`]: production })
  const mirror = await origin.mirror()
  await mirror.fetch()
  const told: (string | null)[] = []
  const renderer = kustomizeRenderer({
    kustomize: body === null ? join(origin.folder, 'tool.sh') : script(body),
    version: '1',
    timeoutMs: 1_000,
    againAfterMs: 1,
    onRun: (broken) => told.push(broken?.reason ?? null),
  })
  const render = () => renderer.render(mirror, head, overlay, 'kustomize')
  const denied = await render()
  expect(denied).toMatchObject({ is: 'unsupported', problem: { reason, file: overlay } })
  expect(denied.is === 'unsupported' && denied.problem.detail).not.toContain(origin.folder)
  expect(told.map((one) => one === null)).toEqual([reason !== 'render.tool'])
  script(`exec ${await tool('kustomize')} "$@"`)
  await vi.waitFor(async () => expect((await render()).is).toBe('rendered'), { timeout: 20_000 })
})

test('an overlay without manifests renders nothing, and that is all right', async () => {
  const rendering = await render({ [`${overlay}/kustomization.yaml`]: 'namespace: shop\n' })
  expect(rendering).toMatchObject({ is: 'rendered', objects: [] })
})

function script(body: string): string {
  const path = join(origin.folder, 'tool.sh')
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}
