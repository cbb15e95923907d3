import { expect, test } from 'vitest'
import {
  ann,
  commitFiles,
  digestAt,
  digestNamed,
  type Files,
  headOfMain,
  overlayFile,
  sam,
  textAt,
} from '../fakes/company.ts'
import { closePull, pullOf, setBranch } from '../fakes/forge.ts'
import { approve, bringsTo, propose, pushDirectly } from '../fakes/people.ts'
import { news, newUniverse, pass, settle, type Universe } from './universe.ts'

/** A promotion of api to production that waits for its approval. */
async function waiting(): Promise<Universe & { readonly number: number }> {
  const universe = await newUniverse()
  await propose(universe.company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  universe.sluice.hint(...news)
  await settle(universe)
  await pass(universe, 192_000)
  const found = [...universe.company.pulls.values()].find(
    ({ state, headBranch }) => state === 'open' && headBranch.endsWith('production/api'),
  )
  if (found === undefined) throw new Error('no promotion to production is open')
  return Object.assign(universe, { number: found.number })
}

test('a commit of somebody else on our branch is theirs, though it carries the words of ours with its seal (T10)', async () => {
  const universe = await waiting()
  const { company, number, sluice } = universe
  const { head, headBranch } = pullOf(company, number)
  const { message } = await company.git.commit(head)
  const file = overlayFile('api', 'production')
  const text = (await textAt(company, head, file)) ?? ''
  setBranch(company, headBranch, await commitFiles(company, head, { [file]: `${text}# mine\n` }, message, ann))
  approve(company, sam, number)
  sluice.hint({ is: 'refs' }, { is: 'pulls' }, { is: 'pull', pull: number })
  await settle(universe)
  const verdicts = sluice
    .last()
    ?.considered.judgements.get(number)
    ?.flatMap((one) => one.verdicts)
  expect(verdicts).toContainEqual(expect.objectContaining({ is: 'wait', reason: 'state.pushed-over' }))
  const { state, body } = pullOf(company, number)
  expect(state).toBe('open')
  expect(body).toContain('**Waits** for `state`')
  expect(body).not.toContain('Nothing holds it')
  expect(company.comments.filter(({ pull }) => pull === number)).toEqual([])
  expect(await digestAt(company, headOfMain(company), 'api/production')).toBe(digestNamed('api 0'))
})

test('what somebody pushed onto our branch stays out of the default branch when it is opened anew (T10)', async () => {
  const universe = await waiting()
  const { company, number, sluice } = universe
  const { head, headBranch } = pullOf(company, number)
  const theirs = await commitFiles(company, head, { 'notes.md': 'mine' }, 'One more thing', ann)
  setBranch(company, headBranch, theirs)
  sluice.hint({ is: 'refs' }, { is: 'pulls' }, { is: 'pull', pull: number })
  await settle(universe)
  closePull(company, number)
  sluice.hint(...news)
  await settle(universe)
  await pass(universe, 12_000)

  const anew = [...company.pulls.values()].find((pull) => pull.state === 'open' && pull.headBranch === headBranch)
  expect(anew?.number).toBeGreaterThan(number)
  expect(await company.git.isAncestor(theirs, anew?.head ?? theirs)).toBe(false)
})

test('where the base moves an input under an open promotion, what is judged is the merge result (T12)', async () => {
  const universe = await waiting()
  const { company, number, sluice } = universe
  const inputs = () => sluice.last()?.considered.judgements.get(number)?.[0]?.change.inputs
  const before = inputs()
  await pushDirectly(company, sam, { 'README.md': 'elsewhere\n' })
  sluice.hint({ is: 'refs' })
  await settle(universe)
  expect(inputs()).toBe(before)
  const base = 'apps/api/base/deployment.yaml'
  const text = (await textAt(company, headOfMain(company), base)) ?? ''
  await pushDirectly(company, sam, { [base]: `${text}# more\n` })
  sluice.hint({ is: 'refs' })
  await settle(universe)
  expect(inputs()).not.toBe(before)
})

test('what takes the last promotion back and touches one byte more is no rollback: it meets the gates (I5, I13)', async () => {
  const universe = await waiting()
  const { company, number, sluice } = universe
  const file = overlayFile('api', 'production')
  const before = (await textAt(company, headOfMain(company), file)) ?? ''
  approve(company, sam, number)
  sluice.hint({ is: 'pull', pull: number })
  await settle(universe)
  expect(await digestAt(company, headOfMain(company), 'api/production')).toBe(digestNamed('api 1'))

  const tries = async (files: Files) => {
    const tried = await propose(company, sam, files, 'Back')
    sluice.hint(...news)
    await settle(universe)
    const judgements = sluice.last()?.considered.judgements.get(tried)
    const judgement = judgements?.find(({ change }) => change.slot === 'api/production')
    return { kind: judgement?.change.kind, gates: judgement?.verdicts.map(({ gate }) => gate) }
  }
  const back = { [file]: before }
  expect(await tries(back)).toEqual({ kind: 'rollback', gates: ['state', 'forge'] })
  const gated = { kind: 'edit', gates: expect.arrayContaining(['approved', 'soaked']) }
  expect(await tries({ [file]: `${before}# more\n` })).toMatchObject(gated)
  expect(await tries({ ...back, 'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml]\n' })).toMatchObject(
    gated,
  )
})
