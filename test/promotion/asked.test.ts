import { beforeEach, describe, expect, test } from 'vitest'
import { toInstant } from '../../src/domain/ids.ts'
import { type CommentFacts, observeAsked } from '../../src/promotion/observe/asked.ts'
import { foldEvents } from '../../src/state/fold.ts'
import { configOf, environment } from '../config/manifests.ts'
import { ann, bot, type Company, eve, instant, newCompany } from '../fakes/company.ts'
import { fakeForge, writeComment } from '../fakes/forge.ts'
import { taken } from '../state/a-state.ts'

const config = configOf(environment('production'))
const freeze = '/sluice freeze production'

let company: Company
beforeEach(async () => {
  company = await newCompany()
})

/** The comments that wait for an answer, at a look of a process that knows what the last one left. */
async function asked(previous: CommentFacts | null = null, events: Parameters<typeof foldEvents>[0] = []) {
  const at = instant(company)
  const folded = foldEvents(events, at)
  const look = {
    stale: [{ is: 'comments' }],
    at,
    folded,
    since: toInstant(0),
    config,
    applications: [],
    open: [],
  } as const
  const facts = await observeAsked(fakeForge(company), look, previous)
  return { facts, ids: facts.asked.map(({ comment }) => comment.id) }
}

const replyTo = (comment: number) => `No.\n\n<!-- sluice:reply:${comment} -->`

describe('a comment with a command', () => {
  test('waits for its answer, one without does not', async () => {
    writeComment(company, ann, 7, 'Looks good to me')
    const { id } = writeComment(company, ann, 7, freeze)
    expect((await asked()).ids).toEqual([id])
  })

  test('is asked once: neither what was refused is judged again, by rights of later, nor what is on record (I7)', async () => {
    const refused = writeComment(company, eve, 7, freeze)
    writeComment(company, bot, 7, replyTo(refused.id))
    const done = writeComment(company, ann, 7, freeze)
    const record = taken(
      1,
      { verb: 'freeze', environment: 'production', forMs: null, reason: null },
      {},
      { comment: done.id },
    )
    expect((await asked(null, [record])).ids).toEqual([])
  })

  test('is asked once also where the reply is out of sight since (I7)', async () => {
    const { id } = writeComment(company, eve, 7, freeze)
    const first = await asked()
    writeComment(company, bot, 7, replyTo(id))
    const second = await asked(first.facts)
    company.comments.splice(1)
    expect((await asked(second.facts)).ids).toEqual([])
  })

  test('is asked again where it was edited after the answer, until that is answered', async () => {
    const { id } = writeComment(company, eve, 7, freeze)
    writeComment(company, bot, 7, replyTo(id))
    const comment = company.comments.find((one) => one.id === id)
    Object.assign(comment ?? {}, { updatedAt: instant(company) + 5_000 })
    expect((await asked()).ids).toEqual([id])
    writeComment(company, bot, 7, `No.\n\n<!-- sluice:edited:${id} -->`)
    expect((await asked()).ids).toEqual([])
  })

  test('is not answered by whoever writes our marker (T05)', async () => {
    const { id } = writeComment(company, ann, 7, freeze)
    writeComment(company, eve, 7, replyTo(id))
    writeComment(company, bot, 7, `> ${replyTo(id)}\n\nsaid somebody`)
    expect((await asked()).ids).toEqual([id])
  })
})
