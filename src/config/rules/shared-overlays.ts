import { applicationSettings } from '../application-settings.ts'
import type { CheckedConfig, Promotes } from '../checked-config.ts'
import { applicationRules } from '../checked-of-manifests.ts'
import type { Rule } from './rule.ts'

/**
 * Applications of one overlay are told apart by what they promote: what two of them name would be promoted twice, by pull
 * requests with the same bytes, and people would be asked twice.
 */
export const sharedOverlaysAreDivided: Rule = ({ environments, applications }) => {
  const promotesOf = promotesIn(applicationRules(applications))
  return environments.flatMap(({ document, checked: { spec } }) => {
    const overlap = overlapOf(new Map((spec.applications ?? []).map((name) => [name, promotesOf(name)])))
    if (overlap === undefined) return []
    const message = `\`${overlap.one}\` and \`${overlap.other}\` share this overlay, and both would promote ${overlap.what}: tell them apart by \`promotes\` of their Application manifests, such as \`images: [name]\``
    return [{ document, code: 'config.contradiction', path: ['spec', 'applications'], on: 'value', message }]
  })
}

function promotesIn(applications: CheckedConfig['applications']): (name: string) => Promotes {
  const known = new Map<string, Promotes>()
  return (name) => {
    const promotes = known.get(name) ?? applicationSettings({ applications }, name).promotes
    known.set(name, promotes)
    return promotes
  }
}

interface Overlap {
  readonly one: string
  readonly other: string
  readonly what: string
}

const overlapOf = (all: ReadonlyMap<string, Promotes>): Overlap | undefined => imageOverlap(all) ?? contentOverlap(all)

function imageOverlap(all: ReadonlyMap<string, Promotes>): Overlap | undefined {
  const withImages = [...all].filter(([, { images }]) => images !== 'none')
  const [one] = withImages.find(([, { images }]) => images === 'all') ?? []
  const [other] = withImages.find(([name]) => name !== one) ?? []
  if (one !== undefined && other !== undefined) return { one, other, what: 'its images' }
  const owners = new Map<string, string>()
  for (const [other, { images }] of withImages) {
    for (const image of typeof images === 'string' ? [] : images) {
      const one = owners.get(image) ?? other
      if (one !== other) return { one, other, what: `the image \`${image}\`` }
      owners.set(image, one)
    }
  }
  return undefined
}

/** A field lies in its file, and a file in a folder that travels whole. */
function contentOverlap(all: ReadonlyMap<string, Promotes>): Overlap | undefined {
  const owners = new Map<string, string>()
  for (const [name, promotes] of all)
    for (const { place } of contentsOf(promotes)) owners.set(place, owners.get(place) ?? name)
  for (const [other, promotes] of all) {
    for (const { place, what } of contentsOf(promotes)) {
      const above = place.split('/').map((_, depth, names) => names.slice(0, depth + 1).join('/'))
      const one = above.map((folder) => owners.get(folder)).find((owner) => owner !== undefined && owner !== other)
      if (one !== undefined) return { one, other, what: `\`${what}\`` }
    }
  }
  return undefined
}

const contentsOf = ({ trees, files, fields }: Promotes) => [
  ...[...trees, ...files].map((place) => ({ place, what: place })),
  ...fields.map(({ file, path }) => ({ place: `${file}/${path.replaceAll('.', '/')}`, what: `${file}#${path}` })),
]
