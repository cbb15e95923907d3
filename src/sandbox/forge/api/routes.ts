import type { Described } from './openapi.ts'

export interface Route {
  readonly described: Described
  match(method: string, path: string): Readonly<Record<string, string>> | undefined
}

// What may hold slashes that callers do not escape: `git/ref/heads/main`, `contents/apps/base`, `branches/release/1`.
const holdsSlashes = ['ref', 'path', 'branch', 'basehead']

/** The most specific first. */
export const routesOf = (operations: readonly Described[]): readonly Route[] =>
  operations.toSorted((a, b) => weight(b.template) - weight(a.template)).map(routeOf)

const weight = (template: string): number =>
  template.split('/').reduce((sum, part) => sum + (part.startsWith('{') ? 1 : 100), 0)

export interface Found {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export function findRoute(routes: readonly Route[], method: string, path: string): Found | undefined {
  for (const route of routes) {
    const params = route.match(method, path)
    if (params !== undefined) return { route, params }
  }
  return undefined
}

function routeOf(described: Described): Route {
  const names: string[] = []
  const source = described.template.replaceAll(/\{(\w+)\}|[.]/g, (part, name: string | undefined) => {
    if (name === undefined) return `\\${part}`
    names.push(name)
    return holdsSlashes.includes(name) ? '(.*)' : '([^/]+)'
  })
  const pattern = new RegExp(`^${source}$`)
  return {
    described,
    match: (method, path) => {
      const found = method === described.method ? pattern.exec(path) : null
      if (found === null) return undefined
      return Object.fromEntries(names.map((name, at) => [name, decode(found[at + 1] ?? '')]))
    },
  }
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not percent-encoded after all: it is taken as it stands.
    return text
  }
}
