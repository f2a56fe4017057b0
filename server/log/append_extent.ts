/** How much one append is: what decides whether it still fits into a segment. */
import type { RecordBatch } from '../records/batch.ts'

export function extentOf(
  all: readonly RecordBatch[],
  baseOffset: number,
): { bytes: number; maxTimestamp: number; lastOffset: number } {
  let bytes = 0
  let maxTimestamp = -1
  let lastOffset = baseOffset - 1
  for (const batch of all) {
    bytes += batch.sizeInBytes
    maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp)
    lastOffset += batch.lastOffsetDelta + 1
  }
  return { bytes, maxTimestamp, lastOffset }
}
