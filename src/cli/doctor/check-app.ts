import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Inspection } from '../../ports/forge/inspection.ts'
import type { Settings } from '../../settings.ts'
import { type Finding, fail, ok, unknownBecause, warn } from './finding.ts'

/** The App at the forge beside `app.yml`: permissions, events, consent of each account, and where its webhooks go. */
export async function checkApp(inspection: Inspection, settings: Settings): Promise<readonly Finding[]> {
  try {
    const wanted = await wantedApp()
    const { slug, permissions, events } = await inspection.app()
    const granted = await inspection.installations()
    return [
      ok('App', `${slug} (${settings.forge.appId}) at ${settings.forge.apiUrl}`),
      permissionFinding(
        'App permissions',
        wanted.permissions,
        permissions,
        'grant it on the settings page of the App, Permissions',
      ),
      ...granted.map((one) =>
        one.suspended
          ? warn(
              `installation ${one.id}`,
              'suspended: its repositories are left alone',
              'an owner of the account lifts it',
            )
          : permissionFinding(
              `installation ${one.id}`,
              wanted.permissions,
              one.permissions,
              'an owner of the account accepts it on the page of the installation',
            ),
      ),
      eventFinding(wanted.events, events),
      webhookFinding(await inspection.webhookUrl()),
    ]
  } catch (error) {
    return [unknownBecause('App', error)]
  }
}

const appShape = z.object({
  default_permissions: z.record(z.string(), z.string()),
  default_events: z.array(z.string()),
})

/** Beside `src/` and `dist/` alike. */
async function wantedApp() {
  const { default_permissions: permissions, default_events: events } = appShape.parse(
    parse(await readFile(new URL('../../../app.yml', import.meta.url), 'utf8')),
  )
  return { permissions, events }
}

type Levels = Readonly<Record<string, string>>
const levels = ['none', 'read', 'write', 'admin']

/** Too few is a failure; more than asked for is power that nobody needs to give. */
export function permissionFinding(what: string, wanted: Levels, granted: Levels, fix: string): Finding {
  const rank = (level: string | undefined) => Math.max(0, levels.indexOf(level ?? 'none'))
  const missing = Object.entries(wanted).filter(([name, level]) => rank(granted[name]) < rank(level))
  const excess = Object.entries(granted).filter(([name, level]) => rank(level) > rank(wanted[name]))
  const words = (list: readonly (readonly [string, string])[]) =>
    list.map(([name, level]) => `${name}: ${level}`).join(', ')
  if (missing.length > 0) return fail(what, `missing: ${words(missing)}`, fix)
  if (excess.length > 0)
    return warn(
      what,
      `more than app.yml asks for: ${words(excess)}`,
      'an App needs no more: take it away on its settings page, Permissions',
    )
  return ok(what, 'exactly those of app.yml')
}

function eventFinding(wanted: readonly string[], heard: readonly string[]): Finding {
  const missing = wanted.filter((event) => !heard.includes(event))
  return missing.length === 0
    ? ok('App events', 'all of app.yml are heard')
    : warn(
        'App events',
        `not heard: ${missing.join(', ')}; what they tell is found by the sweep only`,
        'on the settings page of the App, Subscribe to events',
      )
}

export function webhookFinding(url: string | null): Finding {
  const fix = 'on the settings page of the App, Webhook URL: https://HOST/api/github/webhooks'
  if (url === null) return warn('webhook', 'the forge does not tell where webhooks go', fix)
  if (url === '') return fail('webhook', 'no webhook URL is set: everything would wait for the sweep', fix)
  if (!url.endsWith('/api/github/webhooks'))
    return fail('webhook', `webhooks go to ${url}, where Sluice does not listen`, fix)
  return ok('webhook', `webhooks go to ${url}`)
}
