import { createPublicKey } from 'node:crypto'
import { OperatorError, UserError } from '../../../domain/failures.ts'
import type { Digest } from '../../../domain/ids.ts'
import type { SignatureAnswer, Signatures } from '../../../ports/signatures.ts'
import { type RunTool, runTool as runToolHere } from '../../../run-tool.ts'
import { attachmentsOf, type Claim, claimsOf, signaturePredicate } from './attachments.ts'
import { unchangedCosign } from './cosign-binary.ts'
import { type PinnedImage, pinnedImage, repositoryOf } from './pinned-image.ts'
import { type RegistryAccess, registryReads } from './registry-reads.ts'
import { type VerifiedEntry, type VerifyByKey, verifyByKey } from './verify-by-key.ts'

export interface CosignSignatures extends Partial<RegistryAccess> {
  /** The absolute path of cosign 2 or 3. */
  readonly cosign: string
  /** What that file must hold; by default what it holds at the first call (T42). */
  readonly digest?: Digest
  readonly runTool?: RunTool
  /** Called after each run: with the error of a missing or broken tool, with null of one that works. */
  readonly onRun?: (broken: OperatorError | null) => void
}

/**
 * Only cosign says `signed`. Why it did not is told by the registry itself, since its exit codes differ between formats
 * and may change, and its messages are words for people.
 */
export function cosignSignatures(options: CosignSignatures): Signatures {
  const { cosign, digest, httpRegistries = [], dockerConfig, onRun = () => {} } = options
  const runTool = translated(options.runTool ?? runToolHere)
  const access = { httpRegistries, ...(dockerConfig === undefined ? {} : { dockerConfig }) }
  const demandUnchanged = unchangedCosign(cosign, digest)
  return {
    async byKey(text, publicKeyPem) {
      const image = pinnedImage(text)
      demandPublicKey(publicKeyPem)
      const plainHttp = httpRegistries.includes(image.registry)
      try {
        await demandUnchanged()
        const said = await answer({ cosign, image, publicKeyPem, plainHttp, runTool, ...access }, access)
        // Where nothing is attached it was not run.
        if (said !== 'no-signature') onRun(null)
        return said
      } catch (error) {
        if (error instanceof OperatorError && error.reason === 'signature.tool') onRun(error)
        throw error
      }
    },
  }
}

async function answer(call: VerifyByKey, access: RegistryAccess): Promise<SignatureAnswer> {
  const reads = registryReads(call.image.registry, call.image.repository, access)
  const attached = await attachmentsOf(call.image, reads)
  if (attached.bundles.length + attached.legacy.length === 0) return 'no-signature'
  const verified = signaturesIn(await verifyByKey(call, 'any'))
  if (verified.length > 0) return repositoryAnswer(call.image, verified)
  // Where any bundle is attached cosign does not look at `.sig`: an SBOM would hide a good signature of the older format.
  if (attached.bundles.length > 0 && attached.legacy.length > 0) {
    const older = signaturesIn(await verifyByKey(call, 'legacy'))
    if (older.length > 0) return repositoryAnswer(call.image, older)
  }
  return refusal(call.image, await claimsOf(attached, reads))
}

const legacyType = 'cosign container image signature'

// `cosign verify` also succeeds on an SBOM or a scan result by the same key: those are no signature of the image (T35).
const signaturesIn = (entries: readonly VerifiedEntry[]): readonly VerifiedEntry[] =>
  entries.filter(({ type }) => type === signaturePredicate || type === legacyType)

/** The older format signs the repository too, and cosign does not compare it. In a bundle nothing names one. */
function repositoryAnswer(image: PinnedImage, signatures: readonly VerifiedEntry[]): SignatureAnswer {
  const isOurs = ({ type, repository }: VerifiedEntry) =>
    type === signaturePredicate || sameRepository(image, repository)
  return signatures.some(isOurs) ? 'signed' : 'other-repository'
}

function sameRepository(image: PinnedImage, name: string): boolean {
  const signed = repositoryOf(name)
  return signed?.registry === image.registry && signed.repository === image.repository
}

function refusal(image: PinnedImage, claims: readonly Claim[]): SignatureAnswer {
  const signatures = claims.filter(({ isSignature }) => isSignature)
  if (signatures.length === 0) return 'no-signature'
  const isOfOther = ({ digests }: Claim) => digests.length > 0 && !digests.includes(image.digest)
  return signatures.every(isOfOther) ? 'other-digest' : 'other-signer'
}

// Cosign would take a bad key for a signature by somebody else.
function demandPublicKey(pem: string): void {
  try {
    if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw new TypeError('no PEM block "PUBLIC KEY"')
    createPublicKey(pem)
  } catch (cause) {
    throw new UserError('signature.key', 'the key of the gate is not a public key in PEM form', { cause })
  }
}

const translated =
  (run: RunTool): RunTool =>
  (call) =>
    run(call).catch((cause) => {
      throw cause instanceof OperatorError ? new OperatorError('signature.tool', cause.message, { cause }) : cause
    })
