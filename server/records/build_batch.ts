/** Builds a record batch (message format 2) from records: sizes first, then one allocation. */
import { crc32c } from '../lib/crc32c.ts'
import { writeInt64 } from '../lib/int64.ts'
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../lib/varint.ts'
import {
  BATCH_OVERHEAD,
  CONTROL,
  LOG_OVERHEAD,
  NO_PARTITION_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  type RecordHeader,
  TIMESTAMP_TYPE,
  type TimestampType,
  TRANSACTIONAL,
} from './batch.ts'
import { type CodecName, codecId, compress } from './compression.ts'

export interface RecordToWrite {
  key: Buffer | null
  value: Buffer | null
  headers?: readonly RecordHeader[]
  /** Ms since the epoch; default: the batch's. */
  timestamp?: number
  /** Default: its place in the batch. Larger ones leave gaps, as compaction does. */
  offsetDelta?: number
}

export interface BatchOptions {
  /** Of records without one of their own, ms since the epoch. */
  timestamp: number
  codec?: CodecName
  /** Of the codec's scale. */
  compressionLevel?: number
  baseOffset?: number
  partitionLeaderEpoch?: number
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  transactional?: boolean
  control?: boolean
  timestampType?: TimestampType
  /** Default: that of the last record. */
  lastOffsetDelta?: number
}

export function buildBatch(records: readonly RecordToWrite[], options: BatchOptions): Buffer {
  const baseTimestamp = records[0]?.timestamp ?? options.timestamp
  let maxTimestamp = records.length === 0 ? options.timestamp : baseTimestamp
  const sizes = new Array<number>(records.length)
  let total = 0
  for (let i = 0; i < records.length; i++) {
    const r = records[i]!
    const timestamp = r.timestamp ?? options.timestamp
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    const size = sizeOfRecord(r, timestamp - baseTimestamp, r.offsetDelta ?? i)
    sizes[i] = size
    total += sizeOfVarint(size) + size
  }
  const codec = options.codec ?? 'none'
  const plain = Buffer.allocUnsafe(codec === 'none' ? BATCH_OVERHEAD + total : total)
  let at = codec === 'none' ? BATCH_OVERHEAD : 0
  for (let i = 0; i < records.length; i++) {
    const r = records[i]!
    at = writeVarint(plain, at, sizes[i]!)
    at = writeRecord(plain, at, r, (r.timestamp ?? options.timestamp) - baseTimestamp, r.offsetDelta ?? i)
  }
  let b = plain
  if (codec !== 'none') {
    const payload = compress(codec, plain, options.compressionLevel)
    b = Buffer.allocUnsafe(BATCH_OVERHEAD + payload.length)
    payload.copy(b, BATCH_OVERHEAD)
  }
  writeHeader(b, records, options, baseTimestamp, maxTimestamp)
  return b
}

function writeHeader(
  b: Buffer,
  records: readonly RecordToWrite[],
  options: BatchOptions,
  baseTimestamp: number,
  maxTimestamp: number,
): void {
  const attributes =
    codecId(options.codec ?? 'none') |
    (options.timestampType === 'LogAppendTime' ? TIMESTAMP_TYPE : 0) |
    (options.transactional ? TRANSACTIONAL : 0) |
    (options.control ? CONTROL : 0)
  writeInt64(b, 0, options.baseOffset ?? 0)
  b.writeInt32BE(b.length - LOG_OVERHEAD, 8)
  b.writeInt32BE(options.partitionLeaderEpoch ?? NO_PARTITION_LEADER_EPOCH, 12)
  b[16] = 2
  b.writeInt16BE(attributes, 21)
  b.writeInt32BE(options.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? records.length - 1, 23)
  writeInt64(b, 27, baseTimestamp)
  writeInt64(b, 35, maxTimestamp)
  writeInt64(b, 43, options.producerId ?? NO_PRODUCER_ID)
  b.writeInt16BE(options.producerEpoch ?? NO_PRODUCER_EPOCH, 51)
  b.writeInt32BE(options.baseSequence ?? NO_SEQUENCE, 53)
  b.writeInt32BE(records.length, 57)
  b.writeUInt32BE(crc32c(b.subarray(21)), 17)
}

function sizeOfRecord(r: RecordToWrite, timestampDelta: number, offsetDelta: number): number {
  const headers = r.headers ?? []
  let n = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta) + sizeOfBytes(r.key) + sizeOfBytes(r.value)
  n += sizeOfVarint(headers.length)
  for (const h of headers) {
    const length = Buffer.byteLength(h.key)
    n += sizeOfVarint(length) + length + sizeOfBytes(h.value)
  }
  return n
}

function writeRecord(to: Buffer, at: number, r: RecordToWrite, timestampDelta: number, offsetDelta: number): number {
  const headers = r.headers ?? []
  to[at++] = 0
  at = writeVarlong(to, at, timestampDelta)
  at = writeVarint(to, at, offsetDelta)
  at = writeBytes(to, at, r.key)
  at = writeBytes(to, at, r.value)
  at = writeVarint(to, at, headers.length)
  for (const h of headers) {
    const length = Buffer.byteLength(h.key)
    at = writeVarint(to, at, length)
    at += to.write(h.key, at, length, 'utf8')
    at = writeBytes(to, at, h.value)
  }
  return at
}

const sizeOfBytes = (b: Buffer | null): number => (b === null ? 1 : sizeOfVarint(b.length) + b.length)

function writeBytes(to: Buffer, at: number, b: Buffer | null): number {
  if (b === null) return writeVarint(to, at, -1)
  at = writeVarint(to, at, b.length)
  to.set(b, at)
  return at + b.length
}
