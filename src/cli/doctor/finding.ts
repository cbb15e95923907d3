import { failureKind, failureReason } from '../../domain/failures.ts'

/** One line of `sluice doctor`. */
export interface Finding {
  readonly is: 'ok' | 'warn' | 'fail'
  readonly what: string
  readonly says: string
  /** Null where there is nothing to mend. */
  readonly fix: string | null
}

export const ok = (what: string, says: string): Finding => ({ is: 'ok', what, says, fix: null })
export const warn = (what: string, says: string, fix: string): Finding => ({ is: 'warn', what, says, fix })
export const fail = (what: string, says: string, fix: string): Finding => ({ is: 'fail', what, says, fix })

/** What could not be looked at. A bug is thrown on: the doctor does not treat itself. */
export function unknownBecause(what: string, error: unknown): Finding {
  const kind = failureKind(error)
  if (kind === 'bug' || !(error instanceof Error)) throw error
  const says = `${error.message} (${failureReason(error)})`
  return kind === 'transient'
    ? fail(what, says, 'look whether it can be reached from here, and try again')
    : fail(what, says, fixes[failureReason(error)] ?? 'docs/operate.md says what the code means')
}

const fixes: Readonly<Record<string, string>> = {
  'forge.credentials':
    'SLUICE_APP_ID and SLUICE_PRIVATE_KEY must be of one App at SLUICE_API_URL, and the clock be right',
  'forge.permission': 'an owner of the account accepts the permissions of app.yml on the page of the installation',
  'forge.suspended': 'install the App, or lift its suspension, on the page of the installation',
  'tool.missing': 'install it, or name its path in the settings',
  'tool.flawed': 'install a version without the flaw',
  'tool.broken': 'look whether it runs at all',
  'git.refused': 'look at SLUICE_GIT_URL and the permission `contents`',
  'cluster.settings': 'look at the file that SLUICE_CLUSTERS names',
}
