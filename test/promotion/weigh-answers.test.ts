import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/person.ts'
import { weighAnswers } from '../../src/promotion/gather/weigh-answers.ts'
import { ann, aWorld, config, minute, now, production, recorded, sam, shaOf, staging, type Verb } from './world.ts'

const head = shaOf('head')
const key = { gate: 'signed off', head, slot: production, from: ['acme/sre'] }

const answered = (by: Pick<Person, 'id' | 'login'>, comment: number, differs: object = {}): Verb =>
  recorded({
    ...{ kind: 'command', at: (now - minute) as typeof now, pull: 7, comment, index: 0 },
    by: { id: by.id, login: by.login },
    taken: { verb: 'gate', gate: 'signed off', head, slots: [production], is: 'passed', why: '', ...differs },
  })

/** By login, with the groups that hold them now. */
async function weighed(members: readonly number[], bots: typeof config.repository.bots, ...verbs: readonly Verb[]) {
  const { snapshot } = aWorld(...verbs)
  const checked = { ...config, repository: { ...config.repository, bots } }
  const people = { role: async () => 'write', isMember: async (_: string, { id }: Person) => members.includes(id) }
  const found = await weighAnswers({ people } as never, { ...snapshot, config: { ...snapshot.config, checked } }, key)
  return found.map(({ byLogin, groups }) => `${byLogin} ${groups.join()}`)
}

test('an answer counts for as long as who gave it belongs to the gate’s people (T05)', async () => {
  const verbs = [answered(ann, 1), answered(sam, 2)]
  expect(await weighed([ann.id, sam.id], [], ...verbs)).toEqual(['ann acme/sre', 'sam acme/sre'])
  expect(await weighed([sam.id], [], ...verbs)).toEqual(['ann ', 'sam acme/sre'])
})

test('an answer is of its slot and head, whoever gave it', async () => {
  const elsewhere = answered(ann, 1, { slots: [staging] })
  const older = answered(sam, 2, { head: shaOf('older') })
  expect(await weighed([ann.id, sam.id], [], elsewhere, older)).toEqual([])
})

test('a bot’s answer counts for as long as the manifests let a bot give one', async () => {
  const bot = answered({ id: 99, login: 'tester[bot]' }, 1)
  expect(await weighed([], [{ appId: 3, may: ['gate'] }], bot)).toEqual(['tester[bot] acme/sre'])
  expect(await weighed([99], [{ appId: 3, may: ['freeze'] }], bot)).toEqual(['tester[bot] '])
})
