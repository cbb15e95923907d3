import type { Repository } from '../model/world.ts'
import type { RulesetFile } from './ruleset.ts'

/** Whether a ruleset is about this ref (`refs/heads/main`). */
export function coversRef(ruleset: RulesetFile, repository: Repository, ref: string): boolean {
  const kind = ruleset.target ?? 'branch'
  if (kind !== (ref.startsWith('refs/heads/') ? 'branch' : ref.startsWith('refs/tags/') ? 'tag' : 'none')) return false
  const { include = [], exclude = [] } = ruleset.conditions?.ref_name ?? {}
  const matches = (pattern: string) => matchesRef(pattern, ref, `refs/heads/${repository.defaultBranch}`)
  return include.some(matches) && !exclude.some(matches)
}

function matchesRef(pattern: string, ref: string, defaultRef: string): boolean {
  if (pattern === '~ALL') return true
  if (pattern === '~DEFAULT_BRANCH') return ref === defaultRef
  return fnmatch(pattern).test(ref)
}

/**
 * GitHub matches by Ruby's `File.fnmatch` with FNM_PATHNAME: `**` reaches over slashes only where a slash follows it, so
 * `sluice/**` matches one level and `sluice/**` + `/*` matches all.
 * https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository#using-fnmatch-syntax
 */
function fnmatch(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/|\*+|\?|\[[^\]]*\]|[^*?[]+|\[/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*'
    if (part.startsWith('*')) return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[') && part.endsWith(']')) return part.replace('[^', '[^/').replace('[!', '[^/')
    return part.replaceAll(/[\\^$.|+(){}[\]]/g, String.raw`\$&`)
  })
  return new RegExp(`^${source}$`)
}
