/**
 * The message formats before record batches: 0 (before 0.10) and 1 (with timestamps, KIP-32), single messages and
 * compressed wrappers. Read when old clients produce (versions 0 to 2), written when they fetch (0 to 3); nothing of
 * it reaches the disk. What they cannot express (headers, producer ids, transactions) is dropped on the way to them.
 */
import { crc32 } from '../lib/crc32.ts'
import { writeInt64 } from '../lib/int64.ts'
import { KafkaError } from '../protocol/errors.ts'
import { MalformedError, Reader } from '../protocol/wire.ts'
import { batches, type DecodedRecord, iterateRecords, NO_TIMESTAMP, type RecordBatch } from './batch.ts'
import { buildBatch } from './build_batch.ts'
import { CODECS, type CodecName, codecId, compress, decompress, MAX_DECOMPRESSED_BYTES } from './compression.ts'
import { compressLz4 } from './lz4.ts'

export interface OldMessage {
  offset: number
  /** -1 in format 0. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
}

const TIMESTAMP_TYPE = 0x08

/** All messages, those of wrappers included, with absolute offsets. A part of a message at the end is passed over. */
export function decodeMessageSet(set: Buffer): OldMessage[] {
  return decode(set, 1).messages
}

/** One batch of message format 2 with the same records, in the codec they came in. */
export function messageSetToBatch(set: Buffer): Buffer {
  const { messages, codec } = decode(set, 1)
  if (messages.length === 0) throw new MalformedError('no whole message')
  return buildBatch(messages, { timestamp: NO_TIMESTAMP, codec })
}

/** `depth` 0 is the inside of a wrapper: wrappers do not nest. */
function decode(set: Buffer, depth: number): { messages: OldMessage[]; codec: CodecName } {
  const messages: OldMessage[] = []
  let codec: CodecName = 'none'
  const r = new Reader(set)
  while (r.remaining >= 12) {
    const offset = r.int64()
    const size = r.int32()
    if (size < 14) throw new MalformedError(`a message of ${size} bytes`)
    if (size > r.remaining) break
    const m = decodeMessage(new Reader(r.slice(size)))
    if (m.codec === 'none') {
      messages.push({ offset, timestamp: m.timestamp, key: m.key, value: m.value })
      continue
    }
    if (depth === 0) throw new MalformedError('a compressed message inside a compressed message')
    codec = m.codec
    // Not spread into `push`: a wrapper holds more messages than a call takes arguments.
    for (const inner of unwrapped(m, offset)) messages.push(inner)
  }
  return { messages, codec }
}

interface Message {
  magic: number
  codec: CodecName
  appendTime: boolean
  timestamp: number
  key: Buffer | null
  value: Buffer | null
}

function decodeMessage(r: Reader): Message {
  const crc = r.uint32()
  if (crc !== crc32(r.buf.subarray(r.pos))) {
    throw new KafkaError('CORRUPT_MESSAGE', 'A message does not match its checksum; send it again.')
  }
  const magic = r.int8()
  if (magic !== 0 && magic !== 1) throw new MalformedError(`message format ${magic} in a set of old ones`)
  const attributes = r.int8()
  const codec = CODECS[attributes & 7]
  if (codec === undefined || codec === 'zstd') throw new MalformedError(`codec ${attributes & 7} in an old message`)
  const timestamp = magic === 1 ? r.int64() : NO_TIMESTAMP
  const key = bytesOrNull(r)
  const value = bytesOrNull(r)
  if (r.remaining > 0) throw new MalformedError('a message that is not as long as it says')
  return { magic, codec, appendTime: (attributes & TIMESTAMP_TYPE) !== 0, timestamp, key, value }
}

function unwrapped(wrapper: Message, offset: number): OldMessage[] {
  if (wrapper.value === null) throw new MalformedError('a compressed message without a value')
  const inner = decode(decompress(wrapper.codec, wrapper.value, MAX_DECOMPRESSED_BYTES), 0).messages
  const last = inner.at(-1)
  if (last === undefined) throw new MalformedError('a compressed message with nothing in it')
  // Format 1 counts from the wrapper's end, format 0 has absolute offsets inside (KIP-31).
  if (wrapper.magic === 1) {
    const base = offset - last.offset
    for (const m of inner) m.offset += base
  }
  if (wrapper.appendTime) for (const m of inner) m.timestamp = wrapper.timestamp
  return inner
}

function bytesOrNull(r: Reader): Buffer | null {
  const n = r.int32()
  return n < 0 ? null : r.slice(n)
}

/**
 * The data of record batches as a message set of format `magic`, from `fetchOffset` on. Control batches are left out.
 * Throws KafkaError UNSUPPORTED_COMPRESSION_TYPE for zstd, which the old formats do not know, and CORRUPT_MESSAGE for
 * records that cannot be read.
 */
export function batchesToMessageSet(
  parts: readonly Buffer[],
  options: { magic: 0 | 1; fetchOffset: number },
): Buffer[] {
  const out: Buffer[] = []
  try {
    for (const part of parts) {
      for (const batch of batches(part)) if (!batch.isControl) convert(batch, options, out)
    }
  } catch (e) {
    if (e instanceof MalformedError) throw new KafkaError('CORRUPT_MESSAGE', `A batch cannot be read: ${e.message}.`)
    throw e
  }
  return out
}

function convert(batch: RecordBatch, options: { magic: 0 | 1; fetchOffset: number }, out: Buffer[]): void {
  const { magic, fetchOffset } = options
  const { codec } = batch
  if (codec === 'zstd') {
    throw new KafkaError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      'The records are compressed with zstd; fetch version 10 reads it.',
    )
  }
  const appendTime = batch.timestampType === 'LogAppendTime'
  const records = [...iterateRecords(batch)].filter((r) => r.offset >= fetchOffset)
  const last = records.at(-1)
  if (last === undefined) return
  if (codec === 'none') {
    for (const r of records) out.push(encodeMessage(r, r.offset, { magic, codec, appendTime }))
    return
  }
  const first = records[0]!.offset
  const inner = records.map((r) =>
    encodeMessage(r, magic === 1 ? r.offset - first : r.offset, { magic, codec: 'none', appendTime }),
  )
  const plain = Buffer.concat(inner)
  const value =
    magic === 0 && codec === 'lz4' ? compressLz4(plain, { wrongHeaderChecksum: true }) : compress(codec, plain)
  const timestamp = records.reduce((max, r) => Math.max(max, r.timestamp), NO_TIMESTAMP)
  out.push(encodeMessage({ key: null, value, timestamp }, last.offset, { magic, codec, appendTime }))
}

/** One entry of a message set. */
export function encodeMessage(
  m: Pick<DecodedRecord, 'key' | 'value' | 'timestamp'>,
  offset: number,
  { magic, codec, appendTime = false }: { magic: 0 | 1; codec: CodecName; appendTime?: boolean },
): Buffer {
  const b = Buffer.allocUnsafe(26 + 8 * magic + (m.key?.length ?? 0) + (m.value?.length ?? 0))
  writeInt64(b, 0, offset)
  b.writeInt32BE(b.length - 12, 8)
  b[16] = magic
  b[17] = codecId(codec) | (magic === 1 && appendTime ? TIMESTAMP_TYPE : 0)
  if (magic === 1) writeInt64(b, 18, m.timestamp)
  const end = writeBytes(b, writeBytes(b, 18 + 8 * magic, m.key), m.value)
  if (end !== b.length) throw new Error('a message of another size than computed')
  b.writeUInt32BE(crc32(b.subarray(16)), 12)
  return b
}

function writeBytes(to: Buffer, at: number, b: Buffer | null): number {
  to.writeInt32BE(b === null ? -1 : b.length, at)
  if (b === null) return at + 4
  to.set(b, at + 4)
  return at + 4 + b.length
}
