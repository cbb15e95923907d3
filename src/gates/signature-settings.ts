import { z } from 'zod'
import { duration } from './durations.ts'
import type { SettingsShape, SluiceFiles } from './gate.ts'
import { glob } from './globs.ts'
import { unknownPlaceholders } from './placeholders.ts'
import { publicKeyProblem } from './public-key.ts'
import { strictObject } from './strict-object.ts'

export interface SignatureSettings {
  /** Globs of image names, registry included; `{application}` and `{source}` are filled in. */
  readonly images: readonly string[]
  /** The file of `.sluice/` and the PEM text in it. */
  readonly key: { readonly path: string; readonly pem: string }
  /** Images, by digest, that need no signature of ours. */
  readonly others: { readonly allow: readonly string[] }
  /** How long, in milliseconds, a signature may take to appear after it was first asked for. */
  readonly evidenceWithin: number
}

export const signatureSettings = (files: SluiceFiles): SettingsShape<SignatureSettings> => ({
  images: z.array(imageGlob()).min(1).max(50),
  key: keyFile(files),
  others: strictObject({ allow: z.array(imageByDigest()).max(200).default([]) }).prefault({}),
  evidenceWithin: duration().prefault('15m'),
})

const imageGlob = (): z.ZodType<string, string> =>
  glob().check(
    z.regex(/^[a-z0-9.:-]*[.:][a-z0-9.:-]*\/|^localhost\//, {
      error:
        'an image name that begins with its registry, such as ghcr.io/acme/{application}* or docker.io/library/nginx',
    }),
    z.refine((text) => unknownPlaceholders(text, ['application', 'source']).length === 0, {
      error: 'an image name with no other placeholder than {application} and {source}',
    }),
  )

const imageByDigest = (): z.ZodType<string, string> =>
  z
    .string()
    .max(400)
    .regex(/^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/, {
      error: 'an image by digest: name@sha256:… with 64 lower-case hex digits',
    })

function keyFile(files: SluiceFiles): z.ZodType<SignatureSettings['key'], string> {
  // Many gates name one key, and reading a key is the dearest thing in a manifest.
  const problems = new Map<string, string | undefined>()
  const problemOf = (path: string, pem: string) => {
    if (!problems.has(path)) problems.set(path, publicKeyProblem(pem))
    return problems.get(path)
  }
  return z
    .string()
    .regex(/^\.sluice\/[A-Za-z0-9._/-]+$/, { error: 'the path of a PEM file under .sluice/' })
    .transform((path, context) => {
      const pem = files.get(path)
      const problem = pem === undefined ? `there is no file ${path} on this branch` : problemOf(path, pem)
      if (pem !== undefined && problem === undefined) return { path, pem }
      context.addIssue({ code: 'custom', message: `a PEM public key (${problem})`, input: path })
      return z.NEVER
    })
}
