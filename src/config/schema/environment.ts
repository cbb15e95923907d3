import { z } from 'zod'
import { duration } from '../../gates/durations.ts'
import type { SluiceFiles } from '../../gates/gate.ts'
import { glob } from '../../gates/globs.ts'
import { group } from '../../gates/people.ts'
import { strictObject } from '../../gates/strict-object.ts'
import { delivery } from './delivery.ts'
import { name, path } from './fields.ts'
import { environmentGate } from './gate.ts'
import { apiVersion } from './manifest-header.ts'

const health = () =>
  strictObject({
    settle: duration().prefault('30s').describe('How long it must hold before it counts as healthy.'),
    confirm: duration().prefault('2m').describe('How long a failure must be seen before it counts.'),
    deadline: duration().prefault('15m').describe('Progressing for longer is a failure.'),
    watch: duration().prefault('30m').describe('A failure later than this is never reverted by itself.'),
  })

const rollback = () =>
  strictObject({
    when: z
      .enum(['unhealthy', 'propose', 'never'])
      .optional()
      .describe('What follows a failure that a promotion caused; propose where nothing is said.'),
    by: z.array(group()).max(50).default([]).describe('Who may roll back: logins, teams, owners.'),
    breaker: strictObject({
      reverts: z.int().min(1).max(100).default(2),
      within: duration().prefault('15m'),
    })
      .optional()
      .describe('How many reverts within how long stop what happens by itself; 2 within 15m where nothing is said.'),
  })

/** One environment: where its overlays are, what they must meet, how its health is seen. */
export const environmentManifest = (files: SluiceFiles) =>
  strictObject({
    apiVersion: apiVersion(),
    kind: z.literal('Environment'),
    metadata: strictObject({
      name: name().refine((text) => text !== 'all', {
        error: 'another name than all, which commands use for every one',
      }),
    }),
    spec: strictObject({
      overlay: path(['application'])
        .refine((text) => !text.includes('*'), {
          error: 'one folder: a * matches nothing; {application} stands for a name',
        })
        .describe('The folder of the overlay, with {application} where each has its own.'),
      applications: z
        .array(name())
        .min(1)
        .max(1000)
        .optional()
        .describe('Who lives in an overlay without {application}.'),
      render: strictObject({ as: z.enum(['flux', 'argo-cd', 'kustomize']) }).optional(),
      guards: z.array(glob()).max(100).default([]).describe('Paths that are gated as the environment is.'),
      promotesFrom: z.array(name()).max(20).default([]),
      merge: z
        .enum(['auto', 'manual'])
        .optional()
        .describe('Who merges promotions that pass; manual where nothing is said.'),
      entry: z
        .enum(['auto', 'manual'])
        .optional()
        .describe('Who merges what enters a first environment; manual where nothing is said.'),
      inFlight: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe('Promotions merged and not yet judged healthy, at most; 5 where nothing is said.'),
      gates: z.array(environmentGate(files)).max(50).default([]),
      delivery: z.array(delivery()).min(1).max(20),
      health: health().prefault({}),
      rollback: rollback().prefault({}),
    }),
  })

export type EnvironmentManifest = z.output<ReturnType<typeof environmentManifest>>
