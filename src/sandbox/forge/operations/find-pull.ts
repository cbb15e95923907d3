import { numberAt, type RepositoryCall } from '../api/operation.ts'
import { notFound } from '../api/refusal.ts'
import type { Pull } from '../model/repository.ts'

/** The pull request that the path names, as the pulls or the issues API does. */
export function pullAt({ repository, path }: RepositoryCall): Pull {
  const pull = repository.pulls.get(numberAt(path, 'pull_number') ?? numberAt(path, 'issue_number') ?? 0)
  if (pull === undefined) throw notFound()
  return pull
}
