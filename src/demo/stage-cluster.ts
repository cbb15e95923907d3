import type { EnvironmentName, Patience } from './config-repository.ts'
import type { Invitation } from './events.ts'

/**
 * The cluster of the stage as the story needs it. The sandbox plays one; with `--cluster` real controllers stand behind it.
 * The steps know no difference.
 */
export interface StageCluster {
  /** As the manifests and the server's settings name it. */
  readonly name: string
  /** Of its API, for people and for what the server is told. */
  readonly url: string
  /** What it is and what that means for the story, a sentence or two. */
  readonly about: string
  /** Shows what runs, in a browser; null where the cluster has no such page. */
  readonly page: string | null
  /** How Sluice reaches it, as an entry of the file that `SLUICE_CLUSTERS` names. It may only read, or ask as well. */
  readonly access: { readonly server: string; readonly token: string; readonly reconcileRequests?: boolean }
  readonly patience: Patience
  /** How to look into it, where there is no page for that. */
  readonly invitations: readonly Invitation[]
  /** Lets a controller apply each overlay, as somebody would by hand. */
  deliver(deliveries: readonly OverlayDelivery[]): Promise<void>
  /** The containers that an application runs in a namespace now. */
  running(
    application: string,
    namespace: string,
  ): Promise<readonly { readonly digest: string; readonly ready: boolean }[]>
  /** From now on the pods of this digest crash in that namespace, those that run well too. */
  crash(digest: string, namespace: string): Promise<void>
  /** Sluice cannot see it, or can again; the controllers go on. */
  goDark(isDark: boolean): void
  stop(): Promise<void>
}

/** Who is to apply which overlay of which repository. */
export interface OverlayDelivery {
  readonly application: string
  readonly environment: EnvironmentName
  readonly by: 'flux' | 'argo-cd'
  readonly repoUrl: string
  /** The overlay's folder. */
  readonly path: string
}

/** Resolves when it can be used. Where it cannot be had it rejects, and leaves nothing running. */
export type OpenCluster<Cluster extends StageCluster = StageCluster> = (place: {
  /** A folder of its own. */
  readonly dir: string
  /** The absolute path of the program. */
  readonly kustomize: string
  readonly onProgress: (line: string) => void
  /** Aborted when nobody wants it any more; what is under way ends at once. */
  readonly interrupted: AbortSignal
}) => Promise<Cluster>
