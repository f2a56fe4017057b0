/** What of a log may be compacted now, and whether it is worth it. Settings are the topic's, under Kafka's names. */
import type { Log } from '../log.ts'

export interface Cleanable {
  readonly log: Log
  /** What was never compacted begins here. */
  readonly firstDirtyOffset: number
  /** Exclusive end, the beginning of a segment. */
  readonly firstUncleanableOffset: number
  /** Share of what may be compacted that was not, 0 to 1. */
  readonly dirtyRatio: number
  /** Something is longer uncompacted than max.compaction.lag.ms allows. */
  readonly overdue: boolean
}

export const isCompacted = (log: Log): boolean => log.config.cleanupPolicy.includes('compact')

/** Undefined if there is nothing to do. */
export function cleanableOf(log: Log, nowMs: number): Cleanable | undefined {
  const { config } = log
  const segments = log.segments.all
  const logStart = log.logStartOffset
  // A checkpoint from before the log was cut says nothing.
  const cleaned = log.cleanedTo
  const firstDirtyOffset = cleaned < logStart || cleaned > log.logEndOffset ? logStart : cleaned
  const dirty = segments.slice(log.segments.indexOf(firstDirtyOffset), -1)
  if (dirty.length === 0) return undefined
  const stable = Math.min(log.lastStableOffset(log.highWatermark ?? log.logEndOffset), log.recoveryPoint)
  // Besides Kafka's limits, nothing that a crash may take back: it must not have cost what it stood for.
  const limit = Math.min(
    stable,
    log.segments.active.baseOffset,
    config.minCompactionLagMs > 0
      ? (dirty.find((s) => s.largestTimestamp > nowMs - config.minCompactionLagMs)?.baseOffset ?? Infinity)
      : Infinity,
  )
  // Whole segments only.
  const end = segments[log.segments.indexOf(limit)]!.baseOffset
  if (end <= firstDirtyOffset) return undefined
  let cleanBytes = 0
  let dirtyBytes = 0
  for (const [i, s] of segments.entries()) {
    if (s.baseOffset >= end) break
    if (log.segments.endOf(i, end) > firstDirtyOffset) dirtyBytes += s.size
    else cleanBytes += s.size
  }
  const total = cleanBytes + dirtyBytes
  const dirtyRatio = total > 0 ? dirtyBytes / total : 0
  const overdue =
    dirtyBytes > 0 &&
    config.maxCompactionLagMs < nowMs &&
    dirty.some(
      ({ baseOffset, firstBatchTimestamp: first }) =>
        baseOffset < end && first > 0 && first < nowMs - config.maxCompactionLagMs,
    )
  if (!overdue && !(dirtyRatio > config.minCleanableDirtyRatio)) return undefined
  return { log, firstDirtyOffset, firstUncleanableOffset: end, dirtyRatio, overdue }
}
