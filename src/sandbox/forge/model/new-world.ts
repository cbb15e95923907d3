import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { openBackground } from '../background.ts'
import { faultMenu } from '../faults.ts'
import { openHooks } from '../hooks/hooks.ts'
import { defaultPermissions } from './installations.ts'
import type { Account, App, Permissions, World } from './world.ts'

export interface WorldOptions {
  readonly dir: string
  readonly url: string
  readonly appId?: number
  readonly appSlug?: string
  readonly permissions?: Permissions
  readonly webhook?: { readonly url: string; readonly secret: string }
  readonly now?: () => number
}

/** An empty forge, but for the App and the account that owns it. */
export function newWorld(options: WorldOptions): World {
  const now = options.now ?? Date.now
  let lastId = 1000
  const nextId = () => {
    lastId += 1
    return lastId
  }
  const accounts = new Map<number, Account>()
  const add = (login: string, type: Account['type']): Account => {
    const account: Account = { id: nextId(), login, type, createdAt: now(), members: new Map() }
    accounts.set(account.id, account)
    return account
  }
  const slug = options.appSlug ?? 'sluice'
  const app = newApp({
    ...options,
    slug,
    now: now(),
    owner: add(`${slug}-makers`, 'User'),
    bot: add(`${slug}[bot]`, 'Bot'),
  })
  const faults = faultMenu(now)
  return {
    dir: options.dir,
    url: options.url,
    app,
    accounts,
    teams: [],
    repositories: new Map(),
    installations: new Map(),
    tokens: new Map(),
    calls: [],
    faults,
    hooks: openHooks({ secret: app.webhookSecret, appId: app.id, faults, now, nextId }, options.webhook?.url ?? null),
    background: openBackground(),
    now,
    nextId,
  }
}

type AppOptions = Omit<WorldOptions, 'now'> & {
  readonly slug: string
  readonly now: number
  readonly owner: Account
  readonly bot: Account
}

function newApp(options: AppOptions): App {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    // PKCS#1, as the key file that GitHub hands out.
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const id = options.appId ?? 4242
  return {
    id,
    slug: options.slug,
    clientId: `Iv23.${id}`,
    owner: options.owner,
    bot: options.bot,
    privateKey,
    publicKey,
    webhookSecret: options.webhook?.secret ?? randomBytes(20).toString('hex'),
    permissions: options.permissions ?? defaultPermissions,
    createdAt: options.now,
  }
}
