import { UserError } from '../../domain/failures.ts'

// What `git check-ref-format --branch` refuses, so that no name can become an option, a second refspec or a range.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const refused = /^[-/+]|^@$|[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|\.lock(?:\/|$)|(?:^|\/)\./

/** Throws UserError `git.bad-branch` for what Git would not take as a branch. */
export function branchRef(branch: string): string {
  const isFine = branch !== '' && branch.length <= 250 && !refused.test(branch)
  if (!isFine) throw new UserError('git.bad-branch', `${JSON.stringify(branch)} cannot be the name of a branch`)
  return `refs/heads/${branch}`
}
