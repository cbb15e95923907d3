import type { KubeObject } from './kube-object.ts'

/** The label and field selectors of a list or watch; of fields only metadata.name, metadata.namespace and involvedObject.name. */
export function selector(query: URLSearchParams): (object: KubeObject) => boolean {
  const labels = terms(query.get('labelSelector'))
  const fields = terms(query.get('fieldSelector'))
  return (object) =>
    labels.every((term) => holds(term, object.metadata.labels?.[term.key])) &&
    fields.every((term) => holds(term, fieldOf(object, term.key)))
}

interface Term {
  readonly key: string
  readonly not: boolean
  /** Undefined: the key has to be there. */
  readonly value?: string
}

const terms = (text: string | null): readonly Term[] =>
  (text ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, key = part, sign, value] = /^([^=!]+)(!=|==?)(.*)$/.exec(part) ?? []
      return { key, not: sign === '!=', ...(value === undefined ? {} : { value }) }
    })

function holds(term: Term, found: string | undefined): boolean {
  if (term.value === undefined) return found !== undefined
  return (found === term.value) !== term.not
}

function fieldOf(object: KubeObject, path: string): string | undefined {
  const found = path
    .split('.')
    .reduce<unknown>((at, word) => (at as Record<string, unknown> | undefined)?.[word], object)
  return typeof found === 'string' ? found : undefined
}
