/**
 * Where records come from, as browsing sees it: ranges, offsets at a time, and pieces of partitions. `kafka_source.ts` asks a
 * cluster; tests use one in memory.
 */
import type { KafkaError } from '../../protocol/errors.ts'
import type { CodecName } from '../../records/compression.ts'

/** A record with the bytes as they came; views that are only good until the next fetch. */
export interface SourceRecord {
  readonly offset: number
  readonly timestampMs: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime' | 'NoTimestampType'
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
  readonly batch: SourceBatch
}
export interface SourceBatch {
  readonly baseOffset: number
  readonly codec: CodecName
  readonly leaderEpoch: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly transactional: boolean
}

export interface Bounds {
  readonly partition: number
  /** First offset that is kept. */
  readonly startOffset: number
  /** One past the last that may be read: high watermark, or last stable offset with read_committed. */
  readonly endOffset: number
  readonly error: KafkaError | null
}

export interface Ask {
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export interface Chunk {
  readonly partition: number
  /** At or after the offset asked for, in order. May be empty though there is more: see `nextOffset`. */
  readonly records: readonly SourceRecord[]
  /** Where to go on: past batches that compaction has emptied and past control batches too. */
  readonly nextOffset: number
  /** As they came over the wire. */
  readonly bytes: number
  /** Batches that could not be read and were passed over. */
  readonly unreadable: number
  readonly error: KafkaError | null
}

export interface RecordSource {
  /** Throws a KafkaError if the topic is not there. */
  partitions(): Promise<readonly number[]>
  bounds(partitions: readonly number[], options: { readCommitted: boolean }): Promise<readonly Bounds[]>
  /** First offset with a record at or after the time; null: none. In the order asked. */
  offsetsAt(partitions: readonly number[], timestampMs: number): Promise<readonly (number | null)[]>
  /** One chunk for each that was asked. Waits up to `maxWaitMs` for the first byte. */
  fetch(
    asks: readonly Ask[],
    options: { readCommitted: boolean; maxWaitMs: number; signal: AbortSignal },
  ): Promise<readonly Chunk[]>
}
