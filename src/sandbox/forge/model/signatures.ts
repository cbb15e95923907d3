import type { Signature } from '../git/commits.ts'
import type { Account, World } from './world.ts'

/** As the forge writes an account into a commit. */
export const signatureOf = (world: World, account: Account): Signature => ({
  name: account.login,
  email: `${account.id}+${account.login}@users.noreply.github.com`,
  at: world.now(),
})

/** The forge's own, as committer of what it merges. */
export const forgeSignature = (world: World): Signature => ({
  name: 'GitHub',
  email: 'noreply@github.com',
  at: world.now(),
})

/** The account that a commit's email belongs to. */
export function accountOfEmail(world: World, email: string): Account | undefined {
  const [, id, login] = /^(?:(\d+)\+)?([^@]+)@users\.noreply\.github\.com$/.exec(email) ?? []
  if (id !== undefined) return world.accounts.get(Number(id))
  return [...world.accounts.values()].find((account) => account.login === login)
}
