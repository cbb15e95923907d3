import { isAlias, parseAllDocuments, visit } from 'yaml'
import { digestOf, digestOfValue } from '../domain/hash.ts'
import { objectName, type RenderedObject, type Rendering } from '../domain/rendered.ts'
import { imageFieldsOf } from './image-fields.ts'
import { imagesOf } from './images-of.ts'
import { refusal } from './problem.ts'
import { countOf, repeatedKey } from './yaml-source.ts'

const maxBytes = 16 * 1024 * 1024
/** kustomize prints a value a line; parsing takes time and memory by the value, and nothing else is done meanwhile (T22). */
const maxLines = 150_000
const maxObjects = 10_000

/**
 * The objects in what kustomize printed. Lists are taken apart, so that nothing hides in one; an object that is there
 * twice, or has no name, is refused, since nobody can say which of them a gate would judge (T24).
 */
export function renderedObjects(overlay: string, printed: string): Rendering {
  if (printed.length > maxBytes) return refusal(overlay, tooLarge(`it renders more than ${maxBytes} bytes`))
  if (countOf(printed, ['\n']) > maxLines) return refusal(overlay, tooLarge(`it renders more than ${maxLines} lines`))
  const bodies = bodiesIn(printed)
  if (bodies === 'aliases') return refusal(overlay, tooLarge('its aliases expand to too much'))
  if (bodies === 'unreadable') return refusal(overlay, broken('what kustomize prints is no YAML'))
  const objects: RenderedObject[] = []
  const names = new Set<string>()
  for (const body of bodies.flatMap(itemsOf)) {
    const object = renderedObject(body)
    if (object === undefined) return refusal(overlay, broken('it renders something without apiVersion, kind or name'))
    const name = objectName(object)
    if (names.has(name)) return refusal(overlay, broken(`it renders ${name} twice`))
    if (names.add(name).size > maxObjects)
      return refusal(overlay, tooLarge(`it renders more than ${maxObjects} objects`))
    objects.push(object)
  }
  const sorted = objects.toSorted((a, b) => (objectName(a) < objectName(b) ? -1 : 1))
  return { is: 'rendered', objects: sorted, digest: digestOf(sorted.map((object) => object.digest).join('\n')) }
}

const tooLarge = (detail: string) => ({ reason: 'render.too-large', detail })
const broken = (detail: string) => ({ reason: 'render.broken-output', detail })

type Body = Readonly<Record<string, unknown>>

/** kustomize prints YAML 1.2's core types with 1.1's words in quotes; it prints no aliases, so none are expanded. */
function bodiesIn(printed: string): readonly unknown[] | 'aliases' | 'unreadable' {
  const documents = parseAllDocuments(printed, { prettyErrors: false, logLevel: 'silent', uniqueKeys: false })
  if (!Array.isArray(documents)) return []
  const bodies: unknown[] = []
  for (const document of documents) {
    let hasAlias = false
    visit(document, (_, node) => {
      hasAlias ||= isAlias(node)
    })
    if (hasAlias) return 'aliases'
    if (document.errors.length > 0 || repeatedKey(document) !== undefined) return 'unreadable'
    const body: unknown = document.toJS()
    if (body !== null) bodies.push(body)
  }
  return bodies
}

function itemsOf(body: unknown): readonly unknown[] {
  const isList =
    isBody(body) && typeof body['kind'] === 'string' && body['kind'].endsWith('List') && Array.isArray(body['items'])
  return isList ? (body['items'] as readonly unknown[]).flatMap(itemsOf) : [body]
}

function renderedObject(body: unknown): RenderedObject | undefined {
  if (!isBody(body)) return undefined
  const { apiVersion, kind, metadata } = body
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isBody(metadata)) return undefined
  const { name, namespace } = metadata
  if (typeof name !== 'string' || name === '') return undefined
  const ofPods = imagesOf(body)
  const ofFields = imageFieldsOf(body, ofPods)
  return {
    apiVersion,
    kind,
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
    name,
    digest: digestOfValue(body),
    images: [...new Set([...ofPods, ...ofFields.images])].toSorted(),
    unreadImages: ofFields.unread.toSorted(),
    body,
  }
}

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)
