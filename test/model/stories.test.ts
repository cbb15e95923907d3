import { beforeEach, describe, expect, test } from 'vitest'
import { ann, type Company, newCompany, tom } from '../fakes/company.ts'
import { type Faults, noFaults } from '../fakes/faults.ts'
import { bringsTo, propose, say, wait } from '../fakes/people.ts'
import { type Sluice, startSluice } from '../fakes/sluice.ts'
import { news } from './universe.ts'

/** Whole rounds on the company's model: what people and time do to them, one story each. */
let company: Company
let faults: Faults
let sluice: Sluice
beforeEach(async () => {
  company = await newCompany()
  faults = noFaults()
  await wait(company, 10_000)
  sluice = await startSluice(company, faults)
  await look()
})

async function look(): Promise<void> {
  sluice.hint(...news)
  await sluice.settle()
}

const answerTo = (comment: number): string =>
  company.comments.find(({ ours, body }) => ours && body.endsWith(`<!-- sluice:reply:${comment} -->`))?.body ?? ''

describe('a command', () => {
  test('on a pull request that was opened while a round was listing them is taken, not refused', async () => {
    let number = 0
    let comment = 0
    faults.meanwhile.set('comments.since', async () => {
      number = await propose(company, tom, bringsTo('api', 'production', '2.0.0'), 'By hand')
      comment = say(company, ann, number, '/sluice hold').id
    })
    await look()
    expect(answerTo(comment)).toBe('')
    expect(sluice.last()?.considered.snapshot.state.folded.directives).toContainEqual(
      expect.objectContaining({ kind: 'hold', pull: number }),
    )
  })

  test('on an issue, or on a pull request that is long closed, is refused once and costs no more', async () => {
    const comment = say(company, ann, 9_999, '/sluice hold').id
    await look()
    expect(answerTo(comment)).toContain('`orders.no-pull`')
    const replies = company.comments.filter(({ ours }) => ours).length
    await look()
    expect(company.comments.filter(({ ours }) => ours)).toHaveLength(replies)
  })
})
