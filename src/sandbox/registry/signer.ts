import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

export interface Signer {
  readonly publicKeyPem: string
  /** What this cosign writes unless asked for `legacy`. */
  readonly prefers: 'legacy' | 'bundle'
  /** `legacy` writes the `.sig` tag of cosign 2; by default it is what this cosign prefers. */
  sign(imageWithDigest: string, format?: 'legacy'): Promise<void>
  /** Attaches a signed SBOM, which is no signature of the image (T35). */
  attestSbom(imageWithDigest: string): Promise<void>
}

/**
 * A team's signing key in a folder: made on the first call, found again on the next. Signs without a transparency log and
 * without a password, on registries that speak plain HTTP.
 */
export async function signer(options: { readonly cosign: string; readonly dir: string }): Promise<Signer> {
  const { cosign, dir } = options
  const run = (args: readonly string[]) =>
    execa(cosign, args, {
      cwd: dir,
      extendEnv: false,
      env: { HOME: dir, TMPDIR: dir, COSIGN_PASSWORD: '' },
      timeout: 60_000,
      stdin: 'ignore',
    })
  await mkdir(dir, { recursive: true })
  const publicKeyPem = await keyPair(dir, run)
  const predicate = join(dir, 'sbom.json')
  await writeFile(predicate, JSON.stringify(emptySbom))
  // Cosign 3 fetches a list of services and writes bundles unless told not to; older ones do not know the flags, and
  // Debian's says no version by which to tell.
  const isNew = (await run(['sign', '--help'])).stdout.includes('--use-signing-config=')
  const offline = ['--tlog-upload=false', '--allow-http-registry', ...(isNew ? ['--use-signing-config=false'] : [])]
  const always = ['--yes', '--key', join(dir, 'cosign.key'), ...offline]
  const asLegacy = isNew ? ['--new-bundle-format=false'] : []
  return {
    publicKeyPem,
    prefers: isNew ? 'bundle' : 'legacy',
    async sign(image, format) {
      await run(['sign', ...always, ...(format === 'legacy' ? asLegacy : []), image])
    },
    async attestSbom(image) {
      await run(['attest', ...always, '--type', 'spdxjson', '--predicate', predicate, image])
    },
  }
}

async function keyPair(dir: string, run: (args: readonly string[]) => Promise<unknown>): Promise<string> {
  const publicKey = join(dir, 'cosign.pub')
  const known = await readFile(publicKey, 'utf8').catch(() => null)
  if (known !== null) return known
  await run(['generate-key-pair', '--output-key-prefix', join(dir, 'cosign')])
  return readFile(publicKey, 'utf8')
}

const emptySbom = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'sandbox',
  dataLicense: 'CC0-1.0',
  documentNamespace: 'https://sluice.example/sandbox',
  creationInfo: { created: '2024-01-01T00:00:00Z', creators: ['Tool: sluice-sandbox'] },
  packages: [],
}
