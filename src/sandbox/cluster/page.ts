import { conditionsOf, type KubeObject } from './kube-object.ts'
import type { ObjectStore } from './object-store.ts'
import { imagesOf } from './pods.ts'

/** One page for people: what delivers, and what runs. Everything from the cluster is escaped. */
export function page(name: string, store: ObjectStore): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>cluster ${escaped(name)}</title>
<style>${style}</style><h1>cluster ${escaped(name)}</h1>
${table('Delivery', ['kind', 'name', 'state', 'revision', 'says'], deliveries(store))}
${table('Workloads', ['kind', 'namespace', 'name', 'ready', 'images'], workloads(store))}
${table('Pods that are not ready', ['namespace', 'name', 'waits', 'says'], unready(store))}`
}

function deliveries(store: ObjectStore): string[][] {
  const kustomizations = store.list('kustomize.toolkit.fluxcd.io/v1/kustomizations').map((object) => {
    const ready = conditionsOf(object).find(({ type }) => type === 'Ready')
    const state = object.spec?.suspend === true ? 'Suspended' : (ready?.reason ?? 'no status yet')
    return ['Kustomization', nameOf(object), state, text(object.status?.lastAppliedRevision), ready?.message ?? '']
  })
  const sources = store.list('source.toolkit.fluxcd.io/v1/gitrepositories').map((object) => {
    const ready = conditionsOf(object).find(({ type }) => type === 'Ready')
    const artifact = object.status?.artifact as { revision?: string } | undefined
    return [
      'GitRepository',
      nameOf(object),
      ready?.reason ?? 'no status yet',
      text(artifact?.revision),
      ready?.message ?? '',
    ]
  })
  const applications = store.list('argoproj.io/v1alpha1/applications').map((object) => {
    const { sync, health, operationState } = (object.status ?? {}) as Record<string, Record<string, string> | undefined>
    const state = `${sync?.status ?? 'no status yet'} ${health?.status ?? ''}`
    return ['Application', nameOf(object), state, sync?.revision ?? '', operationState?.message ?? '']
  })
  return [...kustomizations, ...sources, ...applications]
}

const workloads = (store: ObjectStore): string[][] =>
  ['apps/v1/deployments', 'apps/v1/statefulsets', 'apps/v1/daemonsets', 'batch/v1/jobs']
    .flatMap((collection) => store.list(collection))
    .map((object) => [
      object.kind,
      object.metadata.namespace ?? '',
      object.metadata.name,
      `${text(object.status?.readyReplicas ?? object.status?.numberReady ?? object.status?.succeeded ?? 0)}/${text(object.spec?.replicas ?? 1)}`,
      imagesOf(object).join('\n'),
    ])

const unready = (store: ObjectStore): string[][] =>
  store.list('v1/pods').flatMap((pod) => {
    const statuses = (pod.status?.containerStatuses ?? []) as readonly ContainerStatus[]
    const behind = statuses.find(({ ready }) => !ready)
    if (behind === undefined) return []
    const waiting = behind.state.waiting ?? { reason: 'not ready', message: '' }
    return [[pod.metadata.namespace ?? '', pod.metadata.name, waiting.reason, waiting.message]]
  })

interface ContainerStatus {
  readonly ready: boolean
  readonly state: { readonly waiting?: { readonly reason: string; readonly message: string } }
}

/** Commits and digests as people compare them; the rest is there for who points at it. */
const shortened = (text: string): string =>
  text.replace(/\b([0-9a-f]{12})[0-9a-f]{28,52}\b/g, '<abbr title="$&">$1…</abbr>')

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>None.</p>`
  const head = heads.map((word) => `<th>${word}</th>`).join('')
  const body = rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${shortened(escaped(cell))}</td>`).join('')}</tr>`)
    .join('\n')
  return `<h2>${title}</h2><table><tr>${head}</tr>\n${body}</table>`
}

const nameOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`
const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value))
const escaped = (raw: string): string => raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1c2430}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem;border-bottom:1px solid #d8dee6}
th,td:nth-child(-n+3){white-space:nowrap}td:nth-child(n+4){white-space:pre-line;overflow-wrap:anywhere}
th{font-weight:600;color:#55606e}`
