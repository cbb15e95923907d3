import semver from 'semver'

export type ToolName = 'kustomize' | 'cosign' | 'registry'

export interface ToolSource {
  /** What `go install` and the messages name. */
  readonly version: string
  readonly goPackage: string
  readonly debianPackage: string
  /** Names under which it may already stand on PATH or in a package. */
  readonly commands: readonly string[]
  readonly versionArguments: readonly string[]
  /** The version in what it prints, or null where this is another program of the same name. */
  readonly versionIn: (printed: string) => string | null
  readonly fits: (version: string) => boolean
}

export const toolTable: { readonly [name in ToolName]: ToolSource } = {
  kustomize: {
    version: '5.8.1',
    goPackage: 'sigs.k8s.io/kustomize/kustomize/v5',
    debianPackage: 'kustomize',
    commands: ['kustomize'],
    versionArguments: ['version'],
    versionIn: (printed) => /^v?(\d+\.\d+\.\d+)/m.exec(printed)?.[1] ?? null,
    fits: (version) => semver.satisfies(version, '>=5.4 <6'),
  },
  cosign: {
    version: '3.1.2',
    goPackage: 'github.com/sigstore/cosign/v3/cmd/cosign',
    debianPackage: 'cosign',
    commands: ['cosign'],
    versionArguments: ['version'],
    versionIn: (printed) => /^GitVersion:\s*v?(\d+\.\d+\.\d+)/m.exec(printed)?.[1] ?? null,
    fits: (version) => cosignFlaw(version) === undefined,
  },
  registry: {
    version: '3.1.2',
    goPackage: 'github.com/distribution/distribution/v3/cmd/registry',
    debianPackage: 'docker-registry',
    commands: ['registry', 'docker-registry'],
    versionArguments: ['--version'],
    versionIn: (printed) => /\/distribution(?:\/v\d+)?\s+v?(\d+\.\d+\.\d+)/.exec(printed)?.[1] ?? null,
    fits: (version) => semver.satisfies(version, '>=2.8.1 <4'),
  },
}

export const toolVersions: { readonly [name in ToolName]: string } = {
  kustomize: toolTable.kustomize.version,
  cosign: toolTable.cosign.version,
  registry: toolTable.registry.version,
}

/** What is wrong with this cosign, or undefined. A version that cannot be read counts as flawed. */
export function cosignFlaw(version: string): string | undefined {
  const plain = semver.coerce(version)
  if (plain === null) return `the version "${version}" of cosign cannot be read`
  if (semver.satisfies(plain, '>=2.6.3 <3 || >=3.0.6 <4')) return undefined
  if (plain.major > 3)
    return `cosign ${plain.version} is newer than what Sluice was tried with (2.x from 2.6.3, 3.x from 3.0.6)`
  return `cosign ${plain.version} may accept a bundle with an unrelated log entry (CVE-2026-22703); fixed in 2.6.3 and 3.0.6`
}
