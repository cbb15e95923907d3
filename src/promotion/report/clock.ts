import type { Instant } from '../../domain/ids.ts'

/** For people. */
export const clock = (instant: Instant): string =>
  new Date(instant).toISOString().replace('T', ' ').slice(0, 19).concat(' UTC')

/** ISO 8601, for programs. */
export const iso = (instant: Instant): string => `${new Date(instant).toISOString().slice(0, 19)}Z`
