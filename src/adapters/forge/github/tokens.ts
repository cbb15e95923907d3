import { OperatorError } from '../../../domain/failures.ts'
import { allPages } from './access.ts'
import { isHttpError } from './failures.ts'
import type { Octokit, Options, Request } from './request-door.ts'

/** What a token is for decides what it may: the least that does. */
const wanted = {
  listing: { metadata: 'read' },
  git: { metadata: 'read', contents: 'write' },
  work: {
    metadata: 'read',
    contents: 'write',
    pull_requests: 'write',
    checks: 'write',
    statuses: 'read',
    issues: 'read',
    members: 'read',
  },
} as const satisfies Record<string, Readonly<Record<string, 'read' | 'write'>>>

export interface Installation {
  readonly id: number
  readonly suspended: boolean
  readonly permissions: Readonly<Record<string, string>>
}

export interface Tokens {
  /** Read from the forge at each call. */
  installations(): Promise<readonly Installation[]>
  /** A token of the installation, for one repository where it is named; good for at least five minutes more. */
  of(
    installation: number,
    scope: { readonly for: keyof typeof wanted; readonly repository?: number; readonly fresh?: boolean },
  ): Promise<string>
}

const leastLifeMs = 5 * 60_000

export function createTokens(app: Octokit, now: () => number): Tokens {
  const known = new Map<number, Installation>()
  const installations = async () => {
    const found = (await allPages(async (page) => (await app.rest.apps.listInstallations(page)).data)).map(
      (installation) => ({
        id: installation.id,
        suspended: installation.suspended_at !== null,
        permissions: installation.permissions,
      }),
    )
    known.clear()
    for (const installation of found) known.set(installation.id, installation)
    return found
  }
  const granted = async (id: number) => {
    if (!known.has(id)) await installations()
    const installation = known.get(id)
    if (installation === undefined) throw new OperatorError('forge.suspended', `the App is not installed as ${id}`)
    return installation.permissions
  }

  return {
    installations,
    of: async (installation, scope) => {
      const request = {
        type: 'installation',
        installationId: installation,
        ...(scope.repository === undefined ? {} : { repositoryIds: [scope.repository] }),
        permissions: within(wanted[scope.for], await granted(installation)),
      }
      const kept = tokenOf(await app.auth({ ...request, refresh: scope.fresh === true }))
      if (kept.expiresAt - now() > leastLifeMs) return kept.token
      return tokenOf(await app.auth({ ...request, refresh: true })).token
    },
  }
}

/** Asking for more than the installation granted is refused whole; what is missing shows where it is needed. */
function within(
  wish: Readonly<Record<string, 'read' | 'write'>>,
  granted: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(wish).flatMap(([name, level]) => {
      const held = granted[name]
      if (held === undefined) return []
      return [[name, level === 'write' && held === 'read' ? 'read' : level]]
    }),
  )
}

function tokenOf(answer: unknown): { readonly token: string; readonly expiresAt: number } {
  const { token, expiresAt } = answer as { readonly token: string; readonly expiresAt: string }
  return { token, expiresAt: Date.parse(expiresAt) }
}

/** An Octokit authentication strategy: the same token for every request, another where the forge no longer takes it. */
export function tokenStrategy({ token }: { readonly token: (fresh: boolean) => Promise<string> }) {
  const hook = async (request: Request, options: Options) => {
    const send = async (fresh: boolean) => {
      options.headers.authorization = `token ${await token(fresh)}`
      return request(options)
    }
    try {
      return await send(false)
    } catch (error) {
      // Nothing was done yet where the token was refused, so even a write may be sent again.
      if (!isHttpError(error) || error.status !== 401) throw error
      return send(true)
    }
  }
  return Object.assign(async () => ({ type: 'token', token: await token(false) }), { hook })
}
