import type { Applied, ReadFamily } from '../cluster/family.ts'
import { byKey, type RawObject } from '../kube-object.ts'
import { isWorkload } from '../workloads/workload.ts'
import { judgeKustomization } from './judge-kustomization.ts'
import { elsewhere, inventoryOf, kustomizationSchema } from './kustomization.ts'

export const kustomizations = 'kustomize.toolkit.fluxcd.io/v1/kustomizations'
export const gitRepositories = 'source.toolkit.fluxcd.io/v1/gitrepositories'

export const readFlux: ReadFamily = async (api) => {
  const [objects, sources] = await Promise.all([api.list(kustomizations), api.list(gitRepositories)])
  if (objects.is === 'unseen') return objects
  if (sources.is === 'unseen') return sources
  const found = byKey(objects.objects)
  const repositories = byKey(sources.objects)
  return {
    judge: (expected, workloads) =>
      judgeKustomization(
        {
          kustomization: found.get(`${expected.spec.namespace}/${expected.spec.name}`),
          gitRepositories: repositories,
          workloads,
        },
        expected,
      ),
    applied: ({ spec }) => appliedBy(found.get(`${spec.namespace}/${spec.name}`)),
  }
}

function appliedBy(kustomization: RawObject | undefined): Applied {
  const parsed = kustomizationSchema.safeParse(kustomization)
  if (!parsed.success) return { objects: [] }
  return { objects: inventoryOf(parsed.data).filter(isWorkload), ...elsewhere(parsed.data) }
}
