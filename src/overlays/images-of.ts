const containerLists = ['containers', 'initContainers', 'ephemeralContainers']
/** Tekton's and Argo Workflows' words for what else runs in a pod. */
const otherLists = ['steps', 'sidecars']
const single = ['container', 'script', 'stepTemplate']

/**
 * Every image that a pod spec anywhere in the object names, sorted: templates of workloads, of jobs in cron jobs, and of
 * kinds that nobody here knows but that hold `containers` as Kubernetes writes them; and what a pod mounts from an image, since
 * what is in it may run as well.
 */
export function imagesOf(body: unknown): readonly string[] {
  const images = new Set<string>()
  const open: unknown[] = [body]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (typeof at !== 'object' || at === null) continue
    for (const [key, value] of Object.entries(at)) {
      for (const image of imagesBelow(key, value)) images.add(image)
      open.push(value)
    }
  }
  return [...images].toSorted()
}

function imagesBelow(key: string, value: unknown): readonly string[] {
  if (containerLists.includes(key) || otherLists.includes(key)) return imagesIn(value)
  if (single.includes(key)) return imagesIn([value])
  if (key !== 'volumes' || !Array.isArray(value)) return []
  return value.flatMap((volume: unknown) => textAt(valueAt(volume, 'image'), 'reference'))
}

const imagesIn = (containers: unknown): readonly string[] =>
  Array.isArray(containers) ? containers.flatMap((container: unknown) => textAt(container, 'image')) : []

const valueAt = (object: unknown, key: string): unknown =>
  typeof object === 'object' && object !== null ? Reflect.get(object, key) : undefined

function textAt(object: unknown, key: string): readonly string[] {
  const text = valueAt(object, key)
  return typeof text === 'string' && text !== '' ? [text] : []
}
