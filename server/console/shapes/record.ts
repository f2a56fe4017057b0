/**
 * Records without loss: bytes stay bytes, headers are an ordered list in which a key may come twice and a value may be null,
 * null and empty are told apart. Rows carry previews; the whole record is asked for by partition and offset.
 */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

const partition = z.number().int().min(0)
const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const onTopic = onCluster.extend({ topic: z.string().min(1).max(249) })

/** A key, a value or a header's value. `null` in its place means null, `sizeBytes` 0 means empty. */
export interface Payload {
  readonly sizeBytes: number
  /** json: text that parses as an object, array, or other JSON; binary: not valid UTF-8. */
  readonly kind: 'empty' | 'json' | 'text' | 'binary'
  /** What there is to see: text as it is, binary as base64. JSON keeps its source text, so int64 stays exact. */
  readonly text: string
  readonly encoding: 'utf8' | 'base64'
  /** True if `text` is only the beginning. */
  readonly truncated: boolean
}

export interface RecordRow {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime' | 'NoTimestampType'
  readonly key: Payload | null
  readonly value: Payload | null
  readonly headers: readonly { readonly key: string; readonly value: Payload | null }[]
  /** Headers there are; more than `headers` holds if the row was cut. */
  readonly headerCount: number
  /** Key, value and headers, uncompressed. */
  readonly sizeBytes: number
  readonly batch: {
    readonly baseOffset: number
    readonly codec: string
    readonly leaderEpoch: number
    /** Null: the producer was not idempotent. */
    readonly producerId: number | null
    readonly producerEpoch: number | null
    readonly sequence: number | null
    readonly transactional: boolean
  }
}

/** One record whole: texts are never truncated, and the bytes are there too. */
export interface WholeRecord extends RecordRow {
  /** base64 of key and value; null where they are null. */
  readonly bytes: { readonly key: string | null; readonly value: string | null }
}

export const browseFrom = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('newest') }),
  z.object({ kind: z.literal('oldest') }),
  z.object({ kind: z.literal('offset'), offset }),
  z.object({ kind: z.literal('timestamp'), timestampMs: z.number().int().min(0) }),
  /** From now on, without end. */
  z.object({ kind: z.literal('live') }),
])

export const browseInput = onTopic.extend({
  /** Null: all. */
  partitions: z.array(partition).min(1).nullable().default(null),
  from: browseFrom,
  /** Only records at or before this time. */
  untilMs: z.number().int().min(0).nullable().default(null),
  /** Text that key, value, a header's key or a header's value contains. */
  filter: z
    .object({
      text: z.string().max(1000),
      in: z
        .array(z.enum(['key', 'value', 'headers']))
        .min(1)
        .default(['key', 'value', 'headers']),
      caseSensitive: z.boolean().default(false),
    })
    .nullable()
    .default(null),
  limit: z.number().int().min(1).max(500).default(50),
  /** From a `done` event: goes on where that page ended. `from` is then ignored. */
  cursor: z.string().max(200_000).nullable().default(null),
  readCommitted: z.boolean().default(false),
  /** What may be read before the search stops and says so. */
  maxBytes: z.number().int().min(1).max(1_073_741_824).default(67_108_864),
  maxMs: z.number().int().min(1).max(600_000).default(30_000),
  /** Set by the client itself when a live stream was interrupted. */
  lastEventId: z.string().nullish(),
})
export type BrowseInput = z.infer<typeof browseInput>
export type BrowseFrom = z.infer<typeof browseFrom>

/**
 * Comes in this order: phase `resolving` (forget all rows: a broken connection begins again here), phase `reading` or `live`,
 * then batches and progress as they come, `done` last. A live stream ends only when it is closed.
 */
export type BrowseEvent =
  | { readonly type: 'phase'; readonly phase: 'resolving' | 'reading' | 'live'; readonly resumed: boolean }
  | {
      readonly type: 'batch'
      /** In the order in which they belong into the table: newest first when reading backwards. */
      readonly records: readonly RecordRow[]
      /** Live only: matching records that were not shown since the last batch, because there were too many. */
      readonly dropped: number
    }
  | { readonly type: 'progress'; readonly progress: BrowseProgress }
  | {
      readonly type: 'done'
      /** full: the limit was reached; end: nothing left in the range; bytes, time: the budget is spent. */
      readonly stop: 'full' | 'end' | 'bytes' | 'time'
      readonly progress: BrowseProgress
      /** Cursor of the following page in the same direction; null if the range is done. */
      readonly next: string | null
      /** Cursor that reads the other way from where this page began; null if there is nothing before it. */
      readonly previous: string | null
      readonly notes: readonly BrowseNote[]
    }

export interface BrowseProgress {
  readonly scannedRecords: number
  readonly scannedBytes: number
  readonly matched: number
  readonly elapsedMs: number
  readonly partitions: readonly {
    readonly partition: number
    /** Range that was to be read, end exclusive. */
    readonly startOffset: number
    readonly endOffset: number
    /** Part of it that has been read, end exclusive. */
    readonly scannedFrom: number
    readonly scannedTo: number
  }[]
}

export interface BrowseNote {
  /** retention-moved: records the cursor stood on are gone; no-leader, unreadable: a partition was left out. */
  readonly code: 'retention-moved' | 'no-leader' | 'unreadable' | 'timestamps-unordered'
  readonly partition: number | null
  readonly message: string
}

export const recordInput = onTopic.extend({ partition, offset })
export type RecordInput = z.infer<typeof recordInput>

/** Text, JSON (checked, then sent as typed), or bytes as base64 or hex. */
const payloadInput = z.object({ encoding: z.enum(['text', 'json', 'base64', 'hex']), data: z.string().max(20_000_000) })
export const produceInput = onTopic.extend({
  /** Null: by the key's murmur2, or any without a key. */
  partition: partition.nullable().default(null),
  key: payloadInput.nullable().default(null),
  /** Null is a tombstone. */
  value: payloadInput.nullable(),
  headers: z
    .array(z.object({ key: z.string().max(10_000), value: payloadInput.nullable() }))
    .max(1000)
    .default([]),
  timestampMs: z.number().int().min(0).nullable().default(null),
  codec: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('none'),
})
export type ProduceInput = z.infer<typeof produceInput>
export interface Produced {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
}
