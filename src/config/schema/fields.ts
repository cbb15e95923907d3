import { z } from 'zod'
import { group } from '../../gates/people.ts'
import { unknownPlaceholders } from '../../gates/placeholders.ts'

/** Names of environments, applications and clusters: no slash, so that `application/environment` reads one way only. */
export const namePattern = /^[a-z0-9][-a-z0-9]*$/

export const name = (): z.ZodType<string, string> =>
  z.string().max(63).regex(namePattern, { error: 'lower-case letters, digits and hyphens, a letter or digit first' })

/** A name, or a glob of `*`. */
export const nameGlob = (): z.ZodType<string, string> =>
  z
    .string()
    .max(63)
    .regex(/^(?:[a-z0-9*][-a-z0-9*]*)$/, { error: 'a name, or a glob of lower-case letters, digits, hyphens and *' })
    .refine((text) => !text.includes('**'), { error: 'a glob with single *, such as api-* or *' })

const unsafePath = /^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|[\p{Cc}\p{Cf}\\]/u

/** A path inside the repository or the overlay: relative, normalised, without `..`. */
export const path = (placeholders: readonly string[] = []): z.ZodType<string, string> =>
  z
    .string()
    .min(1)
    .max(300)
    .refine((text) => !unsafePath.test(text), { error: 'a relative path without ./, .. and slashes at its ends' })
    .refine((text) => unknownPlaceholders(text, placeholders).length === 0, {
      error:
        placeholders.length === 0
          ? 'a path without placeholders'
          : `no other placeholder than ${inBraces(placeholders)}`,
    })

/** `namespace/name` of an object in a cluster; `{application}` may stand in either. */
export const objectName = (): z.ZodType<string, string> =>
  z
    .string()
    .max(400)
    .regex(/^(?:[a-z0-9.-]|\{application\})+\/(?:[a-z0-9.-]|\{application\})+$/, {
      error: 'namespace/name, such as flux-system/{application}-production',
    })

/** A login or a team; `{application}` is filled in. */
export const owner = (): z.ZodType<string, string> =>
  z
    .string()
    .max(140)
    .refine((text) => text !== 'owners' && group().safeParse(text.replaceAll('{application}', 'a')).success, {
      error: 'a login (ann) or a team (acme/team-{application}), without @',
    })

/** `owner/name` of a source repository; `{application}` is filled in. */
export const source = (): z.ZodType<string, string> =>
  z
    .string()
    .max(200)
    .refine((text) => /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(text.replaceAll('{application}', 'a')), {
      error: 'owner/name of a repository, such as acme/{application}',
    })

const inBraces = (names: readonly string[]): string => names.map((one) => `{${one}}`).join(' and ')
