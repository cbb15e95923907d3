export const roleNames = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
/** Ordered: each may what the ones before it may. */
export type RoleName = (typeof roleNames)[number]

export interface Account {
  readonly id: number
  login: string
  readonly type: 'User' | 'Organization' | 'Bot'
  readonly createdAt: number
  /** Of an organisation, by account id. */
  readonly members: Map<number, 'member' | 'admin'>
}
export interface Team {
  readonly id: number
  readonly slug: string
  readonly organization: Account
  readonly members: Set<number>
  readonly createdAt: number
}
