import type { UnmetRule } from './evidence.ts'
import type { Gate, GateBase, Judged } from './gate.ts'
import { type Basis, listed, say, whenKnown } from './say.ts'

export type ForgeSettings = Readonly<Record<never, never>>

/** Implied: passes when the branch's own rules are met. With our bypass nothing is unmet, so a revert waits only without it. */
export const forge: Gate<ForgeSettings, GateBase<'forge'> & ForgeSettings> = {
  settings: null,
  mayBindRollback: true,

  needs: (_spec, change) => [{ kind: 'rules', key: { pull: change.origin.pull, head: change.head } }],

  judge: (_spec, change, evidence, { now }) =>
    whenKnown('rules', evidence.find('rules', { pull: change.origin.pull, head: change.head }), now, judgeRules),

  reasons: {
    'forge.met': "The branch's own rules are met.",
    'forge.unmet': "The branch's own rules are not met: {rules}.",
  },
}

function judgeRules(unmet: readonly UnmetRule[], basis: Basis): Judged {
  if (unmet.length === 0) return say('pass', 'forge.met', basis)
  const rules = listed(unmet.map(({ rule, detail }) => `${rule} (${detail})`))
  return say('wait', 'forge.unmet', basis, { values: { rules }, who: [...new Set(unmet.flatMap(({ who }) => who))] })
}
