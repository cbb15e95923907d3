import { type Directive, type DirectiveOf, ofKind, ofSlot } from '../domain/directive.ts'
import type { ReleaseId, SlotKey } from '../domain/ids.ts'

/** What the folded state has in force, as far as these questions need it. */
interface InForce {
  readonly directives: readonly Directive[]
}

/** The quarantine of exactly this release in this slot. What holds no pinned release is never quarantined. */
export const quarantineOf = (
  { directives }: InForce,
  slot: SlotKey,
  release: ReleaseId | undefined,
): DirectiveOf<'quarantine'> | undefined =>
  ofSlot(directives, 'quarantine', slot).find((one) => one.release === release)

/** Whether it means this release, be it named as the slot holds it or as upstream does. */
export const namesRelease = (
  { release, brings }: Pick<DirectiveOf<'quarantine'>, 'release' | 'brings'>,
  asked: ReleaseId,
): boolean => release === asked || brings === asked

/**
 * Whether automation must leave a release alone in a slot: one that was ever found bad there comes back by a person only, also
 * when a later one has ended the quarantine for everybody else (I12). Lifting it by command ends this too.
 */
export const isShunned = (
  state: InForce & { readonly overtaken: readonly DirectiveOf<'quarantine'>[] },
  slot: SlotKey,
  release: ReleaseId,
): boolean =>
  ofSlot(state.directives, 'quarantine', slot).some((one) => namesRelease(one, release)) ||
  state.overtaken.some((one) => one.slot === slot && namesRelease(one, release))

/** While it is open nothing is promoted or taken back by itself there. */
export const breakerOf = ({ directives }: InForce, environment: string): DirectiveOf<'breaker'> | undefined =>
  ofKind(directives, 'breaker').find((one) => one.environment === environment)
