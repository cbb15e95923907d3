import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { tool } from '../tools.ts'

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly subjects?: readonly { readonly namespace: string }[]
}

test('in a namespace of another name everything is there, the subjects of its roles too', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-installing-'))
  try {
    await cp('manifests', join(dir, 'base'), { recursive: true })
    await writeFile(
      join(dir, 'kustomization.yaml'),
      'namespace: delivery\nresources: [base]\ncomponents: [base/reconcile-requests]\n',
    )
    const { stdout } = await execa(await tool('kustomize'), ['build', dir])
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest)
    const isOutside = ({ kind }: Manifest) => kind.startsWith('ClusterRole')
    const named = objects.map(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : metadata.namespace))
    expect(named).toEqual(objects.map((object) => (isOutside(object) ? undefined : 'delivery')))
    const bindings = objects.filter(({ kind }) => kind === 'ClusterRoleBinding')
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual(['sluice-reader', 'sluice-reconcile-requests'])
    for (const { subjects } of bindings) expect(subjects).toMatchObject([{ namespace: 'delivery' }])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
