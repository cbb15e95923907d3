import type { Applied, ReadFamily } from '../cluster/family.ts'
import { byKey, type RawObject } from '../kube-object.ts'
import { applicationSchema, appliedObjects, elsewhere } from './application.ts'
import { judgeApplication } from './judge-application.ts'

export const applications = 'argoproj.io/v1alpha1/applications'
const appProjects = 'argoproj.io/v1alpha1/appprojects'

export const readArgo: ReadFamily = async (api, at) => {
  const [objects, projects] = await Promise.all([api.list(applications), api.list(appProjects)])
  if (objects.is === 'unseen') return objects
  const found = byKey(objects.objects)
  // Without the right to read projects their windows are not known; an Application is then out of sync, not waiting.
  const known = byKey(projects.is === 'listed' ? projects.objects : [])
  return {
    judge: (expected, workloads) => {
      const { namespace, name } = expected.spec
      const application = found.get(`${namespace}/${name}`)
      return judgeApplication({ application, projects: known, workloads, at }, expected)
    },
    applied: ({ spec }) => appliedBy(found.get(`${spec.namespace}/${spec.name}`)),
  }
}

function appliedBy(application: RawObject | undefined): Applied {
  const parsed = applicationSchema.safeParse(application)
  return parsed.success ? { objects: appliedObjects(parsed.data), ...elsewhere(parsed.data) } : { objects: [] }
}
