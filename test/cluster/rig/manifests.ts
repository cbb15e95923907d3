import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from './kube.ts'

/** Every object of the YAML files of a folder, but kustomizations. */
export const objectsIn = (folder: string): readonly KubeObject[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .flatMap((file) => objectsOf(readFileSync(join(folder, file), 'utf8')))

export const objectsOf = (text: string): readonly KubeObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const object: KubeObject | null = document.toJS()
    return object === null ? [] : [object]
  })

export const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
