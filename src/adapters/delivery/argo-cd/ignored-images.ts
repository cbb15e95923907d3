import { foldersOfContainers, pointerHidesImages } from '../hidden-images.ts'

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
  jsonPointers.some(pointerHidesImages) || jqPathExpressions.some(expressionHides)

function expressionHides(expression: string): boolean {
  const path = expression.replaceAll(/["?\s]|\[[^\]]*\]/g, '')
  if (/\bimage\b/.test(path) || path.includes('..')) return true
  const [before = '', ...behind] = path.split(/containers/i)
  if (behind.length === 0) return foldersOfContainers.includes(before.replace(/^\./, '').replaceAll('.', '/'))
  return !/^(\|?select\(.*\)\|?)?\.\w/.test(behind.at(-1) ?? '')
}
