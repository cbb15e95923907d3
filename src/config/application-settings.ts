import { keptFor } from '../domain/kept-for.ts'
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
export function applicationSettings(config: Pick<CheckedConfig, 'applications'>, application: string): ApplicationRule {
  const rule = ruleFor(config, application)
  const fill = (text: string) => fillPlaceholders(text, { application })
  return {
    ...rule,
    name: application,
    source: rule.source === null ? null : fill(rule.source),
    owners: rule.owners.map(fill),
  }
}

function ruleFor(
  { applications }: Pick<CheckedConfig, 'applications'>,
  application: string,
): Omit<ApplicationRule, 'name'> {
  const { named, globs } = sorted(applications)
  return named.get(application) ?? globs.find(({ name }) => matches(name, application)) ?? withoutManifest
}

/** A name before any glob, as they are sorted. Where each of thousands has a manifest, it is found by its name. */
const sorted = keptFor((rules: readonly ApplicationRule[]) => ({
  named: new Map(rules.filter(({ name }) => !name.includes('*')).map((rule) => [rule.name, rule])),
  globs: rules.filter(({ name }) => name.includes('*')),
}))

// Walks the glob's literal parts from left to right: no backtracking, whatever the glob (T22).
function matches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*')
  const last = rest.pop() ?? ''
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false
  let from = first.length
  for (const part of rest) {
    const at = name.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return from <= name.length - last.length
}
