import { defineConfig } from 'vitest/config'

/** Against real controllers, built from source at the first run: `npm run test:cluster`. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/cluster/global-setup.ts'],
    pool: 'forks',
    // Each file starts a cluster of its own, and two at a time would starve each other.
    maxWorkers: 1,
    fileParallelism: false,
    // Stories of one file mostly wait for controllers, each in its own namespace; all at once they starve each other on two cores.
    maxConcurrency: 6,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
