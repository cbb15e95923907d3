import { fillPlaceholders } from '../gates/placeholders.ts'
import type { ApplicationRule, CheckedConfig } from './checked-config.ts'

/** What travels where no manifest says otherwise: digests. */
const withoutManifest: Omit<ApplicationRule, 'name'> = {
  source: null,
  owners: [],
  promotes: { images: 'all', trees: [], files: [], fields: [], renames: 'stay' },
  gates: [],
}

/** The rule of one application, by the most specific name that matches, `{application}` filled in. */
export function applicationSettings(config: CheckedConfig, application: string): ApplicationRule {
  const rule = config.applications.find(({ name }) => matches(name, application)) ?? withoutManifest
  const fill = (text: string) => fillPlaceholders(text, { application })
  return {
    ...rule,
    name: application,
    source: rule.source === null ? null : fill(rule.source),
    owners: rule.owners.map(fill),
  }
}

// Walks the glob's literal parts from left to right: no backtracking, whatever the glob (T22).
function matches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*')
  const last = rest.pop()
  if (last === undefined) return glob === name
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false
  let from = first.length
  for (const part of rest) {
    const at = name.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return from <= name.length - last.length
}
