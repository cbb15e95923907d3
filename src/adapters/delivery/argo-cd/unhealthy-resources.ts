import type { ObjectRef } from '../../../domain/health.ts'
import { isWorkloadKind } from '../workloads/workload.ts'
import { type Application, isApplication, refOf } from './application.ts'
import type { ApplicationFacts as Facts } from './application-facts.ts'

/** The pods' owners tell best; else what the Application carries, which since 3.0 is nothing by default. */
export function degradedResources(facts: Facts): readonly ObjectRef[] {
  const { failing } = facts.diagnosis
  return failing.length > 0 ? failing.map(({ object }) => object) : resourcesThatAre('Degraded', facts).map(refOf)
}

/** Likewise, and without what has pods: of that the word may be older than what was read of it, and nobody to blame for it. */
export const progressingResources = (facts: Facts): readonly ObjectRef[] =>
  facts.diagnosis.failing.length > 0
    ? []
    : resourcesThatAre('Progressing', facts)
        .filter(({ kind }) => !isWorkloadKind(kind))
        .map(refOf)

type Word = 'Degraded' | 'Progressing'

/** In the controller's words, or how to come by them. */
export const resourcesText =
  (word: Word) =>
  (facts: Facts): string => {
    const told = resourcesThatAre(word, facts).map(
      ({ kind, namespace, name, health }) =>
        `${kind} ${namespace ? `${namespace}/` : ''}${name}: ${health?.message || word}`,
    )
    return told.length > 0 || facts.diagnosis.failing.length > 0 ? told.join('; ') : howToTell(word, facts.object)
  }

/** Of Applications that it renders their own status tells more. */
const resourcesThatAre = (word: Word, { object }: Facts) =>
  object.status.resources.filter((resource) => resource.health?.status === word && !isApplication(resource))

function howToTell(word: Word, { metadata: { namespace, name }, status }: Application): string {
  const what = word === 'Degraded' ? 'is degraded' : 'is not healthy yet'
  const isApart = status.controllerNamespace !== '' && status.controllerNamespace !== namespace
  const look = `Argo CD does not say here which resource ${what}; \`argocd app get ${isApart ? `${namespace}/` : ''}${name}\` shows it`
  return status.resourceHealthSource === 'appTree'
    ? `${look}; with \`controller.resource.health.persist: "true"\` it is named here, and can be taken back`
    : look
}
