import type { Person } from '../../domain/person.ts'
import type { Role } from '../../domain/role.ts'

export { type Role, roles } from '../../domain/role.ts'

/** Asked at the moment of use; what cannot be known throws, and so is refused. */
export interface People {
  /** By login, verified to be the same id (T08); a login that now names somebody else is `none`. */
  role(person: Person): Promise<Role>
  /** `group` is `org/team`, or the login of somebody who may write here; `undefined` where it does not exist or cannot be read. */
  isMember(group: string, person: Person): Promise<boolean | undefined>
}
