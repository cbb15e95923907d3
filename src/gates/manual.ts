import { z } from 'zod'
import type { DirectiveOf } from '../domain/directive.ts'
import type { Sha } from '../domain/ids.ts'
import type { Gate, GateBase, Judged } from './gate.ts'
import { group, groupInWords, groupsOf } from './people.ts'
import { type Basis, listed, say, whenKnown } from './say.ts'

export interface ManualSettings {
  /** Logins, teams, `owners`: who may record it. */
  readonly from: readonly string[]
}

/** Passes when somebody of the group recorded it for this head; the right was checked when the command was taken. */
export const manual: Gate<ManualSettings, GateBase<'manual'> & ManualSettings> = {
  settings: () => ({ from: z.array(group()).min(1).max(50) }),
  mayBindRollback: true,

  needs: (spec, change) => [{ kind: 'answers', key: { gate: spec.name, head: change.head } }],

  judge: (spec, change, evidence, { now, owners }) => {
    const who = groupsOf(spec.from, owners).map(groupInWords)
    return whenKnown(
      'answers',
      evidence.find('answers', { gate: spec.name, head: change.head }),
      now,
      (answers, basis) => judgeAnswers(spec.name, change.head, answers, { who, basis }),
    )
  },

  reasons: {
    'manual.passed': '@{by} recorded that it is done: {why}',
    'manual.refused': '@{by} refused it: {why}',
    'manual.not-yet': 'Nobody has recorded `{gate}` for this head yet; {from} can, with `{command}`.',
  },
}

function judgeAnswers(
  gate: string,
  head: Sha,
  answers: readonly DirectiveOf<'answer'>[],
  asked: { readonly who: readonly string[]; readonly basis: Basis },
): Judged {
  const latest = latestOf(answers.filter((answer) => answer.gate === gate && answer.head === head))
  if (latest === undefined) {
    const values = { gate, from: listed(asked.who), command: `/sluice gate "${gate}"` }
    return say('wait', 'manual.not-yet', asked.basis, { values, who: asked.who })
  }
  const values = { by: latest.byLogin, why: latest.why || 'no reason was given.' }
  return latest.is === 'passed'
    ? say('pass', 'manual.passed', asked.basis, { values })
    : say('fail', 'manual.refused', asked.basis, { values, who: asked.who })
}

// Of two at one instant the refusal stands: nobody can say which came last.
const latestOf = (answers: readonly DirectiveOf<'answer'>[]): DirectiveOf<'answer'> | undefined =>
  answers.toSorted((a, b) => b.at - a.at || Number(a.is === 'passed') - Number(b.is === 'passed'))[0]
