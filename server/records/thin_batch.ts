/**
 * A batch of which some records are taken out, as compaction does (KIP-58, KIP-98, KIP-534): offsets, sequence numbers and
 * the last offset stay what they were, so that producers and readers find their place; the codec stays as well. What is
 * left is copied, not encoded anew.
 */
import { crc32c } from '../lib/crc32c.ts'
import { writeInt64 } from '../lib/int64.ts'
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../lib/varint.ts'
import { BATCH_OVERHEAD, CODEC_MASK, DELETE_HORIZON, LOG_OVERHEAD, NO_TIMESTAMP, type RecordBatch } from './batch.ts'
import { compress } from './compression.ts'
import { RecordCursor } from './record_cursor.ts'

export interface ThinBatch {
  /** The records that stay, as they stood in the batch, decompressed: at least one. */
  readonly records: Buffer
  readonly count: number
  /** The largest of theirs, ms since the epoch; under LogAppendTime the batch's. */
  readonly maxTimestamp: number
  /** Sets when tombstones and markers may go, ms since the epoch; undefined: what the batch says stays. */
  readonly deleteHorizonMs: number | undefined
}

const LENGTH = 8
const CRC = 17
const ATTRIBUTES = 21
const BASE_TIMESTAMP = 27
const MAX_TIMESTAMP = 35
const RECORD_COUNT = 57

export function thinBatch(batch: RecordBatch, o: ThinBatch): Buffer {
  const horizon = o.deleteHorizonMs
  const records = horizon === undefined ? o.records : rebased(o.records, o.count, batch.baseTimestamp - horizon)
  const payload = compress(batch.codec, records)
  const made = withHeaderOf(batch, payload)
  if (horizon !== undefined) {
    made.writeInt16BE(batch.attributes | DELETE_HORIZON, ATTRIBUTES)
    writeInt64(made, BASE_TIMESTAMP, horizon)
  }
  writeInt64(made, MAX_TIMESTAMP, o.maxTimestamp)
  made.writeInt32BE(o.count, RECORD_COUNT)
  return checked(made)
}

/** The header alone: what is left of a batch that the state of its producer, or the end of the log, hangs on. */
export function emptiedBatch(batch: RecordBatch): Buffer {
  const made = withHeaderOf(batch, Buffer.alloc(0))
  made.writeInt16BE(batch.attributes & ~(CODEC_MASK | DELETE_HORIZON), ATTRIBUTES)
  writeInt64(made, BASE_TIMESTAMP, NO_TIMESTAMP)
  made.writeInt32BE(0, RECORD_COUNT)
  return checked(made)
}

function withHeaderOf(batch: RecordBatch, payload: Buffer): Buffer {
  const made = Buffer.allocUnsafeSlow(BATCH_OVERHEAD + payload.length)
  batch.buf.copy(made, 0, batch.at, batch.at + BATCH_OVERHEAD)
  payload.copy(made, BATCH_OVERHEAD)
  made.writeInt32BE(made.length - LOG_OVERHEAD, LENGTH)
  return made
}

function checked(made: Buffer): Buffer {
  made.writeUInt32BE(crc32c(made.subarray(ATTRIBUTES)), CRC)
  return made
}

/** The same records with timestamps relative to another base, which lies `shiftMs` before the one they had. */
function rebased(records: Buffer, count: number, shiftMs: number): Buffer {
  // A delta of 10 bytes at most takes the place of one of at least 1; the length before it may grow by as much as 4.
  const made = Buffer.allocUnsafe(records.length + count * 13)
  const r = new RecordCursor(records, 0, records.length, count)
  let at = 0
  while (r.next()) {
    const delta = r.timestampDelta + shiftMs
    const size = 1 + sizeOfVarlong(delta) + sizeOfVarint(r.offsetDelta) + (r.end - r.bodyStart)
    at = writeVarint(made, at, size)
    made[at++] = 0
    at = writeVarlong(made, at, delta)
    at = writeVarint(made, at, r.offsetDelta)
    at += records.copy(made, at, r.bodyStart, r.end)
  }
  return made.subarray(0, at)
}
