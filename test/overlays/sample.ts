import type { Promotes } from '../../src/config/checked-config.ts'
import { type Digest, toDigest } from '../../src/domain/ids.ts'

export const digest = (digit: string): Digest => toDigest(`sha256:${digit.repeat(64)}`)

export const promotes = (some: Partial<Promotes> = {}): Promotes => ({
  images: 'all',
  trees: [],
  files: [],
  fields: [],
  renames: 'stay',
  ...some,
})
