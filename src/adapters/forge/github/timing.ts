export interface Timing {
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
}
