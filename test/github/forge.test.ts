import { githubInstallations } from '../../src/adapters/forge/github/installations.ts'
import { createLog } from '../../src/log.ts'
import { forgeContract } from '../contracts/forge/forge.contract.ts'
import { underTest } from './under-test.ts'

/** The contract that the sandbox keeps, against a real GitHub; `npm run test:github` says what it needs. */
const { forge, repository } = underTest(process.env)
const installations = githubInstallations({
  ...forge,
  privateKey: forge.privateKey.reveal(),
  timing: { now: Date.now, pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) },
  random: Math.random,
  onAnswer: () => {},
  log: createLog({ level: 'warn' }),
})
forgeContract('github.com', async () => ({ installations, repository }))
