import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { normalFolder, normalGitUrl } from '../git-url.ts'
import type { GitRepository, Kustomization } from './kustomization.ts'
import { parseRevision } from './revision.ts'

/** In words, where the Kustomization follows something else than the overlay that we ask about. */
export function differencesFromExpected(
  { spec, status }: Kustomization,
  source: GitRepository | undefined,
  expected: ExpectedDelivery,
): readonly string[] {
  if (source === undefined) return []
  const { url, ref } = source.spec
  const urls = expected.repositoryUrls.map(normalGitUrl)
  const { branch, pinned } = followed(ref)
  const appliedFrom = branchNamed(parseRevision(status.lastAppliedRevision)?.ref ?? '')
  return [
    ...(urls.includes(normalGitUrl(url)) ? [] : [`it follows ${url}, not ${expected.repositoryUrls[0]}`]),
    ...(pinned === undefined
      ? []
      : [`its GitRepository is pinned to ${pinned} and does not follow the branch ${expected.branch}`]),
    ...(branch === undefined || branch === expected.branch
      ? []
      : [`it follows the branch ${branch}, not ${expected.branch}`]),
    ...(normalFolder(spec.path) === normalFolder(expected.path)
      ? []
      : [`it applies the folder ${spec.path || './'}, not ${expected.path}`]),
    ...(['', expected.branch].includes(appliedFrom)
      ? []
      : [`what it applied came from ${appliedFrom}, not from ${expected.branch}`]),
  ]
}

/**
 * A name may be that of a branch, as the Flux Operator writes it. A commit goes before it, and it goes before all others
 * (source.toolkit.fluxcd.io/v1 `GitRepositoryRef`).
 */
function followed({ commit, name, semver, tag, branch }: GitRepository['spec']['ref']) {
  const first = [commit, name, semver, tag].find((ref) => ref)
  if (first === undefined) return { branch: branch || 'master' }
  const named = first === name ? branchNamed(first) : first
  return named === first ? { pinned: first } : { branch: named }
}

/** What comes from such a name is written with it in full: `refs/heads/main@sha1:…`. */
const branchNamed = (ref: string): string => ref.replace(/^refs\/heads\//, '')
