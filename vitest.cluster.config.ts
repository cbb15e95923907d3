import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** The whole servers, which are the longest by far, and what mostly waits for an interval to be over. */
const long = ['test/cluster/server*.test.ts', 'test/cluster/reconcile-requests.test.ts']

/** What the files of a project have in common. Each starts a cluster of its own. */
const project = (
  name: string,
  order: number,
  { include, exclude = [], stories }: { include: readonly string[]; exclude?: readonly string[]; stories: number },
): TestProjectInlineConfiguration => ({
  test: {
    ...{ name, include: [...include], exclude: [...exclude], sequence: { groupOrder: order } },
    environment: 'node',
    globalSetup: ['test/cluster/global-setup.ts'],
    pool: 'forks',
    // More than two clusters at a time starve each other on two cores.
    maxWorkers: 2,
    // Stories of one file mostly wait for controllers, each in its own namespace; all at once they starve each other on two cores.
    maxConcurrency: stories,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})

/** Against real controllers, built from source at the first run: `npm run test:cluster`. */
export default defineConfig({
  test: {
    projects: [
      project('delivery', 0, { include: ['test/cluster/**/*.test.ts'], exclude: long, stories: 6 }),
      // Side by side at the end: nothing waits for one of them alone. Whatever ends first makes room for the requests.
      project('whole server', 1, { include: long, stories: 7 }),
    ],
  },
})
