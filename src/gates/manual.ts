import { z } from 'zod'
import type { Change } from '../domain/change.ts'
import type { WeighedAnswer } from './evidence.ts'
import type { Gate, GateBase, GateContext, Judged } from './gate.ts'
import { group, groupInWords, groupsOf, unknownOf } from './people.ts'
import { type Basis, basisOf, listed, say, whenKnown } from './say.ts'

export interface ManualSettings {
  /** Logins, teams, `owners`: who may record it. */
  readonly from: readonly string[]
}

type Spec = GateBase<'manual'> & ManualSettings

/** Passes when somebody who belongs to the group recorded it for this slot at this head. */
export const manual: Gate<ManualSettings, Spec> = {
  settings: () => ({ from: z.array(group()).min(1).max(50) }),
  mayBindRollback: true,

  needs: (spec, change, context) => {
    const key = keyOf(spec, change, context)
    return key.from.length === 0 ? [] : [{ kind: 'answers', key }]
  },

  judge: (spec, change, evidence, context) => {
    const key = keyOf(spec, change, context)
    if (key.from.length === 0) return say('fail', 'manual.nobody', basisOf([], context.now))
    return whenKnown('answers', evidence.find('answers', key), context.now, (answers, basis) =>
      judgeAnswers(spec.name, change, answers, { who: key.from.map(groupInWords), basis }),
    )
  },

  reasons: {
    'manual.passed': '@{by} recorded that it is done: {why}',
    'manual.refused': '@{by} refused it: {why}',
    'manual.not-yet': 'Nobody has recorded `{gate}` for this head yet; {from} can, with `{command}`. {uncounted}',
    'manual.group-unknown':
      'The forge did not tell whether {people} belong to {unknown}, so what they recorded of `{gate}` does not count: is it written right, and may Sluice read its members?',
    'manual.nobody': 'The gate is for owners to record, and this application has none: name them in its manifest.',
  },
}

const keyOf = ({ name, from }: Spec, { head, slot }: Change, { owners }: GateContext) => ({
  ...{ gate: name, head, slot },
  from: groupsOf(from, owners),
})

function judgeAnswers(
  gate: string,
  { head, slot }: Change,
  answers: readonly WeighedAnswer[],
  asked: { readonly who: readonly string[]; readonly basis: Basis },
): Judged {
  const ofThis = answers.filter((one) => one.gate === gate && one.head === head && one.slots.includes(slot))
  // The right to answer may be gone since: what counts is who belongs there now, as with approvals.
  const latest = latestOf(ofThis.filter(({ groups }) => groups.length > 0))
  if (latest === undefined) {
    const doubtful = ofThis.filter(({ unknownGroups }) => unknownGroups !== undefined)
    if (doubtful.length > 0) {
      const people = listed([...new Set(doubtful.map(({ byLogin }) => `@${byLogin}`))])
      const values = { gate, people, unknown: listed(unknownOf(doubtful)) }
      return say('wait', 'manual.group-unknown', asked.basis, { values, who: asked.who })
    }
    const left = [...new Set(ofThis.map(({ byLogin }) => `@${byLogin}`))]
    const uncounted = left.length === 0 ? '' : `Not counted, since they no longer belong there: ${listed(left)}.`
    const values = { gate, from: listed(asked.who), command: `/sluice gate "${gate}"`, uncounted }
    return say('wait', 'manual.not-yet', asked.basis, { values, who: asked.who })
  }
  const values = { by: latest.byLogin, why: latest.why || 'no reason was given.' }
  return latest.is === 'passed'
    ? say('pass', 'manual.passed', asked.basis, { values })
    : say('fail', 'manual.refused', asked.basis, { values, who: asked.who })
}

// Of two at one instant the refusal stands: nobody can say which came last.
const latestOf = (answers: readonly WeighedAnswer[]): WeighedAnswer | undefined =>
  answers.toSorted((a, b) => b.at - a.at || Number(a.is === 'passed') - Number(b.is === 'passed'))[0]
