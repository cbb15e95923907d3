import { z } from 'zod'
import type { SluiceFiles } from '../../gates/gate.ts'
import { strictObject } from '../../gates/strict-object.ts'
import { name, nameGlob, owner, path, source } from './fields.ts'
import { applicationGate } from './gate.ts'
import { apiVersion } from './manifest-header.ts'

const promotes = () =>
  strictObject({
    images: z
      .union([z.enum(['all', 'none']), z.array(z.string().min(1).max(300)).min(1).max(200)])
      .default('all')
      .describe('Image names as the manifests write them, or all, or none.'),
    trees: z.array(path()).max(50).default([]).describe('Folders that each overlay owns a copy of.'),
    files: z.array(path()).max(200).default([]).describe('Files that are copied verbatim.'),
    fields: z
      .array(strictObject({ file: path(), path: fieldPath() }))
      .max(200)
      .default([]),
    renames: z.enum(['travel', 'stay']).default('stay').describe('Whether newName travels with the digest.'),
  })

const fieldPath = () =>
  z
    .string()
    .max(300)
    .regex(/^[^.\s]+(?:\.[^.\s]+)*$/, { error: 'keys joined by dots, such as spec.chart.spec.version' })

/** What travels, and whose it is. */
export const applicationManifest = (files: SluiceFiles) =>
  strictObject({
    apiVersion: apiVersion(),
    kind: z.literal('Application'),
    metadata: strictObject({ name: nameGlob().describe('A name or a glob; the most specific wins.') }),
    spec: strictObject({
      source: source().optional().describe('The repository that its images are built from.'),
      owners: z.array(owner()).max(50).default([]),
      promotes: promotes().prefault({}),
      gates: z
        .array(applicationGate(files, z.array(name()).min(1).max(100).optional()))
        .max(50)
        .default([])
        .describe('Added to those of every environment.'),
    }).prefault({}),
  })

export type ApplicationManifest = z.output<ReturnType<typeof applicationManifest>>
