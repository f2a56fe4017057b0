/** Which segments retention.ms and retention.bytes no longer cover. */
import type { LogConfig } from './log_config.ts'

export interface RetainedSegment {
  readonly size: number
  /** Ms since the epoch. */
  readonly largestTimestamp: number
}

/**
 * How many of the oldest segments may go. `deletable` are those from the beginning that hold records and none at or
 * above the high watermark; `totalBytes` is the size of the whole log.
 */
export function expiredSegments(
  deletable: readonly RetainedSegment[],
  totalBytes: number,
  { retentionMs, retentionBytes, cleanupPolicy }: Pick<LogConfig, 'retentionMs' | 'retentionBytes' | 'cleanupPolicy'>,
  nowMs: number,
): number {
  if (!cleanupPolicy.includes('delete')) return 0
  let n = 0
  let left = totalBytes
  const isOld = (s: RetainedSegment) => retentionMs >= 0 && nowMs - s.largestTimestamp > retentionMs
  const isTooMuch = (s: RetainedSegment) => retentionBytes >= 0 && left - s.size >= retentionBytes
  while (n < deletable.length && (isOld(deletable[n]!) || isTooMuch(deletable[n]!))) left -= deletable[n++]!.size
  return n
}
