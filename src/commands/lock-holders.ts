import type { Command } from '../domain/command.ts'
import { type Directive, isWithin, type Scope } from '../domain/directive.ts'

/** Who holds the locks that this command would replace (`lock`, of the same scope) or lift (`unlock`, all within). */
export function lockHolders(command: Command, directives: readonly Directive[]): readonly number[] {
  if (command.verb !== 'lock' && command.verb !== 'unlock') return []
  const { environment, application } = command
  const scope: Scope = application === null ? { environment } : { environment, application }
  const touches = (held: Scope): boolean =>
    isWithin(held, scope) && (command.verb === 'unlock' || isWithin(scope, held))
  const touched = directives.filter((directive) => directive.kind === 'lock' && touches(directive.scope))
  return [...new Set(touched.map(({ by }) => by))]
}
