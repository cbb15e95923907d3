/** What is worked out from a value that never changes: once, and kept for as long as the value itself is. */
export function keptFor<Of extends object, T>(work: (of: Of) => T): (of: Of) => T {
  const kept = new WeakMap<Of, { readonly result: T }>()
  return (of) => {
    const known = kept.get(of) ?? { result: work(of) }
    kept.set(of, known)
    return known.result
  }
}
