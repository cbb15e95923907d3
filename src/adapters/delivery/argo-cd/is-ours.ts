import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { normalFolder, normalGitUrl } from '../git-url.ts'
import { type Application, type ApplicationSource, sourcesOf } from './application.ts'

/** Which of an Application's sources is the overlay that we ask about; -1 where none is (T46, T64). */
export const indexOfExpected = (application: Application, expected: ExpectedDelivery): number =>
  sourcesOf(application).findIndex((source) => differencesOf(source, expected).length === 0)

/** In words, where the Application follows something else: of several sources, all that they are. */
export function differencesFromExpected(application: Application, expected: ExpectedDelivery): string {
  const [source, ...others] = sourcesOf(application)
  if (source === undefined) return 'it follows nothing'
  if (others.length === 0) return differencesOf(source, expected).join('; ')
  const wanted = `${expected.repositoryUrls[0]} ${expected.path} at ${expected.branch}`
  return `none of its sources is ${wanted}: it follows ${sourcesText([source, ...others])}`
}

function differencesOf(source: ApplicationSource, expected: ExpectedDelivery): readonly string[] {
  const { repoURL, path, chart, targetRevision } = source
  const urls = expected.repositoryUrls.map(normalGitUrl)
  const applies = chart === '' ? `the folder ${path || '.'}` : `the chart ${chart}`
  return [
    ...(urls.includes(normalGitUrl(repoURL)) ? [] : [`it follows ${repoURL}, not ${expected.repositoryUrls[0]}`]),
    ...(follows(targetRevision, expected.branch)
      ? []
      : [`it follows ${targetRevision}, not the branch ${expected.branch}`]),
    ...(normalFolder(path) === normalFolder(expected.path) ? [] : [`it applies ${applies}, not ${expected.path}`]),
  ]
}

/**
 * Those that render objects beside the overlay: Argo CD applies all as one, and of two that render the same object the
 * last wins. One that is only referred to renders nothing (argo-cd v3.5 `reposerver/repository/repository.go`).
 */
export const otherSources = (application: Application, index: number): readonly ApplicationSource[] =>
  sourcesOf(application).filter((source, at) => at !== index && !isOnlyReferredTo(source))

const isOnlyReferredTo = ({ ref, path, chart, repoURL }: ApplicationSource): boolean =>
  ref !== '' && path === '' && chart === '' && !repoURL.startsWith('oci://')

/** Nothing and HEAD mean the default branch, which is the one that Sluice promotes on. */
const follows = (targetRevision: string, branch: string): boolean =>
  ['', 'HEAD', branch, `refs/heads/${branch}`].includes(targetRevision)

/** What an Application follows, in words for the one who has to find out why that is not ours alone. */
export const sourcesText = (sources: readonly ApplicationSource[]): string =>
  sources
    .map(
      ({ repoURL, path, chart, targetRevision }) => `${repoURL} ${chart || path || '.'} at ${targetRevision || 'HEAD'}`,
    )
    .join('; ')
