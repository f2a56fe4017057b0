/** Records of one topic of a cluster, for browsing: raw fetches from the leaders, no group. */

import type { IsolationLevel } from '../../client/admin/offsets.ts'
import type { Client } from '../../client/client.ts'
import type { FetchedPartition } from '../../client/fetcher.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { MalformedError } from '../../protocol/wire.ts'
import type { Ask, Bounds, Chunk, RecordSource, SourceRecord } from './source.ts'

/** What one batch may unpack to before it is called unreadable: a page is no place for a bomb. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024

export class KafkaSource implements RecordSource {
  constructor(
    private readonly client: Client,
    private readonly topic: string,
  ) {}

  async partitions(): Promise<readonly number[]> {
    const { partitions } = await this.client.cluster.topic(this.topic, { maxAgeMs: 5_000 })
    return partitions.map((p) => p.partition)
  }

  async bounds(partitions: readonly number[], options: { readCommitted: boolean }): Promise<readonly Bounds[]> {
    const { admin } = this.client
    const isolation = isolationOf(options)
    const [starts, ends] = await Promise.all([
      admin.listOffsets(partitions.map((partition) => ({ topic: this.topic, partition, at: 'earliest' as const }))),
      admin.listOffsets(
        partitions.map((partition) => ({ topic: this.topic, partition, at: 'latest' as const })),
        { isolation },
      ),
    ])
    return partitions.map((partition, i) => {
      const error = starts[i]!.error ?? ends[i]!.error
      const startOffset = starts[i]!.offset ?? 0
      return { partition, startOffset, endOffset: Math.max(startOffset, ends[i]!.offset ?? 0), error }
    })
  }

  async offsetsAt(partitions: readonly number[], timestampMs: number): Promise<readonly (number | null)[]> {
    const asks = partitions.map((partition) => ({ topic: this.topic, partition, at: timestampMs }))
    const found = await this.client.admin.listOffsets(asks)
    return found.map((f) => f.offset)
  }

  async fetch(
    asks: readonly Ask[],
    options: { readCommitted: boolean; maxWaitMs: number; signal: AbortSignal },
  ): Promise<readonly Chunk[]> {
    const fetch = (some: readonly Ask[], maxWaitMs: number) =>
      this.client.fetcher.fetch(
        some.map((a) => ({ topic: this.topic, partition: a.partition, offset: a.offset })),
        {
          isolation: isolationOf(options),
          signal: options.signal,
          maxWaitMs,
          partitionMaxBytes: Math.max(...some.map((a) => a.maxBytes)),
          // Below the sum, partitions at the end of the list would come back empty for no fault of theirs.
          maxBytes: Math.max(
            1 << 20,
            some.reduce((sum, a) => sum + a.maxBytes, 0),
          ),
        },
      )
    const answers = await fetch(asks, options.maxWaitMs)
    return Promise.all(
      answers.map(async (answer, i) => {
        // A batch larger than the limit is sent whole only to who asks for nothing else.
        const cut = answer.error === null && answer.batches.length === 0 && answer.sizeBytes > 0
        return chunkOf(cut ? (await fetch([asks[i]!], 0))[0]! : answer)
      }),
    )
  }
}

const isolationOf = ({ readCommitted }: { readCommitted: boolean }): IsolationLevel =>
  readCommitted ? 'read_committed' : 'read_uncommitted'

function chunkOf(answer: FetchedPartition): Chunk {
  const { partition, error, nextOffset, sizeBytes } = answer
  const records: SourceRecord[] = []
  let unreadable = 0
  for (const b of answer.batches) {
    if (b.isControl || b.isAborted) continue
    const batch = {
      baseOffset: b.baseOffset,
      codec: b.codec,
      leaderEpoch: b.leaderEpoch,
      producerId: b.producerId,
      producerEpoch: b.producerEpoch,
      baseSequence: b.baseSequence,
      transactional: b.isTransactional,
    }
    try {
      for (const r of b.records(MAX_BATCH_BYTES)) {
        const timestampType = r.timestamp < 0 ? 'NoTimestampType' : b.timestampType
        records.push({
          offset: r.offset,
          timestampMs: r.timestamp,
          timestampType,
          key: r.key,
          value: r.value,
          headers: r.headers,
          batch,
        })
      }
    } catch (e) {
      if (!(e instanceof MalformedError || e instanceof KafkaError)) throw e
      unreadable++
    }
  }
  return { partition, records, nextOffset, bytes: sizeBytes, unreadable, error }
}
