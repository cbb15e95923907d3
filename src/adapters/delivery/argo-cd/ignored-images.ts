/** An entry of `spec.ignoreDifferences`: https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/ */
export interface IgnoredDifference {
  readonly jsonPointers: readonly string[]
  readonly jqPathExpressions: readonly string[]
}

/**
 * Whether a change of an image may go unseen: Argo CD then calls an Application Synced with a commit whose image it never
 * applied. What can be read both ways hides.
 */
export const hidesImages = ({ jsonPointers, jqPathExpressions }: IgnoredDifference): boolean =>
  jsonPointers.some(pointerHides) || jqPathExpressions.some(expressionHides)

const containers = /^(init|ephemeral)?containers$/i
/** Every folder that a container may lie in, of a Deployment, a Job or a CronJob. */
const above = ['', 'spec', 'spec/template', 'spec/template/spec', 'spec/jobTemplate', 'spec/jobTemplate/spec'].concat([
  'spec/jobTemplate/spec/template',
  'spec/jobTemplate/spec/template/spec',
])

function pointerHides(pointer: string): boolean {
  const steps = pointer.replace(/^\//, '').split('/')
  const at = steps.findIndex((step) => containers.test(step))
  if (at === -1) return above.includes(steps.join('/'))
  const field = steps[at + 2]
  return field === undefined || field === 'image'
}

function expressionHides(expression: string): boolean {
  const path = expression.replaceAll(/["?\s]|\[[^\]]*\]/g, '')
  if (/\bimage\b/.test(path) || path.includes('..')) return true
  const [before = '', ...behind] = path.split(/containers/i)
  if (behind.length === 0) return above.includes(before.replace(/^\./, '').replaceAll('.', '/'))
  return !/^(\|?select\(.*\)\|?)?\.\w/.test(behind.at(-1) ?? '')
}
