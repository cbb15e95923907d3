import type { Asker } from '../../src/commands/rights.ts'
import type { Environment } from '../../src/config/checked-config.ts'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import type { Change } from '../../src/domain/change.ts'
import { digestOf, digestOfValue } from '../../src/domain/hash.ts'
import type { Health, ObjectRef } from '../../src/domain/health.ts'
import { type Digest, type Instant, partsOfSlot, type SlotKey, toInstant, toSha } from '../../src/domain/ids.ts'
import type { Person } from '../../src/domain/person.ts'
import { type Release, releaseOf } from '../../src/domain/release.ts'
import type { Role } from '../../src/domain/role.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import type { Evidence, WeighedReview } from '../../src/gates/evidence.ts'
import type { PullRequest } from '../../src/ports/forge/pull-requests.ts'
import type { Considered } from '../../src/promotion/considered.ts'
import type { Derived } from '../../src/promotion/derive.ts'
import type { Effect, EffectKind, EffectOf } from '../../src/promotion/effects.ts'
import type { Judgement } from '../../src/promotion/judgement.ts'
import { type Plan, plan } from '../../src/promotion/plan/plan.ts'
import type { Wanted } from '../../src/promotion/plan/wanted.ts'
import { wantedBySlot } from '../../src/promotion/plan/wanted-by-slot.ts'
import type { Asked, ClosedPull, Intent, PromotionRecord, Pull, Slot, Snapshot } from '../../src/promotion/snapshot.ts'
import { type NewEvent, type StateEvent, stateEvent } from '../../src/state/events.ts'
import { foldEvents } from '../../src/state/fold.ts'

/** Facts of one round, told in words. Everything that a story does not name is as in a quiet company. */
export const now = toInstant(Date.UTC(2026, 5, 1, 12))
export const ago = (milliseconds: number): Instant => toInstant(now - milliseconds)
export const minute = 60_000
export const hour = 60 * minute
export const shaOf = (name: string) => toSha(digestOf(name).slice('sha256:'.length, 'sha256:'.length + 40))
export const contentOf = (slot: SlotKey, name: string): Digest => digestOfValue([slot, name])
export const releaseNamed = (name: string): Release =>
  releaseOf({ images: { 'ghcr.io/acme/api': digestOf(name) }, trees: {}, files: {}, fields: {} }, name)
/** What production makes of such a release where its overlay names an image more than the others. */
export const withAgent = (name: string): Release =>
  releaseOf(
    {
      ...releaseNamed(name).parts,
      images: { ...releaseNamed(name).parts.images, 'ghcr.io/acme/agent': digestOf('agent') },
    },
    name,
  )

export const ann: Person = { id: 11, login: 'ann', kind: 'person' }
export const sam: Person = { id: 12, login: 'sam', kind: 'person' }
export const bot: Person = { id: 1, login: 'sluice[bot]', kind: 'bot' }
export const dev: SlotKey = 'api/dev'
export const staging: SlotKey = 'api/staging'
export const production: SlotKey = 'api/production'

const manifest = (name: string, more: string): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${name} }
spec:
  overlay: apps/{application}/overlays/${name}
  health: { settle: 30s, confirm: 2m, deadline: 15m, watch: 30m }
  delivery: [{ type: flux, kustomization: "flux-system/{application}-${name}", cluster: here }]
${more}`

const manifests = new Map([
  [
    '.sluice/application.yaml',
    'apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: "*" }\nspec: { owners: [acme/team] }\n',
  ],
  ['.sluice/dev.yaml', manifest('dev', '  entry: auto\n')],
  [
    '.sluice/staging.yaml',
    manifest(
      'staging',
      '  promotesFrom: [dev]\n  merge: auto\n  gates: [{ name: soaked, type: upstream, soak: 10m }]\n',
    ),
  ],
  [
    '.sluice/production.yaml',
    manifest(
      'production',
      '  promotesFrom: [staging]\n  merge: auto\n  gates:\n    - { name: soaked, type: upstream, soak: 1h }\n    - { name: signed off, type: manual, from: [acme/sre] }\n  rollback: { when: unhealthy, by: [acme/sre], breaker: { reverts: 2, within: 15m } }\n',
    ),
  ],
])

function configOf(files: ReadonlyMap<string, string>) {
  const { config, diagnostics } = parseManifests(files)
  if (config === null) throw new Error(JSON.stringify(diagnostics))
  return config
}
export const config = configOf(manifests)

export const eu: SlotKey = 'api/eu'
export const us: SlotKey = 'api/us'
/** Production promotes from two environments; each says by itself what it runs. */
export const promotesFromTwo: Verb = ({ snapshot }) => {
  const files = new Map([
    ['.sluice/eu.yaml', manifest('eu', '  entry: auto\n')],
    ['.sluice/us.yaml', manifest('us', '  entry: auto\n')],
    [
      '.sluice/production.yaml',
      manifest(
        'production',
        '  promotesFrom: [eu, us]\n  merge: auto\n  gates: [{ name: soaked, type: upstream, soak: 1h }]\n',
      ),
    ],
  ])
  snapshot.config = { ...snapshot.config, checked: configOf(files) }
}

interface Draft {
  snapshot: { -readonly [K in keyof Snapshot]: Snapshot[K] }
  events: StateEvent[]
  slots: Map<SlotKey, Slot>
  pulls: Pull[]
  verdicts: Map<number, readonly Verdict[]>
  reviews: Map<number, readonly WeighedReview[]>
  askers: Map<number, Asker>
  proposals: Map<SlotKey, Derived>
  promoted: Map<SlotKey, readonly ObjectRef[] | null>
}

export type Verb = (draft: Draft) => void

export interface AWorld {
  readonly snapshot: Snapshot
  readonly considered: Considered
  readonly plan: Plan
  wanted(slot: SlotKey): Wanted | undefined
  effects<K extends EffectKind>(kind: K): readonly EffectOf<K>[]
  events<K extends StateEvent['kind']>(kind: K): readonly Extract<StateEvent, { kind: K }>[]
}

/** Every environment runs `one` and has been healthy for two hours; the verbs say what is otherwise. */
export function aWorld(...verbs: readonly Verb[]): AWorld {
  const draft = quiet()
  for (const verb of verbs) verb(draft)
  const { events, slots, pulls } = draft
  const folded = foldEvents(events, now)
  const state = { ...draft.snapshot.state, folded }
  const snapshot: Snapshot = { ...draft.snapshot, state, slots, pulls }
  const wanted = wantedBySlot(snapshot)
  const judgements = new Map(pulls.map((pull) => [pull.pull.number, judgementsOf(draft, pull)] as const))
  const proposals = new Map([...wanted.keys()].map((slot) => [slot, draft.proposals.get(slot) ?? someEdits] as const))
  const { askers, promoted } = draft
  const considered = {
    snapshot,
    wanted,
    judgements,
    gathered: { evidence: evidenceOf(draft), proposals, askers, promoted },
  }
  const planned = plan(considered)
  return {
    ...{ snapshot, considered, plan: planned },
    wanted: (slot) => wanted.get(slot),
    effects: <K extends EffectKind>(kind: K) =>
      planned.effects.filter((one) => one.kind === kind) as unknown as EffectOf<K>[],
    events: (kind) =>
      written(planned.effects).filter((one): one is Extract<StateEvent, { kind: typeof kind }> => one.kind === kind),
  }
}

const written = (effects: readonly Effect[]): readonly StateEvent[] =>
  effects.flatMap((one) => (one.kind === 'write-state' ? one.events : []))

export const someEdits: Derived = {
  is: 'edits',
  edits: [{ path: 'apps/api/overlays/production/kustomization.yaml', text: 'images: []\n', mode: '100644' }],
}

function quiet(): Draft {
  const slots = new Map([dev, staging, production].map((key) => [key, aSlot(key, 'one', ago(2 * hour))] as const))
  const events: StateEvent[] = [
    stateEvent({ kind: 'genesis', at: ago(24 * hour), base: shaOf('main') }),
    ...[...slots.values()].map((slot) => witnessOf(slot, 'one', ago(2 * hour), ago(minute))),
  ]
  return {
    ...{ events, slots, pulls: [], verdicts: new Map(), reviews: new Map(), askers: new Map() },
    ...{ proposals: new Map(), promoted: new Map() },
    snapshot: {
      ...{ at: now, base: shaOf('main'), branches: new Map([['main', shaOf('main')]]), slots, pulls: [] },
      repository: {
        ...{ id: 77, installation: 5, owner: 'acme', name: 'config', defaultBranch: 'main' },
        ...{ url: 'https://forge.example/acme/config', cloneUrl: 'https://forge.example/acme/config.git' },
        allowsMergeCommits: true,
      },
      us: { appId: 9, slug: 'sluice', botId: 1, botLogin: 'sluice[bot]' },
      config: { checked: config, commit: shaOf('main'), broken: null, neverParsed: false },
      brokenBy: null,
      state: { head: shaOf('state'), trusted: true, missing: false, folded: foldEvents([], now), loose: 0 },
      ...{
        records: [],
        brought: [],
        asked: [],
        closed: [],
        untold: [],
        finished: new Set(),
        lapsed: new Set(),
        unread: [],
      },
      audit: { upTo: shaOf('main'), ungated: [], mismatched: [], rewritten: false },
      rules: {
        ...{ pullRequestRequired: true, requiredApprovals: 0, requiredChecks: [], allowsForcePush: false },
        ...{ lastPushApproval: false, otherDemands: [] },
        ...{ upToDate: false, allowsDeletion: false, allowedMergeMethods: ['merge'], bypass: 'pull-request' },
      },
    },
  }
}

function aSlot(key: SlotKey, release: string, since: Instant): Slot {
  const { application, environment } = partsOfSlot(key)
  return {
    ...{ key, application, environment, overlay: `apps/${application}/overlays/${environment}` },
    ...{ inputs: contentOf(key, release), release: { is: 'pinned', release: releaseNamed(release) } },
    ...{ baselines: new Map(), original: null, health: { is: 'healthy', since } },
    ...{ healthySpan: { from: since, until: now }, appliedAt: since, mayBeAsked: [] },
  }
}

const witnessOf = (
  slot: Pick<Slot, 'key'>,
  release: string,
  from: Instant,
  at: Instant,
  is: 'healthy' | 'failed' = 'healthy',
) =>
  stateEvent({
    ...{
      kind: 'witness',
      slot: slot.key,
      release: releaseNamed(release).id,
      inputs: contentOf(slot.key, release),
      is,
      from,
      at,
    },
    parts: { images: { ...releaseNamed(release).parts.images }, trees: {}, files: {}, fields: {} },
    alias: `api:${release}`,
  })

const judgementsOf = ({ verdicts }: Draft, { pull, changes }: Pull): readonly Judgement[] =>
  changes.map((change) => ({ change, pull: pull.number, verdicts: verdicts.get(pull.number) ?? [passed] }))

const evidenceOf = ({ reviews }: Draft): Evidence => ({
  find: (kind, key) => {
    const value = kind === 'reviews' && 'pull' in key && 'from' in key ? (reviews.get(key.pull) ?? []) : undefined
    const isNamed = 'from' in key && key.from.length > 0
    return value !== undefined && isNamed
      ? { is: 'known', value: value as never, readAt: now, id: digestOf('reviews'), mutable: true }
      : { is: 'unavailable', reason: 'evidence.not-named', detail: kind }
  },
})

export const verdict = (differs: Partial<Verdict> = {}): Verdict => ({
  ...{
    gate: 'soaked',
    type: 'upstream',
    is: 'pass',
    reason: 'upstream.soaked',
    values: {},
    evidence: [],
    asOf: now,
    who: [],
  },
  ...differs,
})
const passed = verdict()

// ── verbs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A slot runs a release, seen healthy since then. */
export const runs =
  (slot: SlotKey, release: string, since: Instant = ago(2 * hour)): Verb =>
  ({ slots }) =>
    void slots.set(slot, aSlot(slot, release, since))

export const slotIs =
  (slot: SlotKey, differs: Partial<Slot>): Verb =>
  ({ slots }) =>
    void slots.set(slot, { ...(slots.get(slot) ?? aSlot(slot, 'one', ago(hour))), ...differs })

export const healthIs = (slot: SlotKey, health: Health): Verb => slotIs(slot, { health, healthySpan: null })

export const crashing: Extract<Health, { is: 'failed' }> = {
  ...{ is: 'failed', since: ago(3 * minute), reason: 'flux.health-check', detail: 'CrashLoopBackOff' },
  objects: [{ kind: 'Deployment', namespace: 'production', name: 'api' }],
}

/** What is on record of health: a whole stretch. */
export const witnessed =
  (slot: SlotKey, release: string, from: Instant, until: Instant, is: 'healthy' | 'failed' = 'healthy'): Verb =>
  ({ events }) =>
    void events.push(witnessOf({ key: slot }, release, from, until, is))

/** The same of a release that the story made itself. */
export const witnessedAs = (slot: SlotKey, { id, parts, alias = id }: Release, from: Instant, at: Instant): Verb =>
  recorded({
    ...{ kind: 'witness', slot, release: id, inputs: contentOf(slot, alias), is: 'healthy', from, at },
    parts: { images: { ...parts.images }, trees: {}, files: {}, fields: {} },
  })

/** Nothing is on record of it but what other verbs say. */
export const forgotten =
  (slot: SlotKey): Verb =>
  ({ events }) => {
    const others = events.filter((event) => event.kind !== 'witness' || event.slot !== slot)
    events.splice(0, events.length, ...others)
  }

export const recorded =
  (event: NewEvent): Verb =>
  ({ events }) =>
    void events.push(stateEvent(event))

export const quarantined = (slot: SlotKey, release: string, at: Instant = ago(minute)): Verb =>
  recorded({
    ...{ kind: 'quarantine', at, slot, release: releaseNamed(release).id, why: 'it crashed', evidence: ['seen'] },
    parts: [{ part: 'image ghcr.io/acme/api', value: digestOf(release) }],
  })

/** A promotion or rollback of ours on the default branch. */
export const brought =
  (slot: SlotKey, from: string, to: string, at: Instant, differs: Partial<PromotionRecord> = {}): Verb =>
  ({ snapshot }) => {
    const record: PromotionRecord = {
      ...{ kind: 'promotion', slot, release: releaseNamed(to), replaces: releaseNamed(from), takesBack: null },
      ...{
        brings: releaseNamed(to).id,
        overHealthy: true,
        pull: 40,
        head: shaOf(`head ${to}`),
        merge: shaOf(`merge ${to}`),
        parent: shaOf('before'),
      },
      ...{ mergedAt: at, inputsBefore: contentOf(slot, from), inputsAfter: contentOf(slot, to), ...differs },
    }
    snapshot.records = [record, ...snapshot.records.filter((one) => one.slot !== slot)]
    snapshot.brought = [{ slot, release: record.brings, at }, ...snapshot.brought]
  }

export const changedObjects =
  (slot: SlotKey, objects: readonly ObjectRef[] | null): Verb =>
  ({ promoted }) =>
    void promoted.set(slot, objects)

export const proposed =
  (slot: SlotKey, proposal: Derived): Verb =>
  ({ proposals }) =>
    void proposals.set(slot, proposal)

export const snapshotIs =
  (differs: Partial<Snapshot>): Verb =>
  ({ snapshot }) =>
    void Object.assign(snapshot, differs)

/** What the manifest of production says of taking back by itself. */
export const takesBack =
  (when: Environment['rollback']['when']): Verb =>
  ({ snapshot }) => {
    const { checked } = snapshot.config
    const described = checked.environments.get('production')
    if (described === undefined) throw new Error('there is no production')
    const changed = { ...described, rollback: { ...described.rollback, when } }
    const environments = new Map([...checked.environments, ['production', changed] as const])
    snapshot.config = { ...snapshot.config, checked: { ...checked, environments } }
  }

export const untrusted: Verb = ({ snapshot }) => {
  snapshot.state = { ...snapshot.state, trusted: { untrusted: 'a foreign commit' } }
}

export const pullRequest = (number: number, differs: Partial<PullRequest> = {}): PullRequest => ({
  ...{ number, nodeId: `PR_${number}`, title: `Change ${number}`, body: '', url: '', author: ann, ours: false },
  ...{ state: 'open', draft: false, base: 'main', headBranch: `ann/${number}`, head: shaOf(`head of ${number}`) },
  ...{ sameRepository: true, autoMerge: null, createdAt: ago(hour), updatedAt: ago(hour) },
  ...{ closedAt: null, mergedAt: null, mergeCommit: null },
  ...differs,
})

export const changeOf = (slot: SlotKey, to: string, differs: Partial<Change> = {}): Change => ({
  ...{ slot, kind: 'edit', head: shaOf('head'), inputs: contentOf(slot, to), sharedPaths: [], guardPaths: [] },
  release: { is: 'pinned', release: releaseNamed(to) },
  replaces: { is: 'pinned', release: releaseNamed('one') },
  origin: { in: 'pull-request', pull: 0, author: ann, initiators: { people: [ann], complete: true } },
  difference: { is: 'rendered', after: [], changed: [] },
  ...differs,
})

/** An open pull request of somebody's. */
export const opened =
  (number: number, changes: readonly Change[], differs: Partial<Pull> = {}, shown: Partial<PullRequest> = {}): Verb =>
  ({ pulls }) =>
    void pulls.push({
      ...{ pull: pullRequest(number, shown), check: undefined, merge: { is: 'clean', tree: shaOf(`tree ${number}`) } },
      headSince: null,
      ...{ changes, intent: null, outdated: null, foreignCommit: null, takesBack: null, writers: new Set([ann.id]) },
      ...{ paths: [], beside: [], nextConfig: config, brokenConfig: null },
      ...differs,
    })

export const intentTo = (slot: SlotKey, to: string, differs: Partial<Intent> = {}): Intent => ({
  ...{ kind: 'promotion', slot, brings: releaseNamed(to).id, takesBack: null },
  ...{ release: releaseNamed(to), replaces: releaseNamed('one') },
  ...differs,
})

/** One of ours, open on its branch. */
export function ours(
  number: number,
  slot: SlotKey,
  to: string,
  differs: Partial<Pull> = {},
  shown: Partial<PullRequest> = {},
): Verb {
  const intent = differs.intent ?? intentTo(slot, to)
  const { application, environment } = partsOfSlot(slot)
  const word = intent.kind === 'rollback' ? 'rollback' : 'promote'
  const headBranch = `sluice/${word}/${environment}/${application}`
  const change = changeOf(slot, to, { kind: intent.kind })
  return opened(number, [change], { intent, ...differs }, { author: bot, ours: true, headBranch, ...shown })
}

/** The gates say this of a pull request; without it they pass. */
export const judged =
  (pull: number, ...said: readonly Verdict[]): Verb =>
  ({ verdicts }) =>
    void verdicts.set(pull, said)

export const approved =
  (pull: number, by: Person = sam): Verb =>
  ({ reviews }) =>
    void reviews.set(pull, [{ by, is: 'approved', head: shaOf(`head of ${pull}`), groups: ['role:write'] }])

export const closed =
  (pull: number, intent: Intent, at: Instant): Verb =>
  ({ snapshot }) => {
    const shown = pullRequest(pull, { state: 'closed', ours: true, author: bot, closedAt: at, updatedAt: at })
    snapshot.closed = [...snapshot.closed, { pull: shown, intent } satisfies ClosedPull]
  }

/** Somebody wrote a comment with these lines, on a pull request. */
export const said =
  (
    comment: number,
    by: Person,
    lines: Asked['lines'],
    role: Role | undefined,
    pull: number | null = null,
    groups: readonly string[] = [],
  ): Verb =>
  ({ snapshot, pulls, askers }) => {
    const on = pulls.find((one) => one.pull.number === pull)?.pull ?? null
    const written = {
      ...{ id: comment, pull: pull ?? 500, by, ours: false, app: null, body: '/sluice …', createdAt: ago(minute) },
      ...{ updatedAt: ago(minute), url: '' },
    }
    snapshot.asked = [...snapshot.asked, { comment: written, pull: on, lines }]
    askers.set(comment, { person: by, appId: null, role, memberOf: (group) => groups.includes(group) })
  }
