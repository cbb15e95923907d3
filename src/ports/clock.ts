import type { Instant } from '../domain/ids.ts'

export type Clock = () => Instant
