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
  const reply = company.comments.find((one) => one.ours && one.body.includes(`sluice:reply:${id} `))
  expect(reply?.body).toContain('`commands.edited`')
  expect(sluice.last()?.considered.snapshot.state.folded.directives.filter(({ kind }) => kind === 'freeze')).toEqual([])
  expect(await digestAt(company, headOfMain(company), 'api/production')).toBe(digestNamed('api 0'))
})
