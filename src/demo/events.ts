/** What runs where, for people to look at. */
export interface Addresses {
  readonly forge: string
  readonly repository: string
  readonly cluster: string
  readonly registry: string
  readonly server: string
  readonly log: string
}

/** Something that somebody may try now, as lines for a shell. */
export interface Invitation {
  readonly title: string
  readonly lines: readonly string[]
}

export interface StepOutcome {
  readonly step: number
  readonly title: string
  readonly ok: boolean
  readonly seconds: number
}

/** Everything that the demonstration tells. The narration and `--json` print the same list. */
export type Telling =
  | { readonly event: 'demo.begins'; readonly folder: string }
  | { readonly event: 'tools.progress'; readonly line: string }
  | { readonly event: 'tools.ready'; readonly tools: Readonly<Record<string, string>> }
  | { readonly event: 'demo.warns'; readonly text: string }
  | { readonly event: 'stage.progress'; readonly line: string }
  | {
      readonly event: 'stage.ready'
      readonly addresses: Addresses
      /** What kind of cluster this is. */
      readonly about: string
      readonly patience: Readonly<Record<string, string>>
    }
  | { readonly event: 'step.begins'; readonly step: number; readonly title: string; readonly about: string }
  | {
      readonly event: 'step.did'
      readonly step: number
      readonly who: string
      readonly what: string
      readonly link?: string
    }
  | {
      readonly event: 'step.saw'
      readonly step: number
      readonly what: string
      readonly link?: string
      /** The reason codes that say why, as the reports name them. */
      readonly reasons?: readonly string[]
      /** Quoted from what was seen: a difference, an answer. */
      readonly lines?: readonly string[]
    }
  | ({ readonly event: 'step.ends' } & StepOutcome)
  | {
      readonly event: 'step.failed'
      readonly step: number
      readonly awaited: string
      readonly why: string
      /** What was seen instead: the pull requests as they stand, the last report, the end of the server's log. */
      readonly pulls: readonly string[]
      readonly report: string | null
      readonly log: readonly string[]
      /** The rest of it. */
      readonly logFile: string
    }
  | { readonly event: 'demo.failed'; readonly why: string }
  | { readonly event: 'demo.stays'; readonly addresses: Addresses; readonly invitations: readonly Invitation[] }
  | {
      readonly event: 'demo.done'
      readonly ok: boolean
      readonly seconds: number
      readonly steps: readonly StepOutcome[]
      /** What is kept of the work folder, for who looks into a failure. */
      readonly kept: string | null
    }

/** With the seconds since the demonstration began. */
export type DemoEvent = Telling & { readonly at: number }

export type Tell = (telling: Telling) => void

/** What a step may say of itself. A link may be null: not everything has a page. */
export interface Narrator {
  did(who: string, what: string, link?: string | null): void
  saw(
    what: string,
    more?: { readonly link?: string | null; readonly reasons?: readonly string[]; readonly lines?: readonly string[] },
  ): void
}

export const narratorOf = (tell: Tell, step: number): Narrator => ({
  did: (who, what, link) => tell({ event: 'step.did', step, who, what, ...linked(link) }),
  saw: (what, { link, ...more } = {}) => tell({ event: 'step.saw', step, what, ...more, ...linked(link) }),
})

const linked = (link: string | null | undefined) => (link === null || link === undefined ? {} : { link })
