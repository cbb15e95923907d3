/** How an image misbehaves once its pods run. `flap` is ready now and then, `degrade-after` was healthy for a while. */
export type Badness = 'crash' | 'never-ready' | 'flap' | 'degrade-after'

/** How the API is away: connections cut, every answer a 500, cut in the middle of an answer, or never answered. */
export type Darkness = boolean | 'errors-500' | 'reset' | 'hang'

/** Of one digest; in one namespace only, where one is named. */
export interface BadImage {
  readonly how: Badness
  readonly afterMs: number
  readonly namespace: string | undefined
}

/** What somebody told the cluster to suffer from. One mutable record, read by the server and the controllers. */
export interface Faults {
  dark: Darkness
  /** Watches are open, and nothing comes any more, not even their end. */
  watchesMuted: boolean
  /** Collections, as `v1/pods`, that only administrators may read, or that fail: the code that others are answered. */
  readonly refused: Map<string, 403 | 500>
  registryAway: boolean
  controllersStopped: boolean
  readonly badImages: Map<string, BadImage>
}

export const noFaults = (): Faults => ({
  dark: false,
  watchesMuted: false,
  refused: new Map(),
  registryAway: false,
  controllersStopped: false,
  badImages: new Map(),
})

/** The fault of a pod's image there, found by the digest that it ends with. */
export function badnessOf(faults: Faults, image: string, namespace: string | undefined): BadImage | undefined {
  const found = faults.badImages.get(image.slice(image.indexOf('@') + 1))
  return found?.namespace === undefined || found.namespace === namespace ? found : undefined
}
