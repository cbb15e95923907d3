import { digestOf } from '../domain/hash.ts'

/** Where a comment of ours that tells something once is found again. */
export const noticeMarker = (key: string): string => `<!-- sluice:notice:${digestOf(key).slice(7, 23)} -->`
