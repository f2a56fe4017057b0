/** A link to one record: the list begins at it, and it is open. */

export function recordQuery(partition: number, offset: number): string {
  return new URLSearchParams({
    from: 'offset',
    offset: String(offset),
    p: String(partition),
    open: recordKey({ partition, offset }),
  }).toString()
}

/** How the address names an open record. */
export function recordKey({ partition, offset }: { partition: number; offset: number }): string {
  return `${partition}:${offset}`
}

export function parseRecordKey(text: string): { partition: number; offset: number } | null {
  const m = /^(\d{1,10}):(\d{1,16})$/.exec(text)
  if (!m) return null
  const [partition, offset] = [Number(m[1]), Number(m[2])]
  return Number.isSafeInteger(offset) ? { partition, offset } : null
}
