/**
 * What a broker checks before it appends what a producer sent, and what it changes: time stamps under LogAppendTime,
 * the codec where the topic asks for its own, old message formats (KIP-32, KIP-98). Otherwise the bytes stay as they
 * came; offsets and leader epoch are the log's to assign. Records inside a compressed batch are looked at only where the
 * topic demands it: the batch's checksum has been checked, and its contents are its producer's affair.
 */
import { errors, KafkaError } from '../protocol/errors.ts'
import { MalformedError } from '../protocol/wire.ts'
import { BATCH_OVERHEAD, decodeRecords, LOG_OVERHEAD, MAGIC, RecordBatch } from './batch.ts'
import { buildBatch } from './build_batch.ts'
import { type CodecName, codecId, decompress } from './compression.ts'
import { messageSetToBatch } from './message_set.ts'
import { RecordCursor } from './record_cursor.ts'
import { scanRecords } from './record_scan.ts'

/** A topic's settings that matter here, under Kafka's names. */
export interface RecordRules {
  readonly maxMessageBytes: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number
  readonly compressionType: 'producer' | 'uncompressed' | CodecName
  /** How hard to try where the codec is changed; undefined is the codec's default. */
  readonly compressionLevel?: number | undefined
  /** Contains `compact` where records need keys. */
  readonly cleanupPolicy: readonly string[]
}

export interface ValidRecords {
  /** One batch of message format 2. */
  readonly batches: Buffer
  /** Ms since the epoch under LogAppendTime, otherwise -1. */
  readonly logAppendTimeMs: number
  readonly recordCount: number
}

/** Says which records are at fault, by their index in the batch (KIP-467). */
export class RecordValidationError extends KafkaError {
  constructor(
    error: 'INVALID_RECORD' | 'INVALID_TIMESTAMP',
    message: string,
    readonly recordErrors: readonly { batchIndex: number; message: string }[],
  ) {
    super(error, message)
  }
}

const ZSTD_SINCE = 7
const MOST_RECORD_ERRORS = 1000
const MAGIC_2_SINCE = 3

/**
 * `records` is what one Produce request of `version` holds for a partition; it may be changed in place.
 * Throws KafkaError: CORRUPT_MESSAGE, INVALID_RECORD, INVALID_TIMESTAMP, MESSAGE_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE.
 */
export function validateProduce(
  records: Buffer | null,
  rules: RecordRules,
  request: { version: number; now: number },
): ValidRecords {
  if (records === null || records.length === 0) throw invalid('The request holds no record batch.')
  const magic = firstMagic(records)
  if (request.version >= MAGIC_2_SINCE && magic !== 2) {
    throw invalid(`Produce version ${request.version} carries message format 2 only, not ${magic}.`)
  }
  if (magic === 2) return validateBatch(onlyBatch(records), rules, request)
  const batch = answering(() => messageSetToBatch(records))
  return validateBatch(new RecordBatch(batch), rules, request)
}

/** The message format that the first batch says it has; sizes checked so far that it may be read. */
function firstMagic(records: Buffer): number {
  if (records.length <= MAGIC) throw invalid('The records end inside the header of their first batch.')
  const size = records.readInt32BE(8) + LOG_OVERHEAD
  if (size < LOG_OVERHEAD + 14) throw new KafkaError('CORRUPT_MESSAGE', `A record batch of ${size} bytes is too small.`)
  if (size > records.length) throw invalid('The record batch is longer than the request.')
  const magic = records.readInt8(MAGIC)
  if (magic < 0 || magic > 2) throw new KafkaError('CORRUPT_MESSAGE', `There is no message format ${magic}.`)
  return magic
}

function onlyBatch(records: Buffer): RecordBatch {
  const size = records.readInt32BE(8) + LOG_OVERHEAD
  if (size < BATCH_OVERHEAD) throw new KafkaError('CORRUPT_MESSAGE', `A record batch of ${size} bytes is too small.`)
  if (size === records.length) return new RecordBatch(records)
  // A part of a batch after it is nothing; a second one is against the protocol.
  const rest = records.subarray(size)
  if (rest.length >= LOG_OVERHEAD && rest.readInt32BE(8) + LOG_OVERHEAD <= rest.length) {
    throw invalid('A produce request holds exactly one record batch for a partition.')
  }
  return new RecordBatch(records.subarray(0, size))
}

function validateBatch(
  batch: RecordBatch,
  rules: RecordRules,
  { version, now }: { version: number; now: number },
): ValidRecords {
  checkHeader(batch, version)
  checkSize(batch.sizeInBytes, rules)
  if (!batch.isValid) {
    throw new KafkaError('CORRUPT_MESSAGE', 'The record batch does not match its checksum; send it again.')
  }
  checkContents(batch, rules, now)
  const converted = recompressed(batch, rules)
  if (converted !== batch) checkSize(converted.sizeInBytes, rules)
  const appendTime = rules.messageTimestampType === 'LogAppendTime'
  if (appendTime) converted.setMaxTimestamp('LogAppendTime', now)
  return {
    batches: converted.bytes(),
    logAppendTimeMs: appendTime ? now : -1,
    recordCount: converted.recordCount,
  }
}

function checkHeader(batch: RecordBatch, version: number): void {
  if (batch.codecId > 4) {
    throw new KafkaError('CORRUPT_MESSAGE', `The record batch names an unknown codec, ${batch.codecId}.`)
  }
  if (batch.codecId === codecId('zstd') && version < ZSTD_SINCE) {
    throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `Produce version ${version} does not carry zstd; 7 does.`)
  }
  if (batch.baseOffset !== 0) throw invalid(`The base offset of a produced batch is 0, not ${batch.baseOffset}.`)
  if (batch.lastOffsetDelta < 0) throw invalid(`The batch ends ${-batch.lastOffsetDelta} before its first record.`)
  if (batch.recordCount <= 0) throw invalid(`The batch says that it holds ${batch.recordCount} records.`)
  if (batch.recordCount !== batch.lastOffsetDelta + 1) {
    throw invalid(`The batch says ${batch.recordCount} records, its offsets ${batch.lastOffsetDelta + 1}.`)
  }
  if (batch.isControl) throw invalid('Clients may not write control records.')
  if (batch.hasProducerId && batch.baseSequence < 0) {
    throw invalid(`An idempotent batch has a sequence number, not ${batch.baseSequence}.`)
  }
}

function checkSize(size: number, rules: RecordRules): void {
  if (size > rules.maxMessageBytes) {
    throw new KafkaError(
      'MESSAGE_TOO_LARGE',
      `The record batch has ${size} bytes; max.message.bytes allows ${rules.maxMessageBytes}.`,
    )
  }
}

function checkContents(batch: RecordBatch, rules: RecordRules, now: number): void {
  const compacted = rules.cleanupPolicy.includes('compact')
  if (batch.codecId === 0 || compacted) {
    const scan = answering(() => {
      const { buf, from, to } = plainRecords(batch)
      return scanRecords(buf, from, to, batch.recordCount)
    })
    if (compacted && scan.firstNullKey >= 0) {
      const message = 'A compacted topic takes no record without a key.'
      const wrong = withoutKey(batch).map((batchIndex) => ({ batchIndex, message }))
      throw new RecordValidationError('INVALID_RECORD', message, wrong)
    }
    // Lookups by time rely on it, and producers may have it wrong.
    const maxTimestamp = batch.baseTimestamp + scan.maxTimestampDelta
    if (maxTimestamp !== batch.maxTimestamp) batch.setMaxTimestamp(batch.timestampType, maxTimestamp)
    checkTimestamps(batch, rules, now, batch.baseTimestamp + scan.minTimestampDelta)
  } else checkTimestamps(batch, rules, now, Math.min(batch.baseTimestamp, batch.maxTimestamp))
}

/** The first of them: a small batch may decompress to millions. */
function withoutKey(batch: RecordBatch): number[] {
  const { buf, from, to } = plainRecords(batch)
  const found: number[] = []
  const r = new RecordCursor(buf, from, to, batch.recordCount)
  for (let i = 0; found.length < MOST_RECORD_ERRORS && r.next(); i++) if (r.keyLength < 0) found.push(i)
  return found
}

function plainRecords(batch: RecordBatch): { buf: Buffer; from: number; to: number } {
  if (batch.codecId === 0) {
    return { buf: batch.buf, from: batch.at + BATCH_OVERHEAD, to: batch.at + batch.sizeInBytes }
  }
  const buf = decompress(batch.codec, batch.payload())
  return { buf, from: 0, to: buf.length }
}

function checkTimestamps(batch: RecordBatch, rules: RecordRules, now: number, minTimestamp: number): void {
  if (batch.timestampType === 'LogAppendTime') {
    throw new KafkaError('INVALID_TIMESTAMP', 'Producers may not set the timestamp type LogAppendTime.')
  }
  if (rules.messageTimestampType !== 'CreateTime') return
  const { messageTimestampBeforeMaxMs: before, messageTimestampAfterMaxMs: after } = rules
  const earliest = now - before
  const latest = now + after
  const wrong =
    batch.maxTimestamp > latest
      ? batch.maxTimestamp
      : minTimestamp < earliest && minTimestamp !== -1
        ? minTimestamp
        : undefined
  if (wrong === undefined) return
  const message = `The timestamp ${wrong} is not between ${earliest} and ${latest}, which the topic accepts now.`
  throw new RecordValidationError('INVALID_TIMESTAMP', message, [{ batchIndex: 0, message }])
}

/** The same records under the codec that the topic asks for. */
function recompressed(batch: RecordBatch, rules: RecordRules): RecordBatch {
  if (rules.compressionType === 'producer') return batch
  const codec = rules.compressionType === 'uncompressed' ? 'none' : rules.compressionType
  if (codecId(codec) === batch.codecId) return batch
  return answering(
    () =>
      new RecordBatch(
        buildBatch(decodeRecords(batch), {
          timestamp: batch.maxTimestamp,
          codec,
          ...(rules.compressionLevel !== undefined && { compressionLevel: rules.compressionLevel }),
          producerId: batch.producerId,
          producerEpoch: batch.producerEpoch,
          baseSequence: batch.baseSequence,
          transactional: batch.isTransactional,
        }),
      ),
  )
}

/** What cannot be read is the sender's fault. */
function answering<T>(fn: () => T): T {
  try {
    return fn()
  } catch (e) {
    if (e instanceof MalformedError) throw invalid(`The records cannot be read: ${e.message}.`)
    throw e
  }
}

const invalid = (detail: string = errors.INVALID_RECORD.text): KafkaError => new KafkaError('INVALID_RECORD', detail)
