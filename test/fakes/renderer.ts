import { parse } from 'yaml'
import { digestOf, digestOfValue } from '../../src/domain/hash.ts'
import type { Renderer } from '../../src/ports/render.ts'

/** Renders what the company's overlays hold: one Deployment with its image. The real one is proven by its own tests. */
export const fakeRenderer: Renderer = {
  render: async (git, tree, overlay) => {
    const entry = await git.entry(tree, `${overlay}/kustomization.yaml`)
    const problem = { reason: 'render.missing', file: overlay, detail: 'there is no kustomization' }
    if (entry === undefined) return { is: 'unsupported', problem }
    const text = new TextDecoder().decode(await git.blob(entry.oid))
    const { images, namespace, commonLabels } = parse(text)
    const [{ name: image, digest }] = images
    const name = image.slice(image.lastIndexOf('/') + 1)
    const reference = `${image}@${digest}`
    const body = { kind: 'Deployment', labels: commonLabels ?? {}, spec: { containers: [{ name, image: reference }] } }
    const runs = { images: [reference], unreadImages: [] }
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, ...runs, body }
    const digestOfObject = digestOf(JSON.stringify(object))
    return { is: 'rendered', objects: [{ ...object, digest: digestOfObject }], digest: digestOfValue([digestOfObject]) }
  },
}
