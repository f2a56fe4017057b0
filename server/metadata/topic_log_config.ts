/** A topic's settings in the form that its logs read. */
import type { TopicConfig } from '../config/resolve.ts'
import type { LogConfig } from '../log/log_config.ts'

export const logConfig = (c: TopicConfig): LogConfig => ({
  segmentBytes: c['internal.segment.bytes'] ?? c['segment.bytes'],
  segmentMs: c['cleanup.policy'].includes('compact')
    ? // What is written to is not compacted: it must not be written to for longer than that allows.
      Math.min(c['segment.ms'], c['max.compaction.lag.ms'])
    : c['segment.ms'],
  segmentJitterMs: c['segment.jitter.ms'],
  segmentIndexBytes: c['segment.index.bytes'],
  indexIntervalBytes: c['index.interval.bytes'],
  flushMessages: c['flush.messages'],
  flushMs: c['flush.ms'],
  retentionMs: c['retention.ms'],
  retentionBytes: c['retention.bytes'],
  fileDeleteDelayMs: c['file.delete.delay.ms'],
  minCleanableDirtyRatio: c['min.cleanable.dirty.ratio'],
  minCompactionLagMs: c['min.compaction.lag.ms'],
  maxCompactionLagMs: c['max.compaction.lag.ms'],
  deleteRetentionMs: c['delete.retention.ms'],
  minInsyncReplicas: c['min.insync.replicas'],
  maxMessageBytes: c['max.message.bytes'],
  messageTimestampType: c['message.timestamp.type'],
  messageTimestampBeforeMaxMs: c['message.timestamp.before.max.ms'],
  messageTimestampAfterMaxMs: c['message.timestamp.after.max.ms'],
  compressionType: c['compression.type'],
  compressionLevel: levelOf(c),
  cleanupPolicy: c['cleanup.policy'],
})

/** -1 is gzip's own way to say that it may choose. */
function levelOf(c: TopicConfig): number | undefined {
  if (c['compression.type'] === 'gzip')
    return c['compression.gzip.level'] === -1 ? undefined : c['compression.gzip.level']
  return c['compression.type'] === 'zstd' ? c['compression.zstd.level'] : undefined
}
