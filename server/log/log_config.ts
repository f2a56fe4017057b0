/**
 * The settings that a partition's log reads, under Kafka's names in camel case. The object may be live: every setting is
 * read when it is needed. Limits that are switched off are `Infinity` or -1, as each says.
 */
import type { RecordRules } from '../records/validate.ts'

export interface LogConfig extends RecordRules {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  /** Messages after which a sync is due whoever asks; anything beyond 2^53 is never. */
  readonly flushMessages: number
  readonly flushMs: number
  /** -1: no limit. */
  readonly retentionMs: number
  /** -1: no limit. */
  readonly retentionBytes: number
  readonly fileDeleteDelayMs: number
  /** Of compaction: 0 to 1. */
  readonly minCleanableDirtyRatio: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  /** Of tombstones. */
  readonly deleteRetentionMs: number
  /** So many replicas must be in sync for acks=all. The log itself does not ask. */
  readonly minInsyncReplicas: number
}

const NEVER = 2 ** 63

/** Kafka's defaults: for tests, and for logs whose topic is not known yet. */
export const defaultLogConfig: LogConfig = {
  segmentBytes: 1024 ** 3,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 ** 2,
  indexIntervalBytes: 4096,
  flushMessages: NEVER,
  flushMs: NEVER,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: NEVER,
  deleteRetentionMs: 86_400_000,
  minInsyncReplicas: 1,
  maxMessageBytes: 1_048_588,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: NEVER,
  messageTimestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
  cleanupPolicy: ['delete'],
}
