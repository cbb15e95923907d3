import { startVitest } from 'vitest/node'
import { missingOf, underTest, whatIsWanted } from './under-test.ts'

/** `npm run test:github`: the contract against a real GitHub, or what it needs for that, and 2. */
const missing = missingOf(process.env)
if (missing.length > 0) {
  process.stderr.write(whatIsWanted(missing))
  process.exit(2)
}
try {
  underTest(process.env)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exit(2)
}
const vitest = await startVitest('test', process.argv.slice(2), { config: 'vitest.github.config.ts', watch: false })
await vitest.close()
