import type { ToolName } from './tool-table.ts'

export interface Tool {
  readonly path: string
  readonly version: string
}

export interface RouteSettings {
  /** Absolute; where tools are kept. */
  readonly dir: string
  /** What the user's shell has: PATH, HOME, GOFLAGS, proxies. */
  readonly env: Readonly<Partial<Record<string, string>>>
  readonly onProgress: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** One way to a tool. What it could not do is a sentence for the user, who reads them all if no way led there. */
export type RouteAnswer = { readonly tool: Tool } | { readonly why: string }
export type Route = (name: ToolName, settings: RouteSettings) => Promise<RouteAnswer>
