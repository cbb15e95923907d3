import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gitRepository } from '../../src/adapters/git/git-repository.ts'
import { kustomizeRenderer } from '../../src/adapters/tools/kustomize/kustomize-renderer.ts'
import { configRepository, overlayFolder } from '../../src/demo/config-repository.ts'
import { eventually } from '../../src/demo/eventually.ts'
import type { RenderedObject, Rendering } from '../../src/domain/rendered.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/start-forge.ts'
import { tool } from '../tools.ts'
import { asArgoCd, asFlux, differencesFromApplied } from './applied.ts'
import { type Controllers, deliveryObjects, kindOf } from './delivery-objects.ts'
import { generatedOverlay } from './generated-overlays.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import type { KubeObject } from './rig/kube.ts'
import { namespace } from './rig/manifests.ts'
import { type Rig, startRig } from './rig/start-rig.ts'
import { rigFolder } from './rig-folder.ts'
import { tellWhy } from './tell-why.ts'

/** Others are tried by `SLUICE_TEST_SEED=…`; who changes nothing finds nothing new. */
const seed = Number(process.env['SLUICE_TEST_SEED'] ?? 1)
const generatedOverlays = 20
const placeholder = 'put-here'

/** One overlay, and who applies it. */
interface Place {
  readonly name: string
  readonly by: Controllers
  readonly path: string
  readonly files: Readonly<Record<string, string>>
}

const folder = rigFolder()
let rig: Rig
let forge: SandboxForge
let render: (place: Place) => Promise<Rendering>

let compared = 0
const places: readonly Place[] = [...demonstration(), ...generated()]

beforeAll(async () => {
  const dir = folder()
  const built = await buildBinaries(['etcd', 'kubernetes', 'kwok', 'flux', 'argo-cd'], () => {})
  const kustomize = await tool('kustomize')
  // Nothing changes any more: what was applied is left as it is.
  const argoCd = { kustomizeFolder: dirname(kustomize), resyncSeconds: 30 }
  rig = await startRig({ dir: join(dir, 'rig'), built, flux: true, argoCd })
  forge = await startForge({ dir: join(dir, 'forge') })
  forge.createUser('ann')
  const files = Object.assign({}, ...places.map((place) => place.files))
  const { cloneUrl } = await forge.createRepository({ owner: 'ann', name: 'config', files })
  const git = await gitRepository({ dir: join(dir, 'mirror.git'), url: cloneUrl, token: async () => null, git: 'git' })
  const head = (await git.fetch()).get('main')
  if (head === undefined) throw new Error('the repository has no main')
  const renderer = kustomizeRenderer({ kustomize, version: 'rig' })
  render = ({ path, by }) => renderer.render(git, head, path, by)
  await Promise.all(places.map((place) => deliver(place, cloneUrl)))
})
afterAll(async () => {
  await rig?.stop()
  await forge?.stop()
})

/** As the demonstration delivers them. */
function demonstration(): readonly Place[] {
  const files = configRepository({
    registry: 'registry.invalid',
    publicKey: 'none',
    digests: Object.fromEntries(['api', 'web', 'worker'].map((name) => [name, `sha256:${'a'.repeat(64)}`])),
    cluster: {
      name: 'rig',
      patience: { soak: '1s', settle: '1s', confirm: '1s', deadline: '1m', evidenceWithin: '1s' },
    },
  })
  const place = (name: string, by: Controllers): Place => ({ name, by, path: overlayFolder(name, 'staging'), files })
  return [place('api', 'flux'), place('web', 'flux'), place('worker', 'argo-cd')]
}

/** The same files twice, each in a folder and a namespace of its consumer. */
function generated(): readonly Place[] {
  const overlays = fc.sample(generatedOverlay(placeholder), { numRuns: generatedOverlays, seed })
  return overlays.flatMap((overlay, index) =>
    (['flux', 'argo-cd'] as const).map((by) => {
      const name = `${by}-${index}`
      const own = Object.entries(overlay.files).map(([path, text]) => [
        `${name}/${path}`,
        text.replaceAll(placeholder, name),
      ])
      return { name, by, path: `${name}/${overlay.path}`, files: Object.fromEntries(own) }
    }),
  )
}

async function deliver({ name, by, path }: Place, repoUrl: string): Promise<void> {
  const into = path.startsWith(name) ? name : 'staging'
  const objects = deliveryObjects(by, {
    name,
    at: kindOf[by].namespace,
    into,
    repoUrl,
    path,
    source: 'config',
    interval: '10m',
  })
  await rig.kube.apply(namespace(into), ...objects.map(asAppliedHere))
}

/** By the server, as Flux does it; nothing waits for health, and what fails by chance is tried again. */
const asAppliedHere = (object: KubeObject): KubeObject => {
  if (object.kind === 'Kustomization') return { ...object, spec: { ...object['spec'], wait: false } }
  if (object.kind !== 'Application') return object
  const retry = { limit: 5, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } }
  const syncPolicy = { ...object['spec'].syncPolicy, syncOptions: ['ServerSideApply=true'], retry }
  return { ...object, spec: { ...object['spec'], syncPolicy } }
}

type Ended =
  | { readonly is: 'applied'; readonly objects: readonly string[] }
  | { readonly is: 'refused'; readonly why: string }

/** Waits for the controller's own word; what may be otherwise at the next try is none. */
const ended = (place: Place): Promise<Ended> =>
  eventually(() => (place.by === 'flux' ? fluxEnded(place.name) : argoEnded(place.name)), {
    awaited: `${place.name} is applied, or refused`,
    within: 240_000,
  })

async function fluxEnded(name: string): Promise<Ended | undefined> {
  const status = (await rig.kube.get({ ...kindOf.flux, name }))?.['status']
  const ready = status?.conditions?.find((one: { readonly type: string }) => one.type === 'Ready')
  if (ready?.status === 'False' && ready.reason === 'BuildFailed') return { is: 'refused', why: ready.message }
  // Ready is written a moment before the rest of the status.
  if (ready?.status !== 'True' || status.inventory === undefined) return undefined
  const entries: readonly { readonly id: string }[] = status.inventory.entries
  // `<namespace>_<name>_<group>_<kind>`
  return { is: 'applied', objects: entries.map(({ id }) => id).toSorted() }
}

async function argoEnded(name: string): Promise<Ended | undefined> {
  const status = (await rig.kube.get({ ...kindOf['argo-cd'], name }))?.['status']
  const broken = status?.conditions?.find(({ message }: { readonly message: string }) =>
    message.includes('failed exit status'),
  )
  if (broken !== undefined) return { is: 'refused', why: broken.message }
  if (status?.sync?.status !== 'Synced' || status.operationState?.phase !== 'Succeeded') return undefined
  const resources: readonly Readonly<Record<string, string | undefined>>[] = status.resources
  const id = ({ namespace: within = '', name: own = '', group = '', kind = '' }: (typeof resources)[number]) =>
    [within, own, group, kind].join('_')
  return { is: 'applied', objects: resources.map(id).toSorted() }
}

const told = ({ namespace: within = '', name, apiVersion, kind }: RenderedObject): string =>
  [within, name, apiVersion.includes('/') ? apiVersion.split('/')[0] : '', kind].join('_')

describe.concurrent('what Sluice renders', { timeout: 300_000 }, () => {
  test.for(places.map((place) => [place.name, place] as const))(
    'T23 of %s is what its controller applied, and all of it',
    async ([, place], context) => {
      tellWhy(context, rig)
      context.onTestFailed(() => void process.stderr.write(`seed ${seed}\n${textOf(place)}\n`))
      const [rendering, seen] = await Promise.all([render(place), ended(place)])
      if (rendering.is === 'unsupported') {
        // What kustomize refuses, it refuses for the controller too; of the rest, one thing is generated.
        if (rendering.problem.reason === 'render.failed') return expect(seen).toMatchObject({ is: 'refused' })
        return expect([rendering.problem.reason, isPlainForArgo(place)]).toEqual(['render.no-kustomization', true])
      }
      expect(seen).toEqual({ is: 'applied', objects: rendering.objects.map(told).toSorted() })
      const applier =
        place.by === 'flux' ? asFlux({ namespace: kindOf.flux.namespace, name: place.name }) : asArgoCd(place.name)
      expect(await differencesFromApplied(rig.kube, rendering.objects, applier)).toEqual([])
      compared += 1
    },
  )
})

test('most of them were rendered and compared, not refused', () => expect(compared).toBeGreaterThan(places.length / 2))

/** Argo CD takes a folder without a kustomization for plain manifests, which Sluice does not render for it. */
const isPlainForArgo = ({ by, path, files }: Place): boolean =>
  by === 'argo-cd' && files[`${path}/kustomization.yaml`] === undefined

const textOf = ({ files, name }: Place): string =>
  Object.entries(files)
    .filter(([path]) => path.startsWith(`${name}/`))
    .map(([path, text]) => `--- ${path}\n${text}`)
    .join('')
