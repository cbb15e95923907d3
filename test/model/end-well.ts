import { expect } from 'vitest'
import { type SlotKey, slotKey } from '../../src/domain/ids.ts'
import { ann, applications, digestAt, digestNamed, firstOf, headOfMain, sam, tom } from '../fakes/company.ts'
import { closePull } from '../fakes/forge.ts'
import { approve, bringsTo, propose, say } from '../fakes/people.ts'
import { checkInvariants, checkNothingLost } from './invariants.ts'
import { news, pass, settle, type Universe } from './universe.ts'

/** Troubles end, somebody tidies up, and then a good release must reach production. */
export async function endWell(universe: Universe): Promise<void> {
  const { company, faults } = universe
  Object.assign(company.cluster, { isDark: false, isSuspended: false, isRegistryAway: false })
  faults.isForgeAway = false
  faults.armed.length = 0
  universe.sluice.hint({ is: 'everything' })
  await settle(universe)
  await pass(universe, 660_000, 30_000)
  await checkInvariants(universe)
  await checkNothingLost(company)
  await checkRest(universe)
  await checkWayOn(universe)
}

/** Somebody says what the reports asked for; then good releases go all the way again. */
async function checkWayOn(universe: Universe): Promise<void> {
  const { company } = universe
  await tidyUp(universe)
  for (const name of applications)
    for (const first of firstOf(company.path))
      await propose(company, ann, bringsTo(name, first, `${name} in the end`), name)
  universe.sluice.hint(...news)
  for (let patience = 8; patience > 0; patience -= 1) {
    await pass(universe, 120_000, 15_000)
    await sayWhatIsAsked(universe)
    await checkInvariants(universe)
  }
  const stuck: string[] = []
  for (const name of applications) {
    const slot = slotKey(name, 'production')
    if ((await digestAt(company, headOfMain(company), slot)) !== digestNamed(`${name} in the end`))
      stuck.push(`${slot}: ${JSON.stringify(whyStuck(universe, slot))}`)
  }
  expect(stuck, `a good release does not reach production: ${stuck.join('; ')}`).toEqual([])
}

/** What a report names as the next step: an approval, the merge of a rollback, an order over what is foreign. */
async function sayWhatIsAsked(universe: Universe): Promise<void> {
  const { company, sluice } = universe
  for (const [number, standing] of sluice.last()?.plan.standings ?? []) {
    const [application, environment] = company.pulls.get(number)?.headBranch.split('/').toReversed() ?? []
    const reasons = standing.is === 'gated' ? standing.open.map((verdict) => verdict.reason) : []
    // Not Sam, who may have brought the release himself.
    if (reasons.includes('approvals.too-few')) approve(company, tom, number)
    // An order for what failed upstream stands until somebody closes its pull request.
    if (reasons.includes('upstream.failed')) closePull(company, number)
    if (standing.is === 'limited' && standing.by === 'breaker')
      say(company, sam, number, `/sluice resume ${environment}`)
    if (standing.is === 'needs-order') say(company, sam, number, '/sluice merge')
    if (reasons.includes('state.foreign') || reasons.includes('state.divergence'))
      say(company, sam, number, `/sluice promote ${environment} --app ${application}`)
  }
  sluice.hint({ is: 'everything' })
  await settle(universe)
}

const whyStuck = ({ sluice, company }: Universe, slot: SlotKey) => {
  const plan = sluice.last()?.plan
  const standings = [...(plan?.standings ?? [])].map(([number, one]) => [company.pulls.get(number)?.title, one])
  return { wanted: plan?.wanted.get(slot), standings }
}

/** Closes what is open, and lifts what holds. */
async function tidyUp(universe: Universe): Promise<void> {
  const { company, sluice } = universe
  for (const pull of company.pulls.values()) if (pull.state === 'open') closePull(company, pull.number)
  const directives = sluice.last()?.considered.snapshot.state.folded.directives ?? []
  const accepted = new Set(directives.flatMap((one) => (one.kind === 'ungated' ? [one.commit] : [])))
  const said = [
    ...[...company.path.keys()].flatMap((name) => [`thaw ${name}`, `unlock ${name}`, `resume ${name}`]),
    ...['thaw all', ...[...accepted].map((commit) => `accept ${commit}`)],
  ]
  const last = Math.max(...company.pulls.keys())
  for (const words of said) say(company, sam, last, `/sluice ${words}`)
  for (const name of applications) say(company, sam, last, `/sluice unlock staging --app ${name}`)
  universe.sluice.hint({ is: 'everything' })
  await settle(universe)
  await pass(universe, 60_000)
}

/** Nothing happens, so nothing is written at the forge. */
async function checkRest(universe: Universe): Promise<void> {
  const before = universe.faults.writes.length
  await pass(universe, 660_000, 30_000)
  const written = universe.faults.writes.slice(before).filter((name) => name !== 'git.push')
  expect(written, `nothing happens, and Sluice writes all the same: ${written}`).toEqual([])
}
