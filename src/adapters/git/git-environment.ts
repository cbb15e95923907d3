import { OperatorError } from '../../domain/failures.ts'

/** Where a bare command name is looked for; ours is not inherited, so that nobody's PATH decides which git runs. */
export const searchPath = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

/** Old history holds objects that later versions of git complain about and every forge keeps: none of them is dangerous. */
const toleratedOldHistory = [
  'zeroPaddedFilemode',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'badTimezone',
  'badDate',
  'missingEmail',
  'missingNameBeforeEmail',
]

const safeConfig: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.logAllRefUpdates', 'false'],
  ['credential.helper', ''],
  ['fetch.recurseSubmodules', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['submodule.recurse', 'false'],
  ['gc.auto', '0'],
  ['gc.autoDetach', 'false'],
  ['maintenance.auto', 'false'],
  ['transfer.fsckObjects', 'true'],
  ...toleratedOldHistory.map((name) => [`fetch.fsck.${name}`, 'ignore'] as const),
  // A redirect would carry the token to whatever host it names.
  ['http.followRedirects', 'false'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
]

/** Only the transport that the URL itself names: no `ext::`, no ssh, nothing that a redirect could choose. */
export function protocolOf(url: string): 'http' | 'https' | 'file' {
  if (url.startsWith('https://')) return 'https'
  if (url.startsWith('http://')) return 'http'
  if (url.startsWith('file:///') || url.startsWith('/')) return 'file'
  throw new OperatorError(
    'git.refused',
    `git fetches by https, http or from a local path, not from ${JSON.stringify(url)}`,
  )
}

export const basicAuthorization = (token: string): string =>
  `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`

/**
 * The whole environment of a git process: nothing of ours, of the system's or of a user's configuration. The token stands
 * only here, never in argv or in the URL, where `ps` and error messages would show it.
 */
export function gitEnvironment(at: {
  readonly dir: string
  readonly url: string
  readonly token: string | null
  readonly extra: Readonly<Record<string, string>>
}): Record<string, string> {
  const authorization: readonly (readonly [string, string])[] =
    at.token === null ? [] : [['http.extraHeader', `Authorization: ${basicAuthorization(at.token)}`]]
  const config = [...safeConfig, ...authorization]
  return {
    ...at.extra,
    PATH: searchPath,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_DIR: at.dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_ALLOW_PROTOCOL: protocolOf(at.url),
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}
