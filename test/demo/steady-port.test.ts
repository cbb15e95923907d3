import { expect, test } from 'vitest'
import { steadyPort, stretchOf } from '../../src/demo/steady-port.ts'

test('processes that ask at the same time, each in its own stretch, are never given the same port', async () => {
  const stretches = [1, 2, 3, 4, 5, 6, 7, 8].map((worker) => stretchOf(worker, 8))
  const inOrder = stretches.toSorted((one, other) => one.from - other.from)
  for (const [index, { from }] of inOrder.entries())
    if (index > 0) expect(from).toBeGreaterThanOrEqual(inOrder[index - 1]?.below ?? 0)
  for (const stretch of stretches) {
    const ports = await Promise.all([1, 2, 3].map(() => steadyPort(stretch)))
    for (const port of ports) expect(port >= stretch.from && port < stretch.below).toBe(true)
  }
})
