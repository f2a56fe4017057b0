/** A batch as it was fetched: what its header says at once, its records when asked for. */
import { MalformedError } from '../protocol/wire.ts'
import {
  BATCH_OVERHEAD,
  type DecodedRecord,
  decodeRecords,
  LOG_OVERHEAD,
  MAGIC,
  RecordBatch,
  type TimestampType,
} from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import type { CodecName } from '../records/compression.ts'
import { decodeMessageSet } from '../records/message_set.ts'

export interface FetchedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  /** On the wire and on disk, compressed. */
  readonly sizeBytes: number
  readonly recordCount: number
  readonly codec: CodecName
  readonly timestampType: TimestampType
  /** Ms since the epoch. */
  readonly maxTimestamp: number
  readonly leaderEpoch: number
  /** -1 without. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
  /** A transaction's end or another mark of the cluster's own: not for applications. */
  readonly isControl: boolean
  /** Of a transaction that was aborted. Known only with read_committed. */
  isAborted: boolean
  /** The whole batch, a view on the answer. */
  readonly bytes: Buffer
  /**
   * The records from the fetched offset on, decompressed and decoded now; views. Throws a MalformedError if they are
   * corrupt, or decompress to more than `limitBytes`.
   */
  records(limitBytes?: number): DecodedRecord[]
}

/**
 * All whole batches in `buf`, single messages of the old formats each as one. The first may begin before `from`. Throws
 * a MalformedError if the first cannot be read; one further behind ends the list, to be the first next time.
 */
export function readBatches(buf: Buffer, from: number): FetchedBatch[] {
  const found: FetchedBatch[] = []
  try {
    collect(buf, from, found)
  } catch (error) {
    if (!(error instanceof MalformedError) || found.length === 0) throw error
  }
  return found
}

function collect(buf: Buffer, from: number, found: FetchedBatch[]): void {
  let at = 0
  while (at + MAGIC < buf.length) {
    const size = buf.readInt32BE(at + 8) + LOG_OVERHEAD
    if (size <= MAGIC) throw new MalformedError(`a batch of ${size} bytes`)
    if (at + size > buf.length) break
    const bytes = buf.subarray(at, at + size)
    if (bytes[MAGIC]! >= 2 && size < BATCH_OVERHEAD) throw new MalformedError(`a batch of ${size} bytes`)
    const batch = bytes[MAGIC]! < 2 ? oldView(bytes, from) : view(new RecordBatch(bytes), from)
    if (batch.lastOffset >= from) found.push(batch)
    at += size
  }
}

/** A message of format 0 or 1, or a compressed wrapper of several: read at once, it tells nothing without that. */
function oldView(bytes: Buffer, from: number): FetchedBatch {
  const records = decodeMessageSet(bytes).map((m) => ({ ...m, headers: [] }))
  const plain = buildBatch(records, { timestamp: -1 })
  return {
    ...view(new RecordBatch(plain), from),
    baseOffset: records[0]?.offset ?? 0,
    lastOffset: records.at(-1)?.offset ?? -1,
    sizeBytes: bytes.length,
    bytes,
    records: () => records.filter((r) => r.offset >= from),
  }
}

const view = (b: RecordBatch, from: number): FetchedBatch => ({
  baseOffset: b.baseOffset,
  lastOffset: b.lastOffset,
  sizeBytes: b.sizeInBytes,
  recordCount: b.recordCount,
  codec: b.codec,
  timestampType: b.timestampType,
  maxTimestamp: b.maxTimestamp,
  leaderEpoch: b.partitionLeaderEpoch,
  producerId: b.producerId,
  producerEpoch: b.producerEpoch,
  baseSequence: b.baseSequence,
  isTransactional: b.isTransactional,
  isControl: b.isControl,
  isAborted: false,
  bytes: b.bytes(),
  records: (limitBytes) => {
    const records = decodeRecords(b, limitBytes)
    return b.baseOffset < from ? records.filter((r) => r.offset >= from) : records
  },
})

/** Control records of a transaction's end hold version and type, both int16, in their key. */
const ABORT = 0

/**
 * Marks the batches of aborted transactions, as KIP-98 has a consumer do it: a producer's batches count as aborted
 * from the first offset that the broker named until its abort marker.
 */
export function markAborted(
  list: readonly FetchedBatch[],
  aborted: readonly { producerId: number; firstOffset: number }[],
): void {
  const coming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const active = new Set<number>()
  for (const batch of list) {
    while (coming.length > 0 && coming[0]!.firstOffset <= batch.lastOffset) active.add(coming.shift()!.producerId)
    if (!batch.isTransactional) continue
    if (batch.isControl) {
      if (isAbort(batch)) active.delete(batch.producerId)
    } else if (active.has(batch.producerId)) batch.isAborted = true
  }
}

function isAbort(batch: FetchedBatch): boolean {
  try {
    const key = batch.records()[0]?.key
    return key !== undefined && key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT
  } catch (error) {
    if (error instanceof MalformedError) return false
    throw error
  }
}
