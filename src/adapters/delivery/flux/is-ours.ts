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
  const pinned = [ref.tag, ref.semver, ref.name, ref.commit].find((one) => one !== undefined)
  const branch = ref.branch ?? 'master'
  const appliedFrom = parseRevision(status.lastAppliedRevision)?.ref
  return [
    ...(urls.includes(normalGitUrl(url)) ? [] : [`it follows ${url}`]),
    ...(pinned === undefined ? [] : [`its GitRepository is pinned to ${pinned}`]),
    ...(pinned !== undefined || branch === expected.branch ? [] : [`it follows the branch ${branch}`]),
    ...(normalFolder(spec.path) === normalFolder(expected.path) ? [] : [`it applies the folder ${spec.path || './'}`]),
    ...(appliedFrom === undefined || appliedFrom === '' || appliedFrom === expected.branch
      ? []
      : [`what it applied came from ${appliedFrom}`]),
  ]
}
