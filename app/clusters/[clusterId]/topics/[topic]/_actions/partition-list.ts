/** `0, 2-5` as numbers, in order and each once. Null if the text is no such list or names a partition that does not exist. */
export function parsePartitions(text: string, count: number): number[] | null {
  const found = new Set<number>()
  for (const part of text.split(',').map((p) => p.trim())) {
    const m = /^(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?$/.exec(part)
    if (!m) return null
    const from = Number(m[1])
    const to = m[2] === undefined ? from : Number(m[2])
    if (to < from || to >= count) return null
    for (let p = from; p <= to; p++) found.add(p)
  }
  return [...found].sort((a, b) => a - b)
}

/** The shortest text that `parsePartitions` reads as these numbers. */
export function formatPartitions(partitions: readonly number[]): string {
  const sorted = [...partitions].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    let j = i
    while (sorted[j + 1] === sorted[j]! + 1) j++
    parts.push(i === j ? `${sorted[i]}` : `${sorted[i]}-${sorted[j]}`)
    i = j + 1
  }
  return parts.join(', ')
}
