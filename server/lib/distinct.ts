/** The first of those that have the same key, in their order. */
export function distinct<T>(items: Iterable<T>, keyOf: (item: T) => unknown): T[] {
  const seen = new Set<unknown>()
  const first: T[] = []
  for (const item of items) {
    const key = keyOf(item)
    if (seen.has(key)) continue
    seen.add(key)
    first.push(item)
  }
  return first
}
