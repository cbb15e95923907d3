import type { DemoOutcome } from '../demo/run-demo.ts'
import type { Checkout } from '../ports/checkout.ts'
import type { ForgeRepository, Installations } from '../ports/forge/forge.ts'
import type { Inspection } from '../ports/forge/inspection.ts'
import type { RepositoryPorts } from '../promotion/repository-ports.ts'
import type { OpenRepository } from '../promotion/workplace.ts'
import type { LocalSettings, Settings, ToolSettings } from '../settings.ts'

/** Everything that commands ask of the world; each is put together when it is first asked for, so that `--help` needs nothing. */
export interface CliWorld {
  readonly workingFolder: string
  readonly now: RepositoryPorts['now']
  /** Throws OperatorError `settings.invalid`. */
  readonly settings: () => Settings
  readonly localSettings: () => LocalSettings
  /** Plays the story, and tells by itself what went wrong. */
  readonly demo: (flags: DemoFlags) => Promise<DemoOutcome>
  readonly serve: () => Promise<{ stop(): Promise<void> }>
  readonly openCheckout: (folder: string) => Promise<OpenCheckout>
  readonly openForge: (settings: Settings) => Promise<OpenForge>
  readonly tools: (settings: ToolSettings) => Promise<readonly ToolFinding[]>
  readonly isolation: () => Promise<{ readonly network: boolean; readonly memory: boolean }>
  /** Undefined where it answers; else what is wrong. Reads that one image. */
  readonly askRegistry: (image: string, settings: ToolSettings) => Promise<string | undefined>
  /** Asks `/status` of a running server. */
  readonly askServer: (url: string, token: string | null) => Promise<unknown>
}

export interface DemoFlags {
  /** Whether it ends after the story. */
  readonly exit: boolean
  readonly json: boolean
  /** Whether real controllers apply what is merged. */
  readonly cluster: boolean
  /** Aborted when the user wants it to end. */
  readonly interrupted: AbortSignal
}

/** A checkout with the tools of this machine; the ports of a forge are not among them, since there is none. */
export interface OpenCheckout {
  readonly checkout: Checkout
  readonly ports: Pick<RepositoryPorts, 'delivery' | 'renderer' | 'signatures' | 'stateKeys' | 'now' | 'log'>
  close(): Promise<void>
}

/** The forge as the App sees it, with a mirror of its own in a temporary folder: the server's is not touched. */
export interface OpenForge {
  readonly installations: Installations
  readonly inspection: Inspection
  readonly delivery: RepositoryPorts['delivery']
  open(repository: ForgeRepository, onArrival: () => void): Promise<OpenRepository>
  close(): Promise<void>
}

export interface ToolFinding {
  readonly tool: string
  readonly path: string | null
  readonly version: string | null
  /** What is wrong, and how to mend it. */
  readonly problem: { readonly is: 'warn' | 'fail'; readonly says: string; readonly fix: string } | null
}
