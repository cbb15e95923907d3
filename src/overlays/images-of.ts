const containerLists = ['containers', 'initContainers', 'ephemeralContainers']

/**
 * Every image that a pod spec anywhere in the object names, sorted: templates of workloads, of jobs in cron jobs, and of
 * kinds that nobody here knows but that hold `containers` as Kubernetes writes them.
 */
export function imagesOf(body: unknown): readonly string[] {
  const images = new Set<string>()
  const open: unknown[] = [body]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (typeof at !== 'object' || at === null) continue
    for (const [key, value] of Object.entries(at)) {
      if (containerLists.includes(key)) for (const image of imagesIn(value)) images.add(image)
      open.push(value)
    }
  }
  return [...images].toSorted()
}

function imagesIn(containers: unknown): readonly string[] {
  if (!Array.isArray(containers)) return []
  return containers.flatMap((container: unknown) => {
    const image =
      typeof container === 'object' && container !== null && 'image' in container ? container.image : undefined
    return typeof image === 'string' && image !== '' ? [image] : []
  })
}
