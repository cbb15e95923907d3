import { githubInstallations } from '../../src/adapters/forge/github/installations.ts'
import { createLog } from '../../src/log.ts'
import { readSettings } from '../../src/settings.ts'
import { forgeContract } from '../contracts/forge/forge.contract.ts'

/**
 * The contract that the sandbox keeps, against a real GitHub. It needs the variables of `sluice serve` for an App that is
 * installed on a repository made for this (`SLUICE_TEST_GITHUB_REPOSITORY=owner/name`), which it writes to and merges into.
 */
const wanted = process.env.SLUICE_TEST_GITHUB_REPOSITORY ?? ''
const [owner = '', name = ''] = wanted.split('/')
if (name === '') throw new Error('set SLUICE_TEST_GITHUB_REPOSITORY to owner/name, and the variables of sluice serve')

const { forge } = readSettings()
const installations = githubInstallations({
  ...forge,
  privateKey: forge.privateKey.reveal(),
  timing: { now: Date.now, pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) },
  random: Math.random,
  onAnswer: () => {},
  log: createLog({ level: 'warn' }),
})
forgeContract('github.com', async () => ({ installations, repository: { owner, name } }))
