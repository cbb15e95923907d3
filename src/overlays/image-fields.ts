/** What the fields of a custom resource say about images that run because of it. */
export interface ImageFields {
  readonly images: readonly string[]
  /** Fields that name an image as no reference does, so that nobody can say which one runs. */
  readonly unread: readonly string[]
}

/**
 * Operators run what their resources name in fields of their own (`spec.image` of an OpenTelemetryCollector, `spec.imageName`
 * of a PostgreSQL cluster), and no schema of them is known here: a field counts by its name, wherever it stands. What
 * Kubernetes itself defines runs images in pod specs only, and a CustomResourceDefinition is a schema, not a wish. `known` are the images of its pod specs, which are judged whatever they look like.
 */
export function imageFieldsOf(body: Readonly<Record<string, unknown>>, known: readonly string[]): ImageFields {
  const images: string[] = []
  const unread: string[] = []
  const group = groupOf(body)
  if (kubernetes.has(group) || runningNothing.has(group)) return { images, unread }
  const open: Field[] = fieldsIn(body, '')
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (freeText.has(at.key)) continue
    const { references, isUnread } = readField(at, known)
    // One by one: a map or a list may hold more than a call takes arguments.
    for (const image of references) images.push(image)
    if (isUnread) unread.push(at.path)
    for (const inside of fieldsIn(at.value, `${at.path}.`)) open.push(inside)
  }
  return { images, unread }
}

function groupOf({ apiVersion }: Readonly<Record<string, unknown>>): string {
  const [group = '', version] = typeof apiVersion === 'string' ? apiVersion.split('/') : []
  return version === undefined ? '' : group
}

/** The API groups of Kubernetes 1.34, by name: others may end in `.k8s.io` too. */
const kubernetes: ReadonlySet<string> = new Set([
  ...['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions', 'admissionregistration.k8s.io'],
  ...['apiextensions.k8s.io', 'apiregistration.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io'],
  ...['certificates.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'networking.k8s.io'],
  ...['flowcontrol.apiserver.k8s.io', 'internal.apiserver.k8s.io', 'node.k8s.io', 'rbac.authorization.k8s.io'],
  ...['resource.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io', 'storagemigration.k8s.io'],
])

/** Flux' image automation reads tags of the images that it names; it runs none. */
const runningNothing: ReadonlySet<string> = new Set(['image.toolkit.fluxcd.io'])

/** Maps whose keys are anybody's, and schemas. */
const freeText: ReadonlySet<string> = new Set([
  ...['metadata', 'labels', 'annotations', 'matchLabels', 'encryptedData', 'openAPIV3Schema'],
])

interface Field {
  readonly key: string
  readonly path: string
  readonly value: unknown
}

/** Items of a list are fields under the list's name. */
function fieldsIn(value: unknown, prefix: string): Field[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([key, inside]) => ({
    key: Array.isArray(value) ? '' : key,
    path: `${prefix}${key}`,
    value: inside,
  }))
}

interface Read {
  readonly references: readonly string[]
  readonly isUnread: boolean
}

const nothing: Read = { references: [], isUnread: false }
const unreadable: Read = { references: [], isUnread: true }

const imageKey = /images?(?:name|ref|reference|ur[il])?$/i
/** An image in pieces: which one they make together is the operator's to say. */
const pieceKey = /image[_-]?(?:registry|repository|tag|version|digest)$/i
const pullKey = /^(?:image)?pull(?:policy|secrets?)$/i

function readField({ key, value }: Field, known: readonly string[]): Read {
  if (pieceKey.test(key)) return value === null || value === '' ? nothing : unreadable
  return imageKey.test(key) ? readImage(value, known) : nothing
}

function readImage(value: unknown, known: readonly string[]): Read {
  if (typeof value === 'string') return known.includes(value) ? nothing : readText(value)
  if (typeof value !== 'object' || value === null) return nothing
  if (Array.isArray(value)) return together(value.map((one) => readImage(one, known)))
  const { reference } = value as { readonly reference?: unknown }
  if (typeof reference === 'string') return readImage(reference, known)
  // Fields that are named after images themselves are read on their own.
  const keys = Object.keys(value)
  const isAlone = keys.some((key) => imageKey.test(key)) || keys.every((key) => pullKey.test(key))
  return isAlone ? nothing : unreadable
}

const together = (all: readonly Read[]): Read => ({
  references: all.flatMap(({ references }) => references),
  isUnread: all.some(({ isUnread }) => isUnread),
})

/** A bare word may be an image of Docker Hub, the name of a machine's disk or of a picture: nobody here can tell. */
function readText(text: string): Read {
  if (text === '' || /^https?:\/\//.test(text)) return nothing
  return text.length <= longest && /[/:@]/.test(text) && reference.test(text)
    ? { references: [text], isUnread: false }
    : unreadable
}

const longest = 1_000
const reference =
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z\d][a-z\d._-]*(?:\/[a-z\d][a-z\d._-]*)*(?::\w[\w.-]*)?(?:@[\w+.-]+:[a-f\d]+)?$/
