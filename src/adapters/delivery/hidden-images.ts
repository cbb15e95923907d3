/** Every folder that a container may lie in, of a Deployment, a Job or a CronJob. */
export const foldersOfContainers = [
  ...['', 'spec', 'spec/template', 'spec/template/spec', 'spec/jobTemplate', 'spec/jobTemplate/spec'],
  ...['spec/jobTemplate/spec/template', 'spec/jobTemplate/spec/template/spec'],
]

/** Whether an image is at this JSON pointer, or below: who looks past that does not see an image change. */
export function pointerHidesImages(pointer: string): boolean {
  const steps = pointer.replace(/^\//, '').split('/')
  const at = steps.findIndex((step) => /^(init|ephemeral)?containers$/i.test(step))
  if (at === -1) return foldersOfContainers.includes(steps.join('/'))
  const field = steps[at + 2]
  return field === undefined || field === 'image'
}
