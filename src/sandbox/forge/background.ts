/** Work that nobody waits for, but that has to be over before the forge is put away. */
export interface Background {
  start(work: () => Promise<unknown>): void
  settled(): Promise<void>
}

export function openBackground(): Background {
  const underWay = new Set<Promise<unknown>>()
  return {
    start: (work) => {
      const running = work().finally(() => underWay.delete(running))
      underWay.add(running)
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
