import { z } from 'zod'
import { UserError } from '../../../domain/failures.ts'
import type { PinnedImage } from './pinned-image.ts'
import type { RegistryReads } from './registry-reads.ts'

/** What an attached document says of itself. Nobody has verified it: good for telling why cosign said no, never for yes. */
export interface Claim {
  readonly isSignature: boolean
  readonly digests: readonly string[]
}

export interface Attachments {
  /** False where the registry does not know the image. */
  readonly imageIsThere: boolean
  readonly bundles: readonly Descriptor[]
  /** Layers under the `.sig` tag of cosign 2. */
  readonly legacy: readonly Descriptor[]
}

/** The predicate of a signature, beside which an SBOM or a scan result under the same key is none (T35). */
export const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1'

/** Every one is fetched by cosign, and anybody who may push can add thousands (T39). */
const most = 64

const descriptor = z.object({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().optional(),
  artifactType: z.string().optional(),
})
type Descriptor = z.infer<typeof descriptor>

const manifest = z.object({
  manifests: z.array(descriptor).default([]),
  layers: z.array(descriptor).default([]),
})

/** Lists what is attached to an image in either format. Throws UserError `signature.too-many` above 64. */
export async function attachmentsOf(image: PinnedImage, reads: RegistryReads): Promise<Attachments> {
  const tag = image.digest.replace(':', '-')
  const imageIsThere = await reads.exists(`manifests/${image.digest}`)
  if (!imageIsThere) return { imageIsThere, bundles: [], legacy: [] }
  // A registry without the referrers API answers 404, and keeps the same list under a tag.
  const listed = (await reads.json(`referrers/${image.digest}`)) ?? (await reads.json(`manifests/${tag}`))
  const bundles = manifest.safeParse(listed ?? {}).data?.manifests ?? []
  const legacy = manifest.safeParse((await reads.json(`manifests/${tag}.sig`)) ?? {}).data?.layers ?? []
  if (bundles.length + legacy.length > most) {
    throw new UserError(
      'signature.too-many',
      `${image.text} carries ${bundles.length + legacy.length} attachments; up to ${most} are looked at`,
    )
  }
  return { imageIsThere, bundles, legacy }
}

/** Reads what the attachments claim. What cannot be read claims nothing. */
export async function claimsOf(attachments: Attachments, reads: RegistryReads): Promise<readonly Claim[]> {
  const claims: Claim[] = []
  for (const layer of attachments.legacy) claims.push(legacyClaim(await smallBlob(layer, reads)))
  for (const referrer of attachments.bundles) {
    const layers = manifest.safeParse(await reads.json(`manifests/${referrer.digest}`)).data?.layers ?? []
    for (const layer of layers.slice(0, 1)) claims.push(bundleClaim(await smallBlob(layer, reads)))
  }
  return claims
}

const smallBlob = (layer: Descriptor, reads: RegistryReads): Promise<unknown> =>
  (layer.size ?? 0) > 1024 * 1024 ? Promise.resolve(null) : reads.json(`blobs/${layer.digest}`)

const legacyPayload = z.object({ critical: z.object({ image: z.object({ 'docker-manifest-digest': z.string() }) }) })

function legacyClaim(payload: unknown): Claim {
  const digest = legacyPayload.safeParse(payload).data?.critical.image['docker-manifest-digest']
  return { isSignature: true, digests: digest === undefined ? [] : [digest] }
}

const bundle = z.object({ dsseEnvelope: z.object({ payload: z.base64() }) })
const statement = z.object({
  predicateType: z.string(),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })),
})

function bundleClaim(document: unknown): Claim {
  const envelope = bundle.safeParse(document).data?.dsseEnvelope
  const said = statement.safeParse(
    envelope === undefined ? null : jsonOrNull(Buffer.from(envelope.payload, 'base64')),
  ).data
  return {
    isSignature: said?.predicateType === signaturePredicate,
    digests: said?.subject.map(({ digest }) => `sha256:${digest.sha256}`) ?? [],
  }
}

function jsonOrNull(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}
