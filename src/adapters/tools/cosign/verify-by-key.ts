import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { OperatorError, TransientError } from '../../../domain/failures.ts'
import type { RunTool, ToolRun } from '../../../run-tool.ts'
import type { PinnedImage } from './pinned-image.ts'

export interface VerifyByKey {
  readonly cosign: string
  readonly image: PinnedImage
  readonly publicKeyPem: string
  readonly plainHttp: boolean
  readonly dockerConfig?: string
  readonly runTool: RunTool
}

/** An entry that cosign verified; which predicate it is, and for which repository, is for us to check. */
export interface VerifiedEntry {
  readonly type: string
  readonly repository: string
}

const cosignSeconds = 30
const entries = z.array(
  z.object({ critical: z.object({ type: z.string(), identity: z.object({ 'docker-reference': z.string() }) }) }),
)

/**
 * One call of `cosign verify` for one image: what it verified by this key, nothing where it refused. Throws TransientError
 * where it ran out of time and OperatorError `signature.tool` for anything that is not an answer.
 */
export async function verifyByKey(call: VerifyByKey, format: 'any' | 'legacy'): Promise<readonly VerifiedEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cosign-'))
  try {
    await chmod(folder, 0o700)
    const key = join(folder, 'key.pub')
    await writeFile(key, call.publicKeyPem, { mode: 0o600 })
    return read(await run(call, folder, key, format), call.image)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const run = (
  { cosign, image, plainHttp, dockerConfig, runTool }: VerifyByKey,
  folder: string,
  key: string,
  format: string,
) =>
  runTool({
    command: cosign,
    args: [
      'verify',
      ...['--key', key],
      // By key alone: without this cosign fetches a trust root, which we neither need nor believe.
      '--insecure-ignore-tlog=true',
      ...['--output', 'json'],
      ...['--timeout', `${cosignSeconds}s`],
      ...(plainHttp ? ['--allow-http-registry'] : []),
      ...(format === 'legacy' ? ['--new-bundle-format=false'] : []),
      '--',
      image.text,
    ],
    cwd: folder,
    // Closed: a stray SIGSTORE_ROOT_FILE or TUF_MIRROR would replace what signatures are judged by (T41).
    env: {
      HOME: folder,
      TMPDIR: folder,
      TUF_ROOT: join(folder, 'tuf'),
      COSIGN_MAX_ATTACHMENT_SIZE: '8MiB',
      ...(dockerConfig === undefined ? {} : { DOCKER_CONFIG: dockerConfig }),
    },
    timeoutMs: (cosignSeconds + 5) * 1000,
    maxOutputBytes: 4 * 1024 * 1024,
  })

function read(ran: ToolRun, image: PinnedImage): readonly VerifiedEntry[] {
  if (ran.timedOut || ran.durationMs >= cosignSeconds * 1000) {
    throw new TransientError(
      'signature.registry-unreachable',
      `${image.registry} took over ${cosignSeconds} s to be verified`,
    )
  }
  if (ran.ended !== 'exited') throw notAnAnswer(`ended as ${ran.ended}`)
  if (ran.exitCode !== 0) return []
  const said = entries.safeParse(jsonOrUndefined(ran.stdout))
  // Exit code 0 with nothing to read is not a pass (T30).
  if (!said.success) throw notAnAnswer(`printed ${JSON.stringify(ran.stdout.slice(0, 200))}`)
  return said.data.map(({ critical }) => ({ type: critical.type, repository: critical.identity['docker-reference'] }))
}

const notAnAnswer = (what: string) => new OperatorError('signature.tool', `cosign verify ${what}`)

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
