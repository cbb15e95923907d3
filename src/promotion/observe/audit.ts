import type { CheckedConfig } from '../../config/checked-config.ts'
import { guardedEnvironments } from '../../config/guarded-environments.ts'
import { digestOfValue } from '../../domain/hash.ts'
import { type Digest, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { Forge } from '../../ports/forge/forge.ts'
import type { Commit } from '../../ports/git.ts'
import type { Folded } from '../../state/fold.ts'
import { gatedDigest } from '../gated-digest.ts'
import type { Audit } from '../snapshot.ts'
import { guardInputs, inputsOf, placeOf, slotsConcerned } from './changes.ts'
import { readConfig } from './config.ts'
import { lineSince } from './line.ts'
import { type Overlays, readOverlay, touching, whatLiesAt } from './overlays.ts'
import { pathsBetween } from './paths-between.ts'
import { pullOfCommit } from './pull-of-commit.ts'
import { type Reader, sealedMerge } from './records.ts'

export interface AuditContext extends Reader {
  readonly forge: Pick<Forge, 'pulls'>
  readonly repository: { readonly id: number; readonly name: string }
  readonly base: Sha
  readonly config: CheckedConfig
  readonly overlays: Overlays
}

/** How far the audit is: what the state says, and how far nothing was found since. */
export interface Audited {
  readonly recorded: Sha
  readonly cleanUpTo: Sha
}

/** Goes on from where nothing was found last; what was found is found again until the state says so. */
export async function observeAudit(
  context: AuditContext,
  folded: Pick<Folded, 'audited' | 'genesis'>,
  previous: Audited | null,
): Promise<{ readonly audit: Audit; readonly audited: Audited }> {
  const recorded = folded.audited ?? folded.genesis ?? context.base
  const from = previous?.recorded === recorded ? previous.cleanUpTo : recorded
  const found = await audit(context, from)
  const isClean = found.ungated.length === 0 && !found.rewritten
  return { audit: found, audited: { recorded, cleanUpTo: isClean ? context.base : from } }
}

/**
 * Looks at every commit of the default branch since `from`: a slot or guard path that changed without the recorded pass of
 * exactly its inputs is ungated (T70), and a merge of ours that holds something else than was gated is a mismatch (I3).
 */
async function audit(context: AuditContext, from: Sha): Promise<Audit> {
  const { git, base } = context
  const clean: Audit = { upTo: base, ungated: [], mismatched: [], rewritten: false }
  const line = await lineSince(git, from, base)
  if (line === null) return { ...clean, upTo: from, rewritten: true }
  let found = clean
  for (const commit of line.toReversed()) found = add(found, await auditCommit(context, commit))
  return found
}

type Finding =
  | { readonly is: 'gated' }
  | {
      readonly is: 'ungated' | 'mismatched'
      readonly commit: Sha
      readonly slots: readonly SlotKey[]
      readonly pull: number | null
    }

async function auditCommit(context: AuditContext, commit: Commit): Promise<Finding> {
  const [parent] = commit.parents
  if (parent === undefined) return { is: 'gated' }
  const changed = await changedInputs(context, parent, commit.oid)
  if (changed.length === 0) return { is: 'gated' }
  const slots = changed.map((change) => change.slot)
  const ours = sealedMerge(context, commit)
  if (ours === undefined) return foreign(context, commit.oid, slots)
  // A head that was merged before cannot be merged again: somebody wrote our old message under a commit of theirs (T70).
  if (await context.git.isAncestor(ours.head, parent)) return foreign(context, commit.oid, slots)
  return ours.trailers.gated === gatedDigest(changed)
    ? { is: 'gated' }
    : { is: 'mismatched', commit: commit.oid, slots, pull: ours.trailers.pull }
}

/** Where people talk of it is where they are told. */
const foreign = async (context: AuditContext, commit: Sha, slots: readonly SlotKey[]): Promise<Finding> => ({
  ...{ is: 'ungated', commit, slots },
  pull: await pullOfCommit(context, commit),
})

function add(audit: Audit, finding: Finding): Audit {
  if (finding.is === 'gated') return audit
  const { commit, slots, pull } = finding
  const why =
    finding.is === 'ungated' ? 'changed without a pass of Sluice' : 'merged with another content than was gated'
  const ungated = [...audit.ungated, { commit, slots, pull, why }]
  if (finding.is === 'ungated') return { ...audit, ungated }
  return { ...audit, ungated, mismatched: [...audit.mismatched, ...slots.map((slot) => ({ commit, slot }))] }
}

interface ChangedInputs {
  readonly slot: SlotKey
  readonly inputs: Digest
}

/** By the rules that held before the commit, as the gates would have judged it. */
async function changedInputs(context: AuditContext, before: Sha, after: Sha): Promise<readonly ChangedInputs[]> {
  const { git, overlays, repository } = context
  const old = await readConfig(git, before, repository.name)
  const config = old.is === 'read' ? old.checked : context.config
  const paths = await pathsBetween(git, before, after)
  if (paths === null) return anything(config, after)
  const changed: ChangedInputs[] = []
  const isTouched = touching(paths)
  for (const slot of slotsConcerned(overlays, paths, config, repository.name)) {
    const place = placeOf(config, slot)
    if (place === undefined) continue
    const [then, now] = await Promise.all([
      readOverlay(git, before, config, place),
      readOverlay(git, after, config, place),
    ])
    const [wasThere, isThere] = await Promise.all([
      isAnything(context, before, place.overlay),
      isAnything(context, after, place.overlay),
    ])
    const isUnreadStill = then.inputs === null && now.inputs === null && !isTouched(now)
    if ((!wasThere && !isThere) || isUnreadStill) continue
    const inputs = inputsOf(now, isThere, after)
    if (inputsOf(then, wasThere, before) !== inputs) changed.push({ slot, inputs })
  }
  const next = await readConfig(git, after, repository.name)
  for (const [environment, guardPaths] of guardedEnvironments(
    config,
    next.is === 'read' ? next.checked : null,
    paths,
  )) {
    changed.push({ slot: slotKey('*', environment), inputs: await guardInputs(git, after, guardPaths) })
  }
  return changed
}

/** What nobody can look at may hold a change of everything. */
const anything = (config: CheckedConfig, after: Sha): readonly ChangedInputs[] =>
  [...config.environments.keys()].map((name) => ({
    slot: slotKey('*', name),
    inputs: digestOfValue({ unread: name, tree: after }),
  }))

const isAnything = async ({ git }: AuditContext, treeish: Sha, path: string): Promise<boolean> =>
  (await whatLiesAt(git, treeish, path)) !== 'nothing'
