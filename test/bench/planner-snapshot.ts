import type { CheckedConfig } from '../../src/config/checked-config.ts'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import type { Directive } from '../../src/domain/directive.ts'
import { digestOf } from '../../src/domain/hash.ts'
import { type Instant, type Sha, type SlotKey, slotKey, toInstant, toSha } from '../../src/domain/ids.ts'
import { type Release, releaseOf } from '../../src/domain/release.ts'
import type { Considered } from '../../src/promotion/considered.ts'
import { wantedBySlot } from '../../src/promotion/plan/wanted-by-slot.ts'
import type { PromotionRecord, Slot, Snapshot } from '../../src/promotion/snapshot.ts'
import { stateEvent } from '../../src/state/events.ts'
import { foldEvents } from '../../src/state/fold.ts'
import { applicationNames, generateRepository, path } from './generate.ts'

const now = toInstant(1_700_000_000_000)
const hour = 3_600_000
const ago = (milliseconds: number): Instant => toInstant(now - milliseconds)
const sha = (text: string): Sha => toSha(digestOf(text).slice(7, 47))

/**
 * A repository in the middle of its life: every slot was promoted to once and has been seen healthy, a tenth of dev runs
 * something newer, every fiftieth slot is quarantined, declined or locked.
 */
export function plannerSnapshot(applications: number): Snapshot {
  const checked = configOf()
  const slots = applicationNames(applications).flatMap((application, index) => slotsOf(application, index))
  const folded = foldEvents([stateEvent({ kind: 'genesis', at: now, base: sha('base') })], now)
  const witnessed = slots.map((slot) => [slot.key, [witnessOf(slot)]] as const)
  return {
    at: now,
    repository: {
      id: 1,
      installation: 1,
      owner: 'acme',
      name: 'config',
      defaultBranch: 'main',
      url: '',
      cloneUrl: '',
      allowsMergeCommits: true,
    },
    us: { appId: 1, slug: 'sluice', botId: 1, botLogin: 'sluice[bot]' },
    base: sha('base'),
    branches: new Map([['main', sha('base')]]),
    config: { checked, commit: sha('base'), broken: null, neverParsed: false },
    brokenBy: null,
    state: {
      head: sha('state'),
      trusted: true,
      missing: false,
      folded: { ...folded, directives: directivesOf(slots), witnessed: new Map(witnessed) },
      loose: 0,
    },
    slots: new Map(slots.map((slot) => [slot.key, slot])),
    pulls: [],
    records: slots.filter(({ environment }) => environment !== 'dev').map(recordOf),
    brought: [],
    audit: { upTo: sha('base'), ungated: [], mismatched: [], rewritten: false },
    asked: [],
    closed: [],
    rules: {
      pullRequestRequired: true,
      requiredApprovals: 0,
      lastPushApproval: false,
      otherDemands: [],
      requiredChecks: [],
      upToDate: false,
      allowsForcePush: false,
      allowsDeletion: false,
      allowedMergeMethods: ['merge'],
      bypass: 'always',
    },
    untold: [],
    finished: new Set(),
    lapsed: new Set(),
    unread: [],
  }
}

/** As a round hands it to the planner, with nothing gathered: no pull request is open. */
export const consideredOf = (snapshot: Snapshot): Considered => ({
  snapshot,
  wanted: wantedBySlot(snapshot),
  judgements: new Map(),
  gathered: {
    evidence: { find: () => ({ is: 'pending', since: snapshot.at }) },
    proposals: new Map(),
    askers: new Map(),
    promoted: new Map(),
  },
})

function configOf(): CheckedConfig {
  const facts = { applications: 0, promotesToProduction: true, registry: 'registry.example', publicKey: '' }
  const digest = digestOf('1')
  const files = generateRepository({ ...facts, watchedDigest: digest, bigDigest: digest })
  const { config, diagnostics } = parseManifests(new Map([['.sluice/path.yaml', files['.sluice/path.yaml'] ?? '']]))
  if (config === null) throw new Error(`the generated manifests do not parse: ${JSON.stringify(diagnostics)}`)
  return config
}

function slotsOf(application: string, index: number): readonly Slot[] {
  return path.map((environment): Slot => {
    const isNewer = environment === 'dev' && index % 10 === 0
    const release = releaseNamed(application, isNewer ? '2' : '1')
    return {
      key: slotKey(application, environment),
      application,
      environment,
      overlay: `apps/${application}/overlays/${environment}`,
      inputs: digestOf(`${application} ${environment} ${release.id}`),
      release: { is: 'pinned', release },
      baselines: new Map(),
      original: releaseNamed(application, '0'),
      health: { is: 'healthy', since: ago(2 * hour) },
      healthySpan: { from: ago(2 * hour), until: now },
      appliedAt: ago(2 * hour),
      mayBeAsked: [],
    }
  })
}

const releaseNamed = (application: string, version: string): Release =>
  releaseOf({
    images: { [`registry.example/acme/${application}`]: digestOf(`${application} ${version}`) },
    trees: {},
    files: {},
    fields: {},
  })

const releaseIn = (slot: Slot): Release => {
  if (slot.release.is !== 'pinned') throw new Error('every slot of the snapshot is pinned')
  return slot.release.release
}

const witnessOf = (slot: Slot) => ({
  release: releaseIn(slot).id,
  parts: releaseIn(slot).parts,
  healthy: [{ from: ago(2 * hour), until: now, inputs: digestOf(slot.key) }],
  failed: false,
  firstSeen: ago(2 * hour),
  lastSeen: now,
})

const recordOf = (slot: Slot): PromotionRecord => ({
  kind: 'promotion',
  slot: slot.key,
  brings: releaseIn(slot).id,
  release: releaseIn(slot),
  replaces: releaseNamed(slot.application, '0'),
  takesBack: null,
  overHealthy: true,
  pull: 1,
  head: sha(`${slot.key} head`),
  merge: sha(`${slot.key} merge`),
  parent: sha(`${slot.key} parent`),
  mergedAt: ago(2 * hour),
  inputsBefore: digestOf('before'),
  inputsAfter: slot.inputs,
})

function directivesOf(slots: readonly Slot[]): readonly Directive[] {
  return slots.flatMap((slot, index): readonly Directive[] => {
    if (index % 50 !== 0) return []
    const given = { by: 5, byLogin: 'mo', at: ago(hour), why: 'because', event: `event-${index}` }
    const release = releaseNamed(slot.application, '3').id
    const held: SlotKey = slot.key
    return [
      { ...given, kind: 'quarantine', slot: held, release, parts: [] },
      { ...given, kind: 'decline', slot: held, release, pull: index },
      { ...given, kind: 'lock', scope: { environment: slot.environment, application: slot.application } },
    ]
  })
}
