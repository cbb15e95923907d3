import { generateKeyPairSync } from 'node:crypto'
import { type ParsedManifests, parseManifests } from '../../src/config/parse-manifests.ts'

export const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
})

export const header = (kind: string, name: string): string =>
  `apiVersion: sluice.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${JSON.stringify(name)} }\nspec:\n`

/** An environment that is right, with lines of its spec added or replaced by their key. */
export function environment(name: string, lines: Readonly<Record<string, string>> = {}): string {
  const spec = { overlay: `apps/{application}/overlays/${name}`, delivery: '[{ type: none }]', ...lines }
  const written = Object.entries(spec).filter(([, value]) => value !== '')
  return header('Environment', name) + written.map(([key, value]) => `  ${key}: ${value}\n`).join('')
}

export const application = (name: string, lines: Readonly<Record<string, string>> = { owners: '[]' }): string =>
  header('Application', name) +
  Object.entries(lines)
    .map(([key, value]) => `  ${key}: ${value}\n`)
    .join('')

/** Parses documents of one file, beside a public key. */
export const parse = (...documents: readonly string[]): ParsedManifests =>
  parseManifests(
    new Map([
      ['.sluice/all.yaml', documents.join('---\n')],
      ['.sluice/keys/build.pub', publicKey.toString()],
    ]),
  )

/** The config of documents that must be right. */
export function configOf(...documents: readonly string[]) {
  const { config, diagnostics } = parse(...documents)
  if (config === null) throw new Error(diagnostics.map(({ message }) => message).join('; '))
  return config
}

/** Diagnostics as `code: message`, for comparing. */
export const complaints = (...documents: readonly string[]): readonly string[] =>
  parse(...documents).diagnostics.map(({ code, message }) => `${code}: ${message}`)
