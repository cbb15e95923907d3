import type { CheckedConfig } from '../../config/checked-config.ts'
import { partsOf } from '../../domain/release.ts'
import type { ForgeRepository } from '../../ports/forge/forge.ts'
import type { BranchRules } from '../../ports/forge/rules.ts'
import { stateBranch } from '../../promotion/branches.ts'
import { observer } from '../../promotion/observe/observe.ts'
import type { Snapshot } from '../../promotion/snapshot.ts'
import type { OpenForge } from '../world.ts'
import { type Finding, fail, ok, unknownBecause, warn } from './finding.ts'

interface Check {
  /** The names that the settings give. */
  readonly clusters: readonly string[]
  /** Hears one image of each slot. */
  readonly onImage: (image: string) => void
}

/** Rules, manifests, clusters and state of one repository. */
export async function checkRepository(
  forge: OpenForge,
  repository: ForgeRepository,
  { clusters, onImage }: Check,
): Promise<readonly Finding[]> {
  const name = `${repository.owner}/${repository.name}`
  try {
    const { ports, close } = await forge.open(repository, () => undefined)
    try {
      const { appId } = await forge.installations.identity()
      const snapshot = await observer(ports)([{ is: 'everything' }])
      if (snapshot === null)
        return [
          warn(
            name,
            'holds no manifests under .sluice',
            'write them (docs/first-environments.md), or leave the App off it',
          ),
        ]
      for (const image of imagesOf(snapshot)) onImage(image)
      const protection = await forge.inspection.ruleTypes(repository, stateBranch)
      return [
        ...ruleFindings(repository, snapshot.rules, appId),
        protectionFinding(name, protection),
        ...stateFindings(name, snapshot),
        ...clusterFindings(name, snapshot.config.checked, clusters),
      ]
    } finally {
      await close()
    }
  } catch (error) {
    return [unknownBecause(name, error)]
  }
}

function imagesOf({ slots }: Snapshot): readonly string[] {
  return [...slots.values()].flatMap(({ release }) => {
    if (release.is !== 'pinned') return []
    return partsOf(release.release).flatMap(({ part, value }) => {
      const image = /^image (.+\/.+)$/.exec(part)?.[1]
      return image === undefined ? [] : [`${image}@${value}`]
    })
  })
}

const rulesets = 'apply the rulesets of manifests/github/'

/** What the default branch demands, as far as it can be read without administration rights. */
export function ruleFindings(
  repository: Pick<ForgeRepository, 'owner' | 'name' | 'defaultBranch' | 'allowsMergeCommits'>,
  rules: BranchRules,
  appId: number,
): readonly Finding[] {
  const what = `${repository.owner}/${repository.name} ${repository.defaultBranch}`
  const open = [
    ...(rules.pullRequestRequired ? [] : ['anybody with write may push to it directly']),
    ...(rules.requiredChecks.some((check) => check.name === 'sluice' && check.app === appId)
      ? []
      : ['the check `sluice` of this App is not required: anybody may merge around the gates']),
    ...(rules.allowsForcePush ? ['its history may be rewritten'] : []),
    ...(rules.allowsDeletion ? ['it may be deleted'] : []),
  ]
  return [
    open.length === 0
      ? ok(what, 'pull requests only, check `sluice` required, no rewriting, no deletion')
      : warn(
          what,
          `${open.join('; ')}. What goes around the gates is found and said, not kept from happening`,
          `${rulesets}sluice.json`,
        ),
    mergingFinding(`${what}: merging`, repository.allowsMergeCommits, rules),
    bypassFinding(what, rules.bypass),
    ...(rules.upToDate ? [upToDateFinding(what)] : []),
  ]
}

function mergingFinding(what: string, bySettings: boolean | null, { allowedMergeMethods }: BranchRules): Finding {
  const by = [
    ...(bySettings === false ? ['the settings of the repository (*General*, *Allow merge commits*)'] : []),
    ...(allowedMergeMethods.includes('merge') ? [] : ['a ruleset']),
  ].join(' and ')
  if (by !== '') return fail(what, `${by} forbids merge commits, and Sluice makes no others`, 'allow them there')
  return ok(
    what,
    bySettings === null
      ? 'no ruleset forbids merge commits; the App is not shown whether the settings do (*General*, *Allow merge commits*)'
      : 'merge commits are allowed',
  )
}

const upToDateFinding = (branch: string): Finding =>
  fail(
    `${branch}: up to date`,
    'a pull request must hold its newest commit, so each merge puts all others back, and Sluice merges none of those',
    'set `strict_required_status_checks_policy` to false in the ruleset (*Require branches to be up to date before merging*); the gates judge the merge result',
  )

function bypassFinding(branch: string, bypass: BranchRules['bypass']): Finding {
  const what = `${branch}: bypass`
  switch (bypass) {
    case 'always':
    case 'pull-request':
      return ok(what, 'Sluice may merge once its own gates pass')
    case 'never':
      return warn(
        what,
        'the branch demands approvals or checks that Sluice must wait for as anybody does (assisted)',
        `to let the gates decide alone, ${rulesets}people.json`,
      )
    case 'unknown':
      return warn(
        what,
        'not known: a ruleset cannot be read; a merge may be refused',
        `${rulesets}people.json, in the repository rather than the organisation`,
      )
  }
}

function protectionFinding(name: string, types: readonly string[]): Finding {
  const missing = ['creation', 'update', 'deletion'].filter((type) => !types.includes(type))
  return missing.length === 0
    ? ok(`${name} sluice/**`, 'only who may bypass creates, updates and deletes its branches')
    : warn(
        `${name} sluice/**`,
        `not protected against ${missing.join(', ')} by others: whoever does it makes the state untrusted`,
        `${rulesets}state.json`,
      )
}

function stateFindings(name: string, { state, config, unread }: Snapshot): readonly Finding[] {
  const trusted = state.trusted
  return [
    trusted === true
      ? ok(`${name} state`, state.missing ? 'not there yet: the server makes it at its first look' : 'trusted')
      : fail(`${name} state`, trusted.untrusted, `sluice state repair ${name}`),
    config.broken === null
      ? ok(`${name} manifests`, `${config.checked.environments.size} environments`)
      : fail(`${name} manifests`, `the newest do not parse:\n${config.broken}`, 'sluice validate'),
    ...unread.map(({ pull, why }) =>
      warn(`${name} #${pull.number}`, `set aside: ${why}`, 'it is looked at again in every round'),
    ),
  ]
}

/** Clusters that the manifests name and the settings do not. */
function clusterFindings(
  name: string,
  { environments }: Pick<CheckedConfig, 'environments'>,
  configured: readonly string[],
): readonly Finding[] {
  const named = [...environments.values()].flatMap((environment) =>
    environment.delivery.flatMap((spec) => (spec.type === 'none' ? [] : [{ spec, environment: environment.name }])),
  )
  const byCluster = Map.groupBy(named, ({ spec }) => spec.cluster)
  return [...byCluster]
    .filter(([cluster]) => !configured.includes(cluster))
    .map(([cluster, by]) =>
      fail(
        `${name} cluster ${cluster}`,
        `the delivery of ${[...new Set(by.map(({ environment }) => environment))].join(', ')} names it, and the settings do not: what runs there is not known to be healthy, so nothing is promoted from there`,
        'name it in the file of SLUICE_CLUSTERS, or mend `cluster` in the manifests',
      ),
    )
}
