import { noFacts, type RightsFacts } from '../commands/rights.ts'
import { applicationSettings } from '../config/application-settings.ts'
import type { CheckedConfig } from '../config/checked-config.ts'
import { partsOfSlot, type SlotKey } from '../domain/ids.ts'

/** What decides who may take these slots of one environment back. */
export function rollbackFacts(config: CheckedConfig, environment: string, slots: readonly SlotKey[]): RightsFacts {
  const names = slots.map((slot) => partsOfSlot(slot).application)
  return {
    ...noFacts,
    bots: config.repository.bots,
    rollbackBy: config.environments.get(environment)?.rollback.by ?? [],
    applications: names.map((name) => ({ name, owners: applicationSettings(config, name).owners })),
  }
}

/** What decides who may merge a pull request: one that takes a promotion back asks for the right to roll back. */
export function mergeFacts(config: CheckedConfig, takesBack: SlotKey | null): RightsFacts {
  if (takesBack === null) return { ...noFacts, bots: config.repository.bots }
  return { ...rollbackFacts(config, partsOfSlot(takesBack).environment, [takesBack]), isRollbackPull: true }
}

/** The groups whose membership decides by these facts. */
export const groupsIn = ({ rollbackBy, applications, gateFrom }: RightsFacts): readonly string[] => [
  ...new Set([...rollbackBy, ...applications.flatMap(({ owners }) => owners), ...gateFrom]),
]
