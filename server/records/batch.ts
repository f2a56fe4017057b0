/**
 * A record batch (message format 2, KIP-98) as a view on bytes: fields are read and written where they stand, and
 * records are decoded only when asked for. Building one is `build_batch.ts`; the formats before it are
 * `message_set.ts`; whether a stranger's batch is to be trusted is `validate.ts`.
 */
import { crc32c } from '../lib/crc32c.ts'
import { readInt64, writeInt64 } from '../lib/int64.ts'
import { MalformedError, Reader } from '../protocol/wire.ts'
import { CODECS, type CodecName, decompress, MAX_DECOMPRESSED_BYTES } from './compression.ts'

/** Base offset and length: what precedes the counted bytes of a batch. */
export const LOG_OVERHEAD = 12
/** Bytes of a batch without records. */
export const BATCH_OVERHEAD = 61

export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1
export const NO_TIMESTAMP = -1
export const NO_PARTITION_LEADER_EPOCH = -1

/** Positions of the fields, from the beginning of the batch. */
const LENGTH = 8
const LEADER_EPOCH = 12
export const MAGIC = 16
const CRC = 17
const ATTRIBUTES = 21
const LAST_OFFSET_DELTA = 23
const BASE_TIMESTAMP = 27
const MAX_TIMESTAMP = 35
const PRODUCER_ID = 43
const PRODUCER_EPOCH = 51
const BASE_SEQUENCE = 53
const RECORD_COUNT = 57

/** Bits of the attributes. */
export const CODEC_MASK = 0x07
export const TIMESTAMP_TYPE = 0x08
export const TRANSACTIONAL = 0x10
export const CONTROL = 0x20
export const DELETE_HORIZON = 0x40

export type TimestampType = 'CreateTime' | 'LogAppendTime'

export interface RecordHeader {
  key: string
  value: Buffer | null
}

/** Keys and values are views on the batch, or on what it decompressed to. */
export interface DecodedRecord {
  offset: number
  /** Ms since the epoch; -1 if there is none. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  /** In order, with duplicates. */
  headers: RecordHeader[]
}

/** `at` is where the batch begins in `buf`, which must hold at least its 61 bytes of header. */
export class RecordBatch {
  constructor(
    readonly buf: Buffer,
    readonly at = 0,
  ) {}

  get baseOffset(): number {
    return readInt64(this.buf, this.at)
  }
  set baseOffset(v: number) {
    writeInt64(this.buf, this.at, v)
  }
  /** As on the wire: bytes after the length itself. */
  get batchLength(): number {
    return this.buf.readInt32BE(this.at + LENGTH)
  }
  get sizeInBytes(): number {
    return this.batchLength + LOG_OVERHEAD
  }
  get partitionLeaderEpoch(): number {
    return this.buf.readInt32BE(this.at + LEADER_EPOCH)
  }
  set partitionLeaderEpoch(v: number) {
    this.buf.writeInt32BE(v, this.at + LEADER_EPOCH)
  }
  get magic(): number {
    return this.buf[this.at + MAGIC]!
  }
  get crc(): number {
    return this.buf.readUInt32BE(this.at + CRC)
  }
  get attributes(): number {
    return this.buf.readInt16BE(this.at + ATTRIBUTES)
  }
  /** 0 to 4 are known; strangers may send up to 7. */
  get codecId(): number {
    return this.buf[this.at + ATTRIBUTES + 1]! & CODEC_MASK
  }
  /** A MalformedError if there is no such codec. */
  get codec(): CodecName {
    const name = CODECS[this.codecId]
    if (name === undefined) throw new MalformedError(`no codec has the number ${this.codecId}`)
    return name
  }
  get timestampType(): TimestampType {
    return this.buf[this.at + ATTRIBUTES + 1]! & TIMESTAMP_TYPE ? 'LogAppendTime' : 'CreateTime'
  }
  get isTransactional(): boolean {
    return (this.buf[this.at + ATTRIBUTES + 1]! & TRANSACTIONAL) !== 0
  }
  get isControl(): boolean {
    return (this.buf[this.at + ATTRIBUTES + 1]! & CONTROL) !== 0
  }
  /** When tombstones and markers of this batch may go (KIP-534), or undefined. It takes the base timestamp's place. */
  get deleteHorizonMs(): number | undefined {
    return this.buf[this.at + ATTRIBUTES + 1]! & DELETE_HORIZON ? this.baseTimestamp : undefined
  }
  get lastOffsetDelta(): number {
    return this.buf.readInt32BE(this.at + LAST_OFFSET_DELTA)
  }
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta
  }
  get nextOffset(): number {
    return this.baseOffset + this.lastOffsetDelta + 1
  }
  get baseTimestamp(): number {
    return readInt64(this.buf, this.at + BASE_TIMESTAMP)
  }
  get maxTimestamp(): number {
    return readInt64(this.buf, this.at + MAX_TIMESTAMP)
  }
  get producerId(): number {
    return readInt64(this.buf, this.at + PRODUCER_ID)
  }
  get producerEpoch(): number {
    return this.buf.readInt16BE(this.at + PRODUCER_EPOCH)
  }
  get hasProducerId(): boolean {
    return this.producerId > NO_PRODUCER_ID
  }
  get baseSequence(): number {
    return this.buf.readInt32BE(this.at + BASE_SEQUENCE)
  }
  /** Sequences wrap around at 2^31 - 1. */
  get lastSequence(): number {
    return this.baseSequence === NO_SEQUENCE ? NO_SEQUENCE : addSequence(this.baseSequence, this.lastOffsetDelta)
  }
  get recordCount(): number {
    return this.buf.readInt32BE(this.at + RECORD_COUNT)
  }

  /** Whether the stored checksum is that of the bytes. */
  get isValid(): boolean {
    return this.sizeInBytes >= BATCH_OVERHEAD && this.crc === this.computeCrc()
  }
  computeCrc(): number {
    return crc32c(this.buf.subarray(this.at + ATTRIBUTES, this.at + this.sizeInBytes))
  }

  /** The checksum is made anew. Under LogAppendTime all records have `maxTimestamp`. */
  setMaxTimestamp(type: TimestampType, maxTimestamp: number): void {
    const attributes = this.attributes
    this.buf.writeInt16BE(type === 'LogAppendTime' ? attributes | 8 : attributes & ~8, this.at + ATTRIBUTES)
    writeInt64(this.buf, this.at + MAX_TIMESTAMP, maxTimestamp)
    this.buf.writeUInt32BE(this.computeCrc(), this.at + CRC)
  }

  /** The checksum is made anew. */
  setProducerState(s: { producerId: number; producerEpoch: number; baseSequence: number }): void {
    writeInt64(this.buf, this.at + PRODUCER_ID, s.producerId)
    this.buf.writeInt16BE(s.producerEpoch, this.at + PRODUCER_EPOCH)
    this.buf.writeInt32BE(s.baseSequence, this.at + BASE_SEQUENCE)
    this.buf.writeUInt32BE(this.computeCrc(), this.at + CRC)
  }

  /** All its bytes; a view. */
  bytes(): Buffer {
    return this.buf.subarray(this.at, this.at + this.sizeInBytes)
  }
  /** What follows the header, compressed or not; a view. */
  payload(): Buffer {
    return this.buf.subarray(this.at + BATCH_OVERHEAD, this.at + this.sizeInBytes)
  }
}

/** Sequence numbers go from 0 to 2^31 - 1 and then from 0 again. */
export const addSequence = (sequence: number, n: number): number => (sequence + n) % 0x80000000

/** The whole batches of `buf` in order. A part of a batch at the end, as fetches may return, is passed over. */
export function* batches(buf: Buffer): Generator<RecordBatch> {
  for (let at = 0; at + BATCH_OVERHEAD <= buf.length; ) {
    const size = buf.readInt32BE(at + LENGTH) + LOG_OVERHEAD
    if (size < BATCH_OVERHEAD) throw new MalformedError(`a batch of ${size} bytes`)
    if (at + size > buf.length) return
    yield new RecordBatch(buf, at)
    at += size
  }
}

export function decodeRecords(batch: RecordBatch | Buffer, limitBytes?: number): DecodedRecord[] {
  return [...iterateRecords(batch instanceof RecordBatch ? batch : new RecordBatch(batch), limitBytes)]
}

/** The records one by one. Anything wrong with them is a MalformedError, when it is reached. */
export function* iterateRecords(batch: RecordBatch, limitBytes = MAX_DECOMPRESSED_BYTES): Generator<DecodedRecord> {
  const { baseOffset, baseTimestamp, maxTimestamp, recordCount } = batch
  const appendTime = batch.timestampType === 'LogAppendTime'
  const r = new Reader(decompress(batch.codec, batch.payload(), limitBytes))
  for (let i = 0; i < recordCount; i++) {
    const end = recordEnd(r)
    r.int8()
    const timestamp = baseTimestamp + r.varlong()
    const offset = baseOffset + r.varint()
    const key = bytesOrNull(r)
    const value = bytesOrNull(r)
    const headers: RecordHeader[] = []
    const n = headerCount(r)
    for (let h = 0; h < n; h++) headers.push({ key: r.utf8(lengthOfKey(r)), value: bytesOrNull(r) })
    if (r.pos !== end) throw new MalformedError('a record that is not as long as it says')
    yield { offset, timestamp: appendTime ? maxTimestamp : timestamp, key, value, headers }
  }
  if (r.remaining > 0) throw new MalformedError(`${r.remaining} bytes after the last record`)
}

function recordEnd(r: Reader): number {
  const n = r.varint()
  if (n < 0 || n > r.remaining) throw new MalformedError(`a record of ${n} bytes`)
  return r.pos + n
}

function headerCount(r: Reader): number {
  const n = r.varint()
  if (n < 0) throw new MalformedError(`${n} headers`)
  return r.count(n, 2)
}

function lengthOfKey(r: Reader): number {
  const n = r.varint()
  if (n < 0) throw new MalformedError('a header without a key')
  return n
}

function bytesOrNull(r: Reader): Buffer | null {
  const n = r.varint()
  return n < 0 ? null : r.slice(n)
}
