/** Which segments are not to be kept: what is before the log's start, and what retention.ms and retention.bytes no longer cover. */
import type { LogConfig } from './log_config.ts'

export interface RetainedSegment {
  readonly baseOffset: number
  readonly size: number
  /** Ms since the epoch. */
  readonly largestTimestamp: number
}

/**
 * How many of the oldest segments may go: whole ones, none with records at or above the high watermark, and an active one only
 * if it holds any. Limits by age and size count where cleanup.policy says delete.
 */
export function expiredSegments(
  segments: readonly RetainedSegment[],
  log: { logStartOffset: number; logEndOffset: number; highWatermark: number },
  config: Pick<LogConfig, 'retentionMs' | 'retentionBytes' | 'cleanupPolicy'>,
  nowMs: number,
): number {
  const { retentionMs, retentionBytes } = config
  const mayExpire = config.cleanupPolicy.includes('delete')
  let left = segments.reduce((sum, s) => sum + s.size, 0)
  let n = 0
  for (const s of segments) {
    const next = segments[n + 1]
    const end = next?.baseOffset ?? log.logEndOffset
    if (end > log.highWatermark || (!next && s.size === 0)) break
    const isBeforeStart = next !== undefined && next.baseOffset <= log.logStartOffset
    const isOld = mayExpire && retentionMs >= 0 && nowMs - s.largestTimestamp > retentionMs
    const isTooMuch = mayExpire && retentionBytes >= 0 && left - s.size >= retentionBytes
    if (!isBeforeStart && !isOld && !isTooMuch) break
    left -= s.size
    n++
  }
  return n
}
