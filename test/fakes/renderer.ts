import { parse } from 'yaml'
import { digestOf, digestOfValue } from '../../src/domain/hash.ts'
import type { Renderer } from '../../src/ports/render.ts'

/** Renders what the company's overlays hold: one Deployment with its images. The real one is proven by its own tests. */
export const fakeRenderer: Renderer = {
  render: async (git, tree, overlay) => {
    const entry = await git.entry(tree, `${overlay}/kustomization.yaml`)
    const problem = { reason: 'render.missing', file: overlay, detail: 'there is no kustomization' }
    if (entry === undefined) return { is: 'unsupported', problem }
    const text = new TextDecoder().decode(await git.blob(entry.oid))
    const { images, namespace, commonLabels } = parse(text)
    const named: readonly { name: string; digest: string }[] = images
    const containers = named.map((one) => ({ name: wordOf(one.name), image: `${one.name}@${one.digest}` }))
    const body = { kind: 'Deployment', labels: commonLabels ?? {}, spec: { containers } }
    const references = containers.map(({ image }) => image)
    const name = containers[0]?.name ?? 'none'
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace,
      name,
      images: references,
      unreadImages: [],
      body,
    }
    const digestOfObject = digestOf(JSON.stringify(object))
    return { is: 'rendered', objects: [{ ...object, digest: digestOfObject }], digest: digestOfValue([digestOfObject]) }
  },
}

const wordOf = (image: string): string => image.slice(image.lastIndexOf('/') + 1)
