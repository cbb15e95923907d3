import { cut, type Rule, unknown } from '../rules.ts'
import { refText, told } from '../workloads/diagnose.ts'
import { type KustomizationFacts as Facts, staysAtRest } from './kustomization-facts.ts'
import { healthySince } from './outcome.ts'
import { failed, progressing, waiting } from './sighting-of.ts'
import { unjudgedBecause } from './unjudged.ts'

/** How what is applied fares. */
export const healthRules: readonly Rule<Facts>[] = [
  {
    // Flux looked last at its interval, which may be long ago (T45).
    reason: 'flux.workload-crashing',
    when: (facts) => facts.diagnosis.isCrashing && !facts.ofUnchecked.hasFailed,
    gives: progressing(({ diagnosis }) => told('', diagnosis)),
  },
  {
    reason: 'flux.workload-failed',
    when: ({ ofUnchecked }) => ofUnchecked.hasFailed,
    gives: (facts, reason) => failed({ ...facts, diagnosis: facts.ofUnchecked }, reason),
  },
  {
    reason: 'flux.workload-progressing',
    when: (facts) => leftToUs(facts).failing.length > 0,
    gives: (facts, reason) =>
      progressing(({ diagnosis }) => told('', diagnosis))({ ...facts, diagnosis: leftToUs(facts) }, reason),
  },
  {
    // T24: it is called applied, and is not.
    reason: 'flux.left-alone',
    when: ({ leftAlone }) => leftAlone.length > 0,
    gives: (facts, reason) =>
      waiting(cut(`Flux leaves alone what somebody told it to in the cluster: ${leftAloneText(facts)}`))(facts, reason),
  },
  {
    reason: 'flux.not-health-checked',
    when: (facts) => unjudgedBecause(facts) !== undefined,
    gives: unknown((facts) => unjudgedBecause(facts) ?? ''),
  },
]

export const appliedAndHealthy: Rule<Facts> = {
  reason: 'flux.healthy',
  when: () => true,
  gives: ({ applied, object, diagnosis: { restartedAt } }, reason) =>
    applied === undefined
      ? { is: 'unknown', reason, detail: 'no revision is applied' }
      : {
          is: 'healthy',
          revision: applied,
          ...healthySince(object),
          ...(restartedAt === undefined ? {} : { restartedAt }),
        },
}

const isHeldAtRest = (facts: Facts): boolean => facts.holdUp !== 'fetching' && staysAtRest(facts)

/** Nobody else looks while Flux is held up. */
const leftToUs = (facts: Facts) => (isHeldAtRest(facts) ? facts.diagnosis : facts.ofUnchecked)

const leftAloneText = ({ leftAlone }: Facts): string =>
  leftAlone.map(({ entry, words }) => `${refText(entry)} (${words})`).join(', ')
