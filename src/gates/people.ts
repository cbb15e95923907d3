import { z } from 'zod'

/** The word that stands for the application's owners in `from` and `by`. */
export const ownersWord = 'owners'

/** Groups that no manifest can write (a login holds no colon): everybody with at least that role. */
export const roleGroups = { write: 'role:write', maintain: 'role:maintain' } as const

const groupPattern = /^[A-Za-z0-9][-A-Za-z0-9_.]*(?:\/[A-Za-z0-9][-A-Za-z0-9_.]*)?$/

/** A login or a team in a manifest. */
export const group = (): z.ZodType<string, string> =>
  z.string().max(140).regex(groupPattern, { error: 'a login (ann), a team (acme/sre) or the word owners, without @' })

/** `owners` replaced by who they are; sorted and each once, so that equal questions are one question. */
export const groupsOf = (from: readonly string[], owners: readonly string[]): readonly string[] =>
  [...new Set(from.flatMap((one) => (one === ownersWord ? owners : [one])))].sort()

/** Groups as people read them. */
export const groupInWords = (name: string): string =>
  name.startsWith('role:') ? `anybody with ${name.slice('role:'.length)}` : name

/** The groups that nobody could look into, each once. */
export const unknownOf = (weighed: readonly { readonly unknownGroups?: readonly string[] }[]): readonly string[] => [
  ...new Set(weighed.flatMap(({ unknownGroups = [] }) => unknownGroups.map(groupInWords))),
]
