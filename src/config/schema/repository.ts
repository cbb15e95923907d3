import { z } from 'zod'
import type { Verb } from '../../domain/command.ts'
import { strictObject } from '../../gates/strict-object.ts'
import { name } from './fields.ts'
import { apiVersion } from './manifest-header.ts'

// A record, so that a verb that is added to the domain cannot be forgotten here.
const verbs: Readonly<Record<Verb, true>> = {
  promote: true,
  merge: true,
  rollback: true,
  lock: true,
  unlock: true,
  freeze: true,
  thaw: true,
  hold: true,
  unhold: true,
  unquarantine: true,
  resume: true,
  accept: true,
  gate: true,
  diff: true,
  status: true,
  explain: true,
  help: true,
}

const verb = () => z.enum(Object.keys(verbs))

/** What holds for the whole repository. */
export const repositoryManifest = () =>
  strictObject({
    apiVersion: apiVersion(),
    kind: z.literal('Repository'),
    metadata: strictObject({ name: name() }).optional(),
    spec: strictObject({
      shortCommands: z.array(verb()).default([]).describe('Verbs that are also read as /<verb>.'),
      bots: z
        .array(strictObject({ appId: z.int().positive(), may: z.array(verb()).min(1) }))
        .max(50)
        .default([])
        .describe('Apps that may give commands.'),
    }).prefault({}),
  })

export type RepositoryManifest = z.output<ReturnType<typeof repositoryManifest>>
