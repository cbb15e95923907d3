import type { Change } from '../domain/change.ts'
import { type Instant, toInstant } from '../domain/ids.ts'
import type { RenderedObject } from '../domain/rendered.ts'
import { formatDuration } from './durations.ts'
import type { Evidence, Found, SignatureFinding } from './evidence.ts'
import type { Gate, GateBase, GateContext, Judged } from './gate.ts'
import { globMatcher } from './globs.ts'
import { objectsThatHideImages } from './hidden-images.ts'
import { imageReference } from './image-reference.ts'
import { type Basis, basisOf, listed, pending, say, unavailable } from './say.ts'
import { type SignatureSettings, signatureSettings } from './signature-settings.ts'

type Spec = GateBase<'signature'> & SignatureSettings

/** Passes when every digest that the overlay renders is signed by the key, or allowed by digest. */
export const signature: Gate<SignatureSettings, Spec> = {
  settings: signatureSettings,
  // A revert never waits for a registry (I13).
  mayBindRollback: false,

  needs: (spec, change) =>
    imagesToAskFor(spec, change).map((image) => ({ kind: 'signature', key: { image, publicKey: spec.key.pem } })),

  judge: (spec, change, evidence, context) =>
    judgeShape(spec, change, context) ?? judgeSignatures(spec, change, evidence, context),

  reasons: {
    'signature.signed': 'Signed by {key}: {images}.',
    'signature.nothing-runs': 'The overlay renders nothing any more, so there is nothing that must be signed.',
    'signature.no-digest': 'Only a digest can be signed, and these are named by tag: {images}.',
    'signature.not-covered': 'No pattern of the gate covers these images, and `others` does not allow them: {images}.',
    'signature.other-signer': 'Signed, but not by {key}: {images}.',
    'signature.other-digest': 'What is attached was signed for other content, not for {images}.',
    'signature.other-repository':
      'Signed by {key}, but for another repository, from which the signature was copied: {images}.',
    'signature.not-yet': 'No signature yet of {images}; it may take until {until}.',
    'signature.unsigned': 'Not signed within {within}: {images}.',
  },
}

/** What can be said before anybody is asked: undefined where every image is covered and named by digest. */
function judgeShape(spec: Spec, change: Change, { now }: GateContext): Judged | undefined {
  const basis = basisOf([], now)
  if (change.difference.is === 'unsupported') {
    const { file, line, detail, reason } = change.difference.problem
    const place = line === undefined ? file : `${file}:${line}`
    return say('fail', 'render.unsupported', basis, { values: { place, detail, cause: reason } })
  }
  if (change.release.is === 'absent' && change.difference.after.length === 0)
    return say('pass', 'signature.nothing-runs', basis)
  const blind = blindness(spec, change.difference.after)
  if (blind !== undefined) return say('fail', 'gate.blind', basis, { values: { detail: blind } })
  return judgeCoverage(spec, imagesOf(change), now)
}

function judgeCoverage(spec: Spec, images: readonly string[], now: GateContext['now']): Judged | undefined {
  const basis = basisOf([], now)
  const tagged = images.filter((image) => imageReference(image).digest === null)
  if (tagged.length > 0) return say('fail', 'signature.no-digest', basis, { values: { images: listed(tagged) } })
  const isCovered = coverageOf(spec)
  const allowed = new Set(spec.others.allow.map(canonical))
  const left = images.filter((image) => !isCovered(image) && !allowed.has(canonical(image)))
  return left.length === 0
    ? undefined
    : say('fail', 'signature.not-covered', basis, { values: { images: listed(left) } })
}

function blindness(spec: Spec, objects: readonly RenderedObject[]): string | undefined {
  const hiding = objectsThatHideImages(objects)
  if (hiding.length > 0) return `${listed(hiding)} brings images that the rendering does not show`
  const images = objects.flatMap((object) => object.images)
  if (images.length === 0) return 'the overlay renders no image'
  return images.some(coverageOf(spec)) ? undefined : `no pattern of the gate matches its images (${listed(images)})`
}

function judgeSignatures(spec: Spec, change: Change, evidence: Evidence, { now }: GateContext): Judged {
  const asked = imagesToAskFor(spec, change).map((image) => askFor(image, spec, evidence))
  const basis = basisOf(
    asked.map(({ found }) => found),
    now,
  )
  const withStanding = asked.map(({ image, found }) => ({ image, found, is: standingOf(found, spec, now) }))
  const worst = gravest.find((standing) => withStanding.some(({ is }) => is === standing)) ?? 'signed'
  const these = withStanding.filter(({ is }) => is === worst)
  return wordsFor(worst, these, { spec, basis, now })
}

interface Asked {
  readonly image: string
  readonly found: Found<SignatureFinding>
}

type Refused = 'other-signer' | 'other-digest' | 'other-repository'
type Standing = Refused | 'unsigned' | 'unavailable' | 'pending' | 'not-yet' | 'signed'

// The first that any image is in decides, so that a failure is never hidden behind a wait.
const refused: readonly Refused[] = ['other-signer', 'other-digest', 'other-repository']
const gravest: readonly Standing[] = [...refused, 'unsigned', 'unavailable', 'pending', 'not-yet', 'signed']

const askFor = (image: string, spec: Spec, evidence: Evidence): Asked => ({
  image,
  found: evidence.find('signature', { image, publicKey: spec.key.pem }),
})

function standingOf(found: Found<SignatureFinding>, spec: Spec, now: number): Standing {
  if (found.is !== 'known') return found.is
  if (found.value.is !== 'no-signature') return found.value.is
  return found.value.firstAskedAt + spec.evidenceWithin <= now ? 'unsigned' : 'not-yet'
}

function wordsFor(
  standing: Standing,
  asked: readonly Asked[],
  { spec, basis, now }: { readonly spec: Spec; readonly basis: Basis; readonly now: GateContext['now'] },
): Judged {
  const values = { images: listed(asked.map(({ image }) => image)), key: spec.key.path }
  if (standing === 'signed') return say('pass', 'signature.signed', basis, { values })
  if (isRefused(standing)) return say('fail', `signature.${standing}`, basis, { values })
  if (standing === 'unsigned')
    return say('fail', 'signature.unsigned', basis, {
      values: { ...values, within: formatDuration(spec.evidenceWithin) },
    })
  if (standing === 'not-yet') {
    const until = deadlineOf(asked, spec)
    const told = { ...values, until: new Date(until).toISOString() }
    return say('wait', 'signature.not-yet', basis, { values: told, nextLook: until })
  }
  const missing = asked.find(({ found }) => found.is === 'unavailable')?.found
  return missing?.is === 'unavailable' ? unavailable('signature', missing, basis, now) : pending('signature', basis)
}

const isRefused = (standing: Standing): standing is Refused => refused.some((each) => each === standing)

const deadlineOf = (asked: readonly Asked[], spec: Spec): Instant =>
  toInstant(
    Math.min(...asked.map(({ found }) => (found.is === 'known' ? found.value.firstAskedAt : 0) + spec.evidenceWithin)),
  )

/** The images that the gate's patterns match, each once, by canonical name and digest (T33, T40). */
function imagesToAskFor(spec: Spec, change: Change): readonly string[] {
  if (change.difference.is === 'unsupported') return []
  const pinned = imagesOf(change).filter((image) => imageReference(image).digest !== null)
  return [...new Set(pinned.filter(coverageOf(spec)).map(canonical))].sort()
}

const imagesOf = (change: Change): readonly string[] =>
  change.difference.is === 'unsupported' ? [] : [...new Set(change.difference.after.flatMap(({ images }) => images))]

function coverageOf(spec: Spec): (image: string) => boolean {
  const matches = globMatcher(spec.images)
  return (image) => matches(imageReference(image).name)
}

function canonical(image: string): string {
  const { name, digest } = imageReference(image)
  return digest === null ? name : `${name}@${digest}`
}
