import type { Operations } from '../api/operation.ts'
import { appOperations } from './apps.ts'
import { checkOperations } from './checks.ts'
import { commentOperations } from './comments.ts'
import { commitOperations } from './commits.ts'
import { contentOperations } from './contents.ts'
import { deliveryOperations } from './deliveries.ts'
import { gitObjectOperations } from './git-objects.ts'
import { gitRefOperations } from './git-refs.ts'
import { graphqlOperations } from './graphql.ts'
import { mergeOperations } from './merges.ts'
import { peopleOperations } from './people.ts'
import { pullOperations } from './pulls.ts'
import { repositoryOperations } from './repositories.ts'
import { reviewOperations } from './reviews.ts'
import { rulesetOperations } from './rulesets.ts'
import { statusOperations } from './statuses.ts'

/** Every operation of GitHub's API that the sandbox serves, by its operationId. */
export const operations: Operations = {
  ...appOperations,
  ...checkOperations,
  ...commentOperations,
  ...commitOperations,
  ...contentOperations,
  ...deliveryOperations,
  ...gitObjectOperations,
  ...gitRefOperations,
  ...graphqlOperations,
  ...peopleOperations,
  ...pullOperations,
  ...mergeOperations,
  ...repositoryOperations,
  ...reviewOperations,
  ...rulesetOperations,
  ...statusOperations,
}

export const servedOperations: readonly string[] = Object.keys(operations).sort()
