import type { OverlayProblem } from '../domain/release.ts'

/** A problem whose file the caller knows: the same content may lie at several paths. */
export type Complaint = Omit<OverlayProblem, 'file'>

export interface Refusal {
  readonly is: 'unsupported'
  readonly problem: OverlayProblem
}

export const refusal = (file: string, { reason, line, detail }: Complaint): Refusal => ({
  is: 'unsupported',
  problem: { reason, file, ...(line === undefined ? {} : { line }), detail },
})
