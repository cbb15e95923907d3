import { defineConfig } from 'vitest/config'

/** Against a real GitHub, which answers in its own time: `npm run test:github`. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/github/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
