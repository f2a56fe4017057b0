/** Which segments become one: small ones are put together again, as far as offsets, sizes and indexes allow. */
import { MAX_RELATIVE_OFFSET, type Segment } from '../segment.ts'

export interface GroupLimits {
  readonly segmentBytes: number
  readonly segmentIndexBytes: number
}

export interface SegmentGroup {
  readonly segments: readonly Segment[]
  /** Exclusive: where the next group, or what is not compacted, begins. */
  readonly endOffset: number
}

/** `segments` follow each other; `endOffset` is where what comes after them begins. */
export function groupSegments(segments: readonly Segment[], endOffset: number, limits: GroupLimits): SegmentGroup[] {
  const groups: { segments: Segment[]; endOffset: number }[] = []
  let sizes: [number, number, number] = [0, 0, 0]
  for (const [i, s] of segments.entries()) {
    const next = segments[i + 1]?.baseOffset ?? endOffset
    const own = [s.size, bytesOf(s.offsetIndex.file), bytesOf(s.timeIndex.file)] as const
    const together = own.map((n, k) => n + sizes[k]!) as [number, number, number]
    const group = groups.at(-1)
    const fits =
      group !== undefined &&
      together[0] <= limits.segmentBytes &&
      together[1] <= limits.segmentIndexBytes &&
      together[2] <= limits.segmentIndexBytes &&
      next - 1 - group.segments[0]!.baseOffset <= MAX_RELATIVE_OFFSET
    if (fits) {
      group.segments.push(s)
      group.endOffset = next
      sizes = together
    } else {
      groups.push({ segments: [s], endOffset: next })
      sizes = [...own]
    }
  }
  return groups
}

const bytesOf = (index: { count: number; entrySize: number }): number => index.count * index.entrySize
