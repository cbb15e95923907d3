import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { runTool } from '../../src/run-tool.ts'
import { readClusters } from '../../src/settings/clusters.ts'
import { tool } from '../tools.ts'

const fileOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const read = (path: string) => readFile(fileOf(path), 'utf8')

async function builtManifests(folder = fileOf('manifests')) {
  const command = await tool('kustomize')
  const call = { command, args: ['build', folder], cwd: '/tmp', env: {} }
  const run = await runTool({ ...call, timeoutMs: 10_000, maxOutputBytes: 1_000_000 })
  expect(run.stderr).toBe('')
  return parseAllDocuments(run.stdout).map((document) => document.toJS())
}

test('the install renders, as one replica that is replaced and never doubled', async () => {
  const objects = await builtManifests()
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
  expect(objects.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget')
})

test('the overlay of the page builds, with settings and clusters where the process looks for them', async () => {
  const page = await read('docs/install-on-github.md')
  const [written = '', clusters = ''] = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
  const overlay = await mkdtemp(join(tmpdir(), 'sluice-install-'))
  try {
    const own = written.replace('../../sluice/manifests', relative(overlay, fileOf('manifests')))
    await writeFile(join(overlay, 'kustomization.yaml'), own)
    await writeFile(join(overlay, 'clusters.yaml'), clusters)
    const objects = await builtManifests(overlay)
    const settings = objects.find(({ data }) => data?.SLUICE_CLUSTERS !== undefined)
    const files = objects.find(({ metadata }) => metadata.name.startsWith('sluice-clusters'))
    const pod = objects.find(({ kind }) => kind === 'Deployment').spec.template.spec
    const [{ envFrom, volumeMounts }] = pod.containers
    expect(envFrom).toEqual([{ configMapRef: { name: settings.metadata.name } }])
    expect(pod.volumes).toContainEqual({ name: 'clusters', configMap: { name: files.metadata.name } })
    const mount = volumeMounts.find(({ name }: { readonly name: string }) => name === 'clusters')
    expect(`${mount.mountPath}/${Object.keys(files.data)[0]}`).toBe(settings.data.SLUICE_CLUSTERS)
    expect(readClusters(join(overlay, 'clusters.yaml'), [])).toMatchObject([{ name: 'production', by: 'token' }])
  } finally {
    await rm(overlay, { recursive: true, force: true })
  }
})

const isAccess = ({ apiVersion }: { readonly apiVersion: string }) =>
  apiVersion.startsWith('rbac.authorization.k8s.io/')
const reader = {
  rules: [
    [['kustomize.toolkit.fluxcd.io'], ['kustomizations']],
    [['source.toolkit.fluxcd.io'], ['gitrepositories']],
    [['argoproj.io'], ['applications', 'appprojects']],
    [['apps'], ['deployments', 'replicasets', 'statefulsets', 'daemonsets']],
    [['batch'], ['jobs']],
    [['argoproj.io'], ['rollouts']],
    [[''], ['pods']],
    [[''], ['events']],
  ].map(([apiGroups, resources]) => ({ apiGroups, resources, verbs: ['get', 'list', 'watch'] })),
}
const toSluice = [{ kind: 'ServiceAccount', name: 'sluice', namespace: 'sluice' }]

test('I10 the install may read what it judges by, and neither write anything nor read anything else', async () => {
  const [role, binding, ...more] = (await builtManifests()).filter(isAccess)
  expect(more).toEqual([])
  expect([role.kind, role.metadata.name, role.aggregationRule]).toEqual(['ClusterRole', 'sluice-reader', undefined])
  expect(role).toMatchObject(reader)
  expect(binding).toMatchObject({
    kind: 'ClusterRoleBinding',
    roleRef: { kind: 'ClusterRole', name: 'sluice-reader' },
    subjects: toSluice,
  })
})

test('I10 the optional component lets two kinds be patched, beside what is read, and nothing more', async () => {
  const overlay = await mkdtemp(join(tmpdir(), 'sluice-install-'))
  try {
    const base = relative(overlay, fileOf('manifests'))
    const lines = ['namespace: sluice', `resources: [${base}]`, `components: [${base}/reconcile-requests]`]
    await writeFile(join(overlay, 'kustomization.yaml'), lines.join('\n'))
    const objects = await builtManifests(overlay)
    const own = ({ metadata }: { readonly metadata: { readonly name: string } }) =>
      metadata.name === 'sluice-reconcile-requests'
    const [role, binding, ...more] = objects.filter(own)
    expect([role.kind, binding.kind, more]).toEqual(['ClusterRole', 'ClusterRoleBinding', []])
    expect(role.rules).toEqual([
      { apiGroups: ['source.toolkit.fluxcd.io'], resources: ['gitrepositories'], verbs: ['patch'] },
      { apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['patch'] },
    ])
    expect(binding.subjects).toEqual(toSluice)
    const others = objects.filter((object) => isAccess(object) && !own(object))
    expect(others).toEqual((await builtManifests()).filter(isAccess))
  } finally {
    await rm(overlay, { recursive: true, force: true })
  }
})

test('each ruleset is one that GitHub’s API description takes, and names the App by the placeholder', async () => {
  const description = JSON.parse(await read('fixtures/github-rest-openapi.json'))
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema(description, 'github')
  const body = 'github#/paths/~1repos~1{owner}~1{repo}~1rulesets/post/requestBody/content/application~1json/schema'
  const takes = ajv.compile({ $ref: body })
  for (const name of ['state', 'sluice', 'people']) {
    const ruleset = JSON.parse(await read(`manifests/github/${name}.json`))
    expect(takes(ruleset), `${name}: ${ajv.errorsText(takes.errors)}`).toBe(true)
    expect(JSON.stringify(ruleset)).toMatch(/"(actor_id|integration_id)":0/)
  }
})

test('the App asks for no permission beyond those that the docs give a reason for', async () => {
  const { default_permissions } = parse(await read('app.yml'))
  expect(default_permissions).toEqual({
    metadata: 'read',
    contents: 'write',
    pull_requests: 'write',
    checks: 'write',
    issues: 'read',
    statuses: 'read',
    members: 'read',
  })
})

test('the image, and the page for those without it, bring the tools in the versions that the table pins', async () => {
  const [dockerfile, page, { toolTable }] = await Promise.all([
    read('Dockerfile'),
    read('docs/install-on-github.md'),
    import('../../src/toolchain/tool-table.ts'),
  ])
  for (const name of ['kustomize', 'cosign'] as const) {
    const pinned = `${toolTable[name].goPackage}@v${toolTable[name].version}`
    expect(dockerfile).toContain(pinned)
    expect(page).toContain(`go install ${pinned}`)
  }
})

test('the unit of the page finds the tools where the page puts them', async () => {
  const page = await read('docs/install-on-github.md')
  const [, tools = '', folder = ''] = page.match(/^sudo install (.*) (\S+)\/$/m) ?? []
  expect(tools.split(' ')).toEqual(['tools/kustomize', 'tools/cosign'])
  expect(page).toContain('export GOBIN="$PWD/tools"')
  expect(
    unitOf(page)
      .match(/ PATH=(\S+)/)?.[1]
      ?.split(':'),
  ).toContain(folder)
})

test('the unit of the page tells a stop to one process, which hands it on, and not to each tool that is under way', async () => {
  expect(unitOf(await read('docs/install-on-github.md'))).toMatch(/^KillMode=mixed$/m)
})

const unitOf = (page: string): string => page.match(/^```ini\n([\s\S]*?)^```$/m)?.[1] ?? ''

test('the image and the package bring each file beside the program that the program reads', async () => {
  const [dockerfile, { files }] = [await read('Dockerfile'), JSON.parse(await read('package.json'))]
  const [, lastStage = ''] = dockerfile.split(/^FROM (?!.* AS )/m)
  const copied = [...lastStage.matchAll(/^COPY --from=build (.*) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  )
  const asked = await filesBesideTheProgram()
  expect(asked).toEqual(expect.arrayContaining(['app.yml', 'fixtures/github-rest-openapi.json', 'package.json']))
  const holds = (brought: readonly string[], path: string) =>
    brought.some((one) => path === one || path.startsWith(`${one}/`))
  for (const path of asked) {
    expect(holds(copied, `/app/${path}`), `the image lacks ${path}`).toBe(true)
    expect(holds(['package.json', ...files], path), `the package lacks ${path}`).toBe(true)
  }
})

/** By the URLs of `src/` that lead out of it; the rig of `test/` is what a checkout alone has, and `sluice demo` asks for it. */
async function filesBesideTheProgram(): Promise<readonly string[]> {
  const found = new Set<string>()
  for await (const path of glob('src/**/*.ts', { cwd: fileOf('.') }))
    for (const [, url = ''] of (await read(path)).matchAll(/new URL\('(\.[^']+)', import\.meta\.url\)/g)) {
      const target = relative(fileOf('.'), join(fileOf(path), '..', url))
      if (target !== '' && !/^(src|test)\//.test(target)) found.add(target)
    }
  return [...found].sort()
}
