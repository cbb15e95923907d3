import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import type { ReadFamily } from '../cluster/family.ts'
import { byKey, type RawObject } from '../kube-object.ts'
import type { Workloads } from '../workloads/workload.ts'
import { type Application, applicationSchema, appliedObjects, elsewhere } from './application.ts'
import type { ArgoRead } from './application-facts.ts'
import { childrenOf } from './children.ts'
import { judgeApplication } from './judge-application.ts'

export const applications = 'argoproj.io/v1alpha1/applications'
const appProjects = 'argoproj.io/v1alpha1/appprojects'

export const readArgo: ReadFamily = async (api, at) => {
  const [objects, listed] = await Promise.all([api.list(applications), api.list(appProjects)])
  if (objects.is === 'unseen') return objects
  const found = byKey(objects.objects)
  const readable = parsedOnce(found)
  // Without the right to read projects their windows are not known; an Application is then out of sync, not waiting.
  const projects = byKey(listed.is === 'listed' ? listed.objects : [])
  const read = (key: string, workloads?: Workloads): ArgoRead => {
    const application = found.get(key)
    return { application, applications: readable, projects, workloads, at }
  }
  return {
    judge: (expected, workloads) => judgeApplication(read(keyOf(expected.spec), workloads), expected),
    applied: ({ spec }) => {
      const key = keyOf(spec)
      const application = readable.get(key)
      if (application === undefined) return { objects: [] }
      const children = childrenOf(application, read(key)).flatMap((child) => child.applied)
      return { objects: [...appliedObjects(application), ...children], ...elsewhere(application) }
    },
  }
}

const keyOf = ({ namespace, name }: ExpectedDelivery['spec']): string => `${namespace}/${name}`

/** Only what is asked for: most Applications of a cluster may be none of ours. */
function parsedOnce(objects: ReadonlyMap<string, RawObject>): Pick<ReadonlyMap<string, Application>, 'get'> {
  const parsed = new Map<string, Application | undefined>()
  return {
    get(key) {
      if (!parsed.has(key)) parsed.set(key, applicationSchema.safeParse(objects.get(key)).data)
      return parsed.get(key)
    },
  }
}
