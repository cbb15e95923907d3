import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { normalFolder, normalGitUrl } from '../git-url.ts'
import { type Application, type ApplicationSource, sourcesOf } from './application.ts'

/** Which of an Application's sources is the overlay that we ask about; -1 where none is (T46, T64). */
export const indexOfExpected = (application: Application, expected: ExpectedDelivery): number =>
  sourcesOf(application).findIndex((source) => isExpected(source, expected))

function isExpected({ repoURL, path, targetRevision }: ApplicationSource, expected: ExpectedDelivery): boolean {
  const sameRepository = expected.repositoryUrls.map(normalGitUrl).includes(normalGitUrl(repoURL))
  return (
    sameRepository && normalFolder(path) === normalFolder(expected.path) && follows(targetRevision, expected.branch)
  )
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
