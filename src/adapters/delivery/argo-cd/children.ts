import type { Sighting } from '../../../domain/health.ts'
import { firstAnswer, type Rule } from '../rules.ts'
import { type Application, appliedObjects, elsewhere, refOf, renderedBy } from './application.ts'
import {
  type ApplicationFacts,
  type ArgoRead,
  type Child,
  childFactsOf,
  revisionsTogether,
} from './application-facts.ts'
import { isComparedSinceSyncOf, isSourceOf } from './freshness.ts'
import { healthRules, notKnown } from './health-rules.ts'
import { isApplied } from './left-out-of-sync.ts'
import { progressing } from './sighting-of.ts'
import { objectRules, syncRules } from './sync-rules.ts'

/** Whose pods are looked at of those that are not well: enough to say why, however many an outage has brought down. */
const mostLookedAt = 10

interface Walk {
  readonly read: ArgoRead
  /** What the cluster is called where workloads are read. */
  readonly place: string | undefined
  readonly seen: Set<string>
  leftToLookAt: number
}

/**
 * Which of the Applications that an Application renders are not well, or of those that they render in turn. Argo CD does not
 * count them: it took their health out of their parent's in 1.8 (https://github.com/argoproj/argo-cd/issues/3781). Each is met
 * once, however often it is rendered, so that circles end.
 */
export const childrenOf = (parent: Application, read: ArgoRead): readonly Child[] =>
  childrenIn(parent, {
    read,
    place: elsewhere(parent).elsewhere,
    seen: new Set([keyOf(parent.metadata)]),
    leftToLookAt: mostLookedAt,
  })

type Rendered = ReturnType<typeof renderedBy>[number]

function childrenIn(parent: Application, walk: Walk): readonly Child[] {
  return renderedBy(parent).flatMap((resource) => {
    const key = keyOf(resource)
    if (walk.seen.has(key)) return []
    walk.seen.add(key)
    // In another cluster there are the Applications of another Argo CD, whatever those here are called.
    const child = elsewhere(parent).elsewhere === undefined ? walk.read.applications.get(key) : undefined
    if (child === undefined) return countsForParent(resource) ? [] : [outOfSight(resource)]
    return isLeftAlone(child) ? [] : childOf({ parent, child, resource, walk })
  })
}

/** Where `argocd-cm` restores the health of Applications the parent's own tells of it, as can be seen if it is written down. */
const countsForParent = ({ health }: Rendered): boolean =>
  ['Healthy', 'Progressing', 'Degraded', 'Suspended'].includes(health?.status ?? '')

const outOfSight = (resource: Rendered): Child => ({
  object: refOf(resource),
  sighting: { is: 'unknown', reason: 'argo.missing', detail: 'it is not there, or not to be seen from here' },
  isToBlame: false,
  applied: [],
})

/** As Argo CD does with any resource (`AnnotationIgnoreHealthCheck`). */
const isLeftAlone = ({ metadata }: Application): boolean =>
  metadata.annotations?.['argocd.argoproj.io/ignore-healthcheck'] === 'true'

interface Relation {
  readonly parent: Application
  readonly child: Application
  readonly resource: Rendered
  readonly walk: Walk
}

/** None where it is well. */
function childOf({ parent, child, resource, walk }: Relation): readonly Child[] {
  const { read, place } = walk
  const children = childrenIn(child, walk)
  const rules = rulesOfChild(parent)
  const facts = childFactsOf(child, { ...read, workloads: undefined }, children)
  const first = firstAnswer(rules, facts, notKnown)
  if (first.is === 'healthy') return []
  const object = refOf(resource)
  const isSick = first.is === 'failed' || first.is === 'progressing'
  if (!isSick || elsewhere(child).elsewhere !== place || walk.leftToLookAt === 0)
    return [{ object, sighting: first, isToBlame: false, applied: [] }]
  walk.leftToLookAt -= 1
  const closer = firstAnswer(rules, childFactsOf(child, read, children), notKnown)
  const sighting = closer.is === 'healthy' ? first : closer
  const applied = [...appliedObjects(child), ...children.flatMap((grandchild) => grandchild.applied)]
  return [{ object, sighting, isToBlame: namesObjects(sighting) && !hasMoved(facts), applied }]
}

const rulesOfChild = (parent: Application): readonly Rule<ApplicationFacts>[] => [
  ...objectRules,
  ...syncRules,
  {
    reason: 'argo.spec-not-compared',
    when: ({ object }) => !isComparedSinceSyncOf(parent, object),
    gives: progressing(() => 'Argo CD has not compared since the Application was applied'),
  },
  ...healthRules,
]

const namesObjects = (sighting: Sighting): boolean => 'objects' in sighting && sighting.objects.length > 0

/**
 * Under the same spec, as what follows a branch does: what fails there may then have come without its parent. A newer commit
 * that is compared and needs no sync brings nothing.
 */
function hasMoved(facts: ApplicationFacts): boolean {
  const at = isApplied(facts) ? facts.deployed : facts.synced
  return facts.object.status.history.some(
    (deployed) => isSourceOf(deployed, facts.object) && revisionsTogether(deployed) !== at,
  )
}

const keyOf = ({ namespace = '', name }: { namespace?: string | undefined; name: string }): string =>
  `${namespace}/${name}`
