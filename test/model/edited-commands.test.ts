import { expect, test } from 'vitest'
import { ann, digestAt, digestNamed, headOfMain, sam } from '../fakes/company.ts'
import { bringsTo, propose, say, wait } from '../fakes/people.ts'
import { news, newUniverse, settle } from './universe.ts'

test('a comment that was edited into a command is refused, and says so (T05)', async () => {
  const universe = await newUniverse()
  const { company, sluice } = universe
  const pull = await propose(company, ann, bringsTo('api', 'production', 'api 1'), 'by hand')
  const { id } = say(company, sam, pull, 'nothing to see')
  await wait(company, 5_000)
  const comment = company.comments.find((one) => one.id === id)
  Object.assign(comment ?? {}, { body: '/sluice freeze production', updatedAt: company.now })
  sluice.hint(...news)
  await settle(universe)
  const reply = company.comments.find((one) => one.ours && one.body.includes(`sluice:edited:${id} `))
  expect(reply?.body).toContain('`commands.edited`')
  expect(sluice.last()?.considered.snapshot.state.folded.directives.filter(({ kind }) => kind === 'freeze')).toEqual([])
  expect(await digestAt(company, headOfMain(company), 'api/production')).toBe(digestNamed('api 0'))
})

test('who corrects a command that was refused, or one that was taken, is told once that edits order nothing', async () => {
  const universe = await newUniverse()
  const { company, sluice } = universe
  const pull = await propose(company, ann, bringsTo('api', 'production', 'api 1'), 'by hand')
  const look = async () => {
    await wait(company, 5_000)
    sluice.hint(...news)
    await settle(universe)
  }
  const misspelt = say(company, sam, pull, '/sluice hodl')
  const taken = say(company, sam, pull, '/sluice freeze production')
  await look()
  for (const body of ['/sluice hold', '/sluice hold --reason "again"']) {
    for (const { id } of [misspelt, taken]) {
      const comment = company.comments.find((one) => one.id === id)
      Object.assign(comment ?? {}, { body, updatedAt: company.now })
    }
    await look()
    await look()
  }
  for (const { id } of [misspelt, taken]) {
    const replies = company.comments.filter((one) => one.ours && one.body.includes(`sluice:edited:${id} `))
    expect(replies.map(({ body }) => body)).toEqual([expect.stringContaining('`commands.edited`')])
  }
  const answer = company.comments.find((one) => one.ours && one.body.includes(`sluice:reply:${misspelt.id} `))
  expect(answer?.body).toContain('hodl')
  const kinds = sluice.last()?.considered.snapshot.state.folded.directives.map(({ kind }) => kind)
  expect(kinds).toEqual(['freeze'])
  expect(sluice.last()?.considered.snapshot.asked).toEqual([])
})
