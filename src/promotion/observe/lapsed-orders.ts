import { type Asker, mayRun, type RightsFacts } from '../../commands/rights.ts'
import type { CheckedConfig } from '../../config/checked-config.ts'
import type { Command } from '../../domain/command.ts'
import { partsOfSlot } from '../../domain/ids.ts'
import type { Person } from '../../domain/person.ts'
import type { People } from '../../ports/forge/people.ts'
import { type Order, type OrderFacts, ordersAtWork } from '../orders.ts'
import { personBehind } from '../person-behind.ts'
import { groupsIn, mergeFacts, rollbackFacts } from '../rights-facts.ts'

/**
 * The events of orders whose giver may not give them any more. An order may wait for days; what is done by it is done by
 * the rights of that moment, which the forge is asked for in each look (T05). Where it does not answer, the look fails.
 */
export async function lapsedOrders(people: People, facts: OrderFacts): Promise<ReadonlySet<string>> {
  const config = facts.config.checked
  const lapsed = new Set<string>()
  for (const order of ordersAtWork(facts)) {
    const person = personBehind(order.of)
    const rights = factsFor(config, order)
    const { verb } = commands[order.asks]
    const may =
      person.kind === 'bot'
        ? // Which App it was is not on record: while the manifests let none say it, none may.
          config.repository.bots.some((bot) => bot.may.includes(verb))
        : mayRun(commands[order.asks], await askerNow(people, person, rights), rights).may
    if (!may) lapsed.add(order.of.event)
  }
  return lapsed
}

/** The words whose rights are asked for; what they name beside is in the facts. */
const commands: { readonly [A in Order['asks']]: Command } = {
  merge: { verb: 'merge' },
  promote: { verb: 'promote', environment: null, application: null, release: null },
  rollback: { verb: 'rollback', environment: '', application: null, to: null, reason: '' },
}

function factsFor(config: CheckedConfig, order: Order): RightsFacts {
  if (order.asks === 'merge') return mergeFacts(config, order.pull.takesBack)
  if (order.asks === 'promote') return mergeFacts(config, null)
  return rollbackFacts(config, partsOfSlot(order.of.slot).environment, [order.of.slot])
}

async function askerNow(people: People, person: Person, rights: RightsFacts): Promise<Asker> {
  const memberships = new Map<string, boolean | undefined>()
  for (const group of groupsIn(rights)) memberships.set(group, await people.isMember(group, person))
  return { person, appId: null, role: await people.role(person), memberOf: (group) => memberships.get(group) }
}
