/** Work that nobody waits for, but that has to be over before the forge is put away. */
export interface Background {
  start(work: () => Promise<unknown>): void
  /** Throws what the work threw, since nobody else hears of it. */
  settled(): Promise<void>
  /** Nothing starts any more; resolves when what runs is over. */
  close(): Promise<void>
}

export function openBackground(): Background {
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  let isClosed = false
  const settled = async () => {
    while (underWay.size > 0) await Promise.all(underWay)
    const failure = failures.shift()
    if (failure !== undefined) throw failure
  }
  return {
    start: (work) => {
      if (isClosed) return
      const running = work()
        .then(
          () => undefined,
          (error: unknown) => void failures.push(error),
        )
        .finally(() => underWay.delete(running))
      underWay.add(running)
    },
    settled,
    close: () => {
      isClosed = true
      return settled()
    },
  }
}
