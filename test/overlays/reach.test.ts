import { expect, test } from 'vitest'
import type { Consumer } from '../../src/overlays/object-reader.ts'
import { type Reach, type Reached, reachOf } from '../../src/overlays/reach.ts'
import { type Files, memoryRepository } from './memory-repository.ts'

const overlay = 'apps/api/overlays/production'
const base = {
  'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml]\n',
  'apps/api/base/deployment.yaml': 'kind: Deployment\n',
}

async function reach(files: Files, as: Consumer = 'kustomize', from = overlay): Promise<Reach> {
  const repository = memoryRepository()
  return reachOf({ reader: repository.reader, tree: repository.addTree(files), overlay: from, as })
}

const reached = async (files: Files, as?: Consumer, from?: string): Promise<Reached> => {
  const found = await reach(files, as, from)
  if (found.is !== 'reached') throw new Error(JSON.stringify(found))
  return found
}

/** The overlay's kustomization with this text, over the plain base. */
const production = (text: string, more: Files = {}): Files => ({
  ...base,
  ...more,
  [`${overlay}/kustomization.yaml`]: text,
})

const reasonOf = async (files: Files, as?: Consumer): Promise<string> => {
  const found = await reach(files, as)
  return found.is === 'reached' ? 'reached' : found.problem.reason
}

test('everything that an overlay renders from is reached, and nothing else', async () => {
  const files = production(
    `resources: [../../base, ingress.yaml]
components: [../../../../components/tracing]
patches:
  - path: replicas.yaml
  - patch: '[{"op":"remove","path":"/spec"}]'
    target: { kind: Deployment }
patchesStrategicMerge:
  - merge.yaml
  - |
    kind: Deployment
configMapGenerator:
  - name: settings
    files: [app.ini, renamed.ini=conf/other.ini]
    envs: [some.env]
    literals: [a=b]
replacements: [{ path: replacement.yaml }]
images: [{ name: api, newTag: "1" }]
`,
    {
      [`${overlay}/ingress.yaml`]: 'kind: Ingress\n',
      [`${overlay}/replicas.yaml`]: 'kind: Deployment\n',
      [`${overlay}/merge.yaml`]: 'kind: Deployment\n',
      [`${overlay}/app.ini`]: 'a\n',
      [`${overlay}/conf/other.ini`]: 'b\n',
      [`${overlay}/some.env`]: 'c=d\n',
      [`${overlay}/replacement.yaml`]: '[]\n',
      [`${overlay}/README.md`]: 'not rendered\n',
      'components/tracing/kustomization.yaml': 'kind: Component\nresources: []\n',
    },
  )
  const found = await reached(files)
  const local = (name: string) => `${overlay}/${name}`
  expect(found.files.map(({ path }) => path)).toEqual(
    [
      ...Object.keys(base),
      ...['app.ini', 'conf/other.ini', 'ingress.yaml', 'kustomization.yaml', 'merge.yaml', 'replacement.yaml'].map(
        local,
      ),
      ...['replicas.yaml', 'some.env'].map(local),
      'components/tracing/kustomization.yaml',
    ].toSorted(),
  )
  expect(found.kustomization).toBe(local('kustomization.yaml'))
})

test('the inputs change with every reached byte and with no other', async () => {
  const files = production('resources: [../../base]\n')
  const { inputs } = await reached(files)
  const unrelated = await reached({ ...files, 'apps/api/README.md': 'x', [`${overlay}/notes.txt`]: 'y' })
  expect(unrelated.inputs).toBe(inputs)
  const other = await reached({ ...files, 'apps/api/base/deployment.yaml': 'kind: StatefulSet\n' })
  expect(other.inputs).not.toBe(inputs)
})

test.each([
  'http://169.254.169.254/latest/meta-data',
  'https://example.com/base?timeout=1h',
  'git@github.com:acme/base.git',
  'ssh://git@example.com/base',
  'git::https://example.com/base',
  'user@example.com:base',
  'gh:acme/base',
  'github.com/acme/base',
  'GitHub.com/acme/base//deploy?ref=main',
  './github.com/acme/base',
  'file:///etc',
])('T18: the remote base %s is refused, also where a folder of that name exists', async (address) => {
  const text = `resources:\n  - ../../base\n  - ${JSON.stringify(address)}\n`
  const found = await reach(production(text, { [`${overlay}/github.com/acme/base/kustomization.yaml`]: '{}' }))
  expect(found).toMatchObject({
    is: 'unsupported',
    problem: { reason: 'render.remote-base', file: `${overlay}/kustomization.yaml`, line: 3 },
  })
})

test('T18: patches, generators and CRDs may not come from afar either', async () => {
  for (const text of [
    'patches: [{ path: "https://example.com/p.yaml" }]',
    'patchesStrategicMerge: ["https://example.com/p.yaml"]',
    'configMapGenerator: [{ name: a, files: ["k=https://example.com/p"] }]',
    'secretGenerator: [{ name: a, envs: ["https://example.com/p"] }]',
    'crds: ["https://example.com/p"]',
    'replacements: [{ path: "https://example.com/p" }]',
    'configurations: ["https://example.com/p"]',
  ]) {
    expect(await reasonOf(production(text)), text).toBe('render.remote-base')
  }
})

test('T19: a base outside of the repository is refused, another folder inside it is fine', async () => {
  expect(await reasonOf(production('resources: [../../../../../etc]'))).toBe('render.outside-repository')
  expect(await reasonOf(production('resources: [/etc/passwd]'))).toBe('render.outside-repository')
  expect(await reasonOf(production('patches: [{ path: ../../base/deployment.yaml }]'))).toBe('render.outside-folder')
  expect(await reasonOf(production('patches: [{ path: ../../base/deployment.yaml }]'), 'flux')).toBe('reached')
  expect(await reasonOf(production('resources: [../../base]'))).toBe('reached')
})

test('T20: symlinks, submodules, odd names and twins are refused', async () => {
  const link = { mode: '120000', text: '/proc/self/environ' }
  expect(await reasonOf(production('resources: [link]', { [`${overlay}/link`]: link }))).toBe('render.symlink')
  expect(await reasonOf(production('resources: [dir/a.yaml]', { [`${overlay}/dir`]: link }))).toBe('render.symlink')
  const module = { mode: '160000', text: 'x' }
  expect(await reasonOf(production('resources: [module]', { [`${overlay}/module`]: module }))).toBe('render.submodule')
  expect(await reasonOf(production('resources: ["-rf"]', { [`${overlay}/-rf`]: 'a: b' }))).toBe('render.bad-name')
  expect(await reasonOf(production('resources: ["a\\nb"]', { [`${overlay}/a\nb`]: 'a: b' }))).toBe('render.bad-name')
  expect(await reasonOf(production('resources: ["./.git/config"]'))).toBe('render.bad-name')
  const twins = { [`${overlay}/a.yaml`]: 'a: b', [`${overlay}/A.yaml`]: 'a: b' }
  expect(await reasonOf(production('resources: [a.yaml, A.yaml]', twins))).toBe('render.bad-name')
  expect(await reasonOf({ [overlay]: link })).toBe('render.symlink')
  expect(await reasonOf({ [`${overlay}/kustomization.yaml`]: link })).toBe('render.symlink')
})

test('T20: nor are they taken where Flux looks for the manifests of a folder by itself', async () => {
  const plain = { [`${overlay}/a.yaml`]: 'kind: A' }
  for (const [name, file, reason] of [
    ['link.yaml', { mode: '120000', text: '/proc/self/environ' }, 'render.symlink'],
    ['deep/link.yaml', { mode: '120000', text: '/proc/self/environ' }, 'render.symlink'],
    ['module', { mode: '160000', text: 'x' }, 'render.submodule'],
    ['-rf.yaml', 'kind: B', 'render.bad-name'],
    ['a\nb.yaml', 'kind: B', 'render.bad-name'],
    ['A.yaml', 'kind: B', 'render.bad-name'],
  ] as const)
    expect(await reasonOf({ ...plain, [`${overlay}/${name}`]: file }, 'flux'), name).toBe(reason)
})

test.each([
  ['helmCharts: [{ name: nginx }]', 'render.helm'],
  ['helmGlobals: { chartHome: charts }', 'render.helm'],
  ['generators: [plugin.yaml]', 'render.plugin'],
  ['transformers: [plugin.yaml]', 'render.plugin'],
  ['validators: [plugin.yaml]', 'render.plugin'],
  ['openapi: { path: schema.json }', 'render.unsupported-key'],
  ['Resources: ["https://example.com"]', 'render.unsupported-key'],
  ['patches: [{ Path: "https://example.com" }]', 'render.unsupported-key'],
  ['secretGenerator: [{ name: a, exec: [sh] }]', 'render.unsupported-key'],
  ['something: new', 'render.unsupported-key'],
])('T21: %s is refused with the name of the key', async (text, reason) => {
  const found = await reach(production(`namespace: a\n${text}\n`))
  expect(found).toMatchObject({
    is: 'unsupported',
    problem: { reason, file: `${overlay}/kustomization.yaml`, line: 2 },
  })
  const key = text.slice(0, text.indexOf(':'))
  expect(found.is === 'unsupported' && found.problem.detail).toContain(key)
})

test('T21: two kustomization files in one folder are refused', async () => {
  expect(await reasonOf(production('{}', { [`${overlay}/Kustomization`]: '{}' }))).toBe('render.two-kustomizations')
})

test('T22: more keys than anybody writes are not parsed, and one that stands there twice is found among many', async () => {
  const keys = (count: number) => Array.from({ length: count }, (_, at) => `k${at}: 1\n`).join('')
  expect(await reasonOf(production(keys(60_000)))).toBe('render.too-large')
  expect(await reasonOf(production(`commonLabels:\n  a: b\n  a: c\n`))).toBe('render.broken-yaml')
  expect(await reasonOf(production(`commonLabels: { 1: b, "1": c }\n`))).toBe('render.broken-yaml')
})

test('T22: bombs end in a reason, quickly', async () => {
  const started = performance.now()
  const aliases = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]\nmetadata: x\n`
  expect(await reasonOf(production(aliases))).toBe('render.too-large')
  expect(await reasonOf(production(`metadata: ${'['.repeat(20_000)}${']'.repeat(20_000)}`))).toBe('render.too-large')
  expect(await reasonOf(production(`metadata:\n  ${'- '.repeat(20_000)}x`))).toBe('render.too-large')
  expect(await reasonOf(production(`# ${'x'.repeat(2_000_000)}\n`))).toBe('render.too-large')
  expect(await reasonOf(production(`# ${'x'.repeat(5_000_000)}\n`))).toBe('render.too-large')
  expect(await reasonOf(production('resources: [l0]', fanOut(10, 10)))).toBe('render.too-large')
  expect(await reasonOf(production('resources: [d0]', chain(40)))).toBe('render.too-large')
  const many = Array.from({ length: 3_000 }, (_, n) => `r${n}.yaml`)
  const files = Object.fromEntries(many.map((name) => [`${overlay}/${name}`, 'a: b']))
  expect(await reasonOf(production(`resources: [${many.join(', ')}]`, files))).toBe('render.too-large')
  expect(performance.now() - started).toBeLessThan(10_000)
})

/** Each level names each folder of the next: few files, ten to the tenth loads. */
function fanOut(levels: number, width: number): Files {
  const files: Record<string, string> = {}
  const names = (level: number) => Array.from({ length: width }, (_, n) => `../l${level}x${n}`)
  files[`${overlay}/l0/kustomization.yaml`] = `resources: [${names(1).join(', ')}]`
  for (let level = 1; level < levels; level += 1) {
    const next = level === levels - 1 ? '' : names(level + 1).join(', ')
    for (let n = 0; n < width; n += 1) files[`${overlay}/l${level}x${n}/kustomization.yaml`] = `resources: [${next}]`
  }
  return files
}

const chain = (length: number): Files =>
  Object.fromEntries(
    Array.from({ length }, (_, n) => [
      `${overlay}/d${n}/kustomization.yaml`,
      n === length - 1 ? '{}' : `resources: [../d${n + 1}]`,
    ]),
  )

test('T23: what two parsers may read differently is refused', async () => {
  expect(await reasonOf(production('resources: [../../base]\nresources: []'))).toBe('render.broken-yaml')
  expect(await reasonOf(production('resources: [!!binary aHR0cDovL2V4YW1wbGUuY29t]'))).toBe('render.broken-yaml')
  expect(await reasonOf(production('__proto__: { resources: [x] }'))).toBe('render.unsupported-key')
  expect(await reasonOf(production('<<: { helmCharts: [] }'))).toBe('render.helm')
  expect(await reasonOf(production('resources: [../../base]\n---\nresources: []'))).toBe('render.broken-yaml')
  expect(await reasonOf(production('resources: ../../base'))).toBe('render.broken-yaml')
  expect(await reasonOf(production('resources: [a'))).toBe('render.broken-yaml')
})

test('circles, missing files and missing kustomizations are named with the line that leads there', async () => {
  const circle = production('resources:\n  - ../other', {
    'apps/api/overlays/other/kustomization.yaml': 'resources: [../production]',
  })
  expect(await reasonOf(circle)).toBe('render.cycle')
  expect(await reach(production('resources:\n  - ../../base\n  - gone.yaml'))).toMatchObject({
    problem: { reason: 'render.missing-file', line: 3, detail: `${overlay}/gone.yaml does not exist` },
  })
  expect(await reasonOf(production('resources: [empty]', { [`${overlay}/empty/a.txt`]: '' }))).toBe(
    'render.no-kustomization',
  )
  expect(await reasonOf(base)).toBe('render.missing-file')
})

test('T24: Flux renders a folder without a kustomization from every manifest below', async () => {
  const files = {
    [`${overlay}/a.yaml`]: 'kind: A',
    [`${overlay}/deep/b.yml`]: 'kind: B',
    [`${overlay}/deep/notes.txt`]: '',
    [`${overlay}/.sops.yaml`]: '',
    [`${overlay}/sub/kustomization.yaml`]: 'resources: [c.yaml]',
    [`${overlay}/sub/c.yaml`]: 'kind: C',
    [`${overlay}/sub/unused.yaml`]: 'kind: D',
  }
  const found = await reached(files, 'flux')
  expect(found.files.map(({ path }) => path.slice(overlay.length + 1))).toEqual([
    'a.yaml',
    'deep/b.yml',
    'sub/c.yaml',
    'sub/kustomization.yaml',
  ])
  expect(found.kustomization).toBeNull()
  expect(await reasonOf(files, 'kustomize')).toBe('render.no-kustomization')
})

test('T24: a label that says who built is refused, since every consumer would write another', async () => {
  expect(
    await reach(production('resources: [../../base]\nbuildMetadata:\n  - originAnnotations\n  - managedByLabel\n')),
  ).toMatchObject({
    problem: { reason: 'render.unsupported-key', line: 4, detail: expect.stringContaining('managedByLabel') },
  })
  expect(await reasonOf(production('resources: [../../base]\nbuildMetadata: [originAnnotations]\n'))).toBe('reached')
})

test('T24: what an ignore file hides from Flux is neither rendered as a plain manifest nor missed in silence', async () => {
  const plain = { [`${overlay}/a.yaml`]: 'kind: A', [`${overlay}/deep/b.yaml`]: 'kind: B' }
  const hiding = (text: string, folder = '') => ({ ...plain, [`${folder}.sourceignore`]: text })
  const seen = async (files: Files) => (await reached(files, 'flux')).files.map(({ path }) => path.split('/').at(-1))
  expect(await seen(hiding('docs/'))).toEqual(['a.yaml', 'b.yaml'])
  expect(await seen(hiding('deep/'))).toEqual(['a.yaml'])
  expect(await seen(hiding('b.yaml', 'apps/'))).toEqual(['a.yaml'])
  expect(await seen(hiding('*.yaml\n!a.yaml'))).toEqual(['a.yaml'])

  const named = production('resources: [../../base]', { 'apps/.sourceignore': '# for Flux\napi/base/deployment.yaml' })
  expect(await reach(named, 'flux')).toMatchObject({
    problem: {
      reason: 'render.left-out',
      file: 'apps/.sourceignore',
      line: 2,
      detail: expect.stringMatching(/^Flux leaves apps\/api\/base\/deployment/),
    },
  })
  expect(await reasonOf(named, 'argo-cd')).toBe('reached')
  expect(await reasonOf(production('resources: [../../base]', { '.sourceignore': 'kustomization.yaml' }), 'flux')).toBe(
    'render.left-out',
  )
  const logo = { [`${overlay}/logo.png`]: '', 'other/.sourceignore': '' }
  const pictured = production('resources: [../../base]\nconfigMapGenerator: [{ name: a, files: [logo.png] }]', logo)
  expect(await reach(pictured, 'flux')).toMatchObject({
    problem: {
      reason: 'render.left-out',
      file: `${overlay}/logo.png`,
      detail: expect.stringContaining('*.png (by default)'),
    },
  })
  expect(await reasonOf({ ...pictured, '.sourceignore': '/docs' }, 'flux')).toBe('reached')
})

test('T20 T22: an ignore file that is a link, or that Flux would not read to its end, is refused', async () => {
  const link = { mode: '120000', text: '/etc/passwd' }
  expect(await reasonOf(production('resources: [../../base]', { '.sourceignore': link }), 'flux')).toBe(
    'render.symlink',
  )
  const long = { 'apps/.sourceignore': `${'a'.repeat(70_000)}\ndeployment.yaml` }
  expect(await reasonOf(production('resources: [../../base]', long), 'flux')).toBe('render.too-large')
})

test.each([
  ['.argocd-source-api.yaml', 'kustomize: { images: [evil] }'],
  // Argo CD walks the files in order and believes the last: this one comes after kustomization.yaml.
  ['zChart.yaml', 'apiVersion: v2'],
])(
  'T24: %s, by which Argo CD overrides the kustomization, is refused where Argo CD may read it',
  async (name, text) => {
    const files = production('resources: [../../base]', { [`${overlay}/${name}`]: text })
    expect(await reasonOf(files, 'argo-cd')).toBe('render.consumer-override')
    // Where several kinds of controllers consume an overlay it is rendered plainly.
    expect(await reasonOf(files, 'kustomize')).toBe('render.consumer-override')
    expect(await reasonOf(files, 'flux')).toBe('reached')
  },
)
