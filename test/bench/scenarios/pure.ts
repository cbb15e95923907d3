import { parseManifests } from '../../../src/config/parse-manifests.ts'
import { plan } from '../../../src/promotion/plan/plan.ts'
import type { Snapshot } from '../../../src/promotion/snapshot.ts'
import { median, processorTime } from '../measure.ts'
import { consideredOf, plannerSnapshot } from '../planner-snapshot.ts'
import type { Figure } from '../rows.ts'

const runs = 15
/** The first runs are those in which the machine learns the code. */
const warmUp = 5

/** What a round decides by for a repository of so many applications, three environments each. */
export function measurePlanner(applications: number): Figure {
  const snapshot = plannerSnapshot(applications)
  const values = repeated(() => plan(consideredOf(readAgain(snapshot))))
  const directives = snapshot.state.folded.directives.length
  const note = `processor time; ${snapshot.slots.size} slots, ${directives} directives`
  return { row: 'planner', value: median(values), note }
}

/** As the next round finds it: the events fold to a list of their own each time, so that nothing sorted out of it is kept. */
const readAgain = (snapshot: Snapshot): Snapshot => {
  const { state } = snapshot
  return { ...snapshot, state: { ...state, folded: { ...state.folded, directives: [...state.folded.directives] } } }
}

const documents = 250

/** So many environments and as many applications in one folder, as a large organisation has them. */
export function measureManifests(): Figure {
  const environments = Array.from({ length: documents }, (_, index) => environmentManifest(index))
  const applications = Array.from({ length: documents }, (_, index) => applicationManifest(index))
  const files = new Map([
    ['.sluice/environments.yaml', environments.join('---\n')],
    ['.sluice/applications.yaml', applications.join('---\n')],
  ])
  const { diagnostics } = parseManifests(files)
  if (diagnostics.length > 0) throw new Error(`the manifests do not parse: ${JSON.stringify(diagnostics[0])}`)
  return { row: 'manifests-validated', value: median(repeated(() => parseManifests(files))), note: 'processor time' }
}

const repeated = (work: () => unknown): readonly number[] =>
  Array.from({ length: warmUp + runs }, () => processorTime(work)).slice(warmUp)

const environmentManifest = (index: number): string => `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: environment-${index} }
spec:
  overlay: apps/{application}/overlays/environment-${index}
${index === 0 ? '' : `  promotesFrom: [environment-${index - 1}]\n  merge: auto\n`}  gates:
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }
  delivery:
    - { type: flux, kustomization: "flux-system/{application}-${index}", cluster: production }
`

const applicationManifest = (index: number): string => `apiVersion: sluice.dev/v1alpha1
kind: Application
metadata: { name: app-${index} }
spec:
  source: acme/app-${index}
  owners: ["acme/team-${index}"]
`
