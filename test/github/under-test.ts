import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readSettings, type Settings } from '../../src/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface UnderTest {
  readonly forge: Settings['forge']
  readonly repository: { readonly owner: string; readonly name: string }
}

/** The App and the repository that the variables name. Throws OperatorError `settings.invalid` for those that are wrong. */
export function underTest(env: Environment): UnderTest {
  const [, owner = '', name = ''] = repositoryShape.exec(env.SLUICE_TEST_GITHUB_REPOSITORY ?? '') ?? []
  // Of a server, which the contract starts none of.
  const unused = 'not-used-by-the-contract'.repeat(2)
  const { forge } = readSettings({ SLUICE_WEBHOOK_SECRET: unused, SLUICE_STATE_KEY: unused, ...env })
  return { forge, repository: { owner, name } }
}

const repositoryShape = /^([\w-]+)\/([\w.-]+)$/

/** What is not there of that without which nothing can be tried; empty where all is there. */
export function missingOf(env: Environment): readonly string[] {
  const { SLUICE_TEST_GITHUB_REPOSITORY: repository = '', SLUICE_APP_ID: app, SLUICE_PRIVATE_KEY: key } = env
  return [
    ...(repositoryShape.test(repository) ? [] : ['SLUICE_TEST_GITHUB_REPOSITORY']),
    ...(app ? [] : ['SLUICE_APP_ID']),
    ...(key || env.SLUICE_PRIVATE_KEY_FILE ? [] : ['SLUICE_PRIVATE_KEY or SLUICE_PRIVATE_KEY_FILE']),
  ]
}

/** For who runs it for the first time. */
export function whatIsWanted(missing: readonly string[]): string {
  const rows = Object.entries(permissions()).map(([name, level]) => `  ${name}: ${level}`)
  return `The contract of the forge against a real GitHub: not run, since ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set.

  SLUICE_TEST_GITHUB_REPOSITORY  owner/name of a repository made for this, with a first commit and without rules:
                                 branches, pull requests, comments, checks and merges are left behind in it
  SLUICE_APP_ID                  the id of a GitHub App that is installed on it
  SLUICE_PRIVATE_KEY_FILE        the file with the App's private key (or SLUICE_PRIVATE_KEY, the key itself)
  SLUICE_API_URL, SLUICE_WEB_URL of a GitHub Enterprise Server, if it is one

The App needs these permissions (app.yml says what each is for), and no webhook:
${rows.join('\n')}
`
}

const permissions = (): Readonly<Record<string, string>> =>
  parse(readFileSync(new URL('../../app.yml', import.meta.url), 'utf8')).default_permissions
