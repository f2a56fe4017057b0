/**
 * Which records of a batch compaction keeps.
 *
 * A record goes if there is a later one with its key in what was looked at, if it has no key, or if it is of an aborted
 * transaction. Tombstones, and markers of transactions of which nothing is left, first get a time in their batch's header,
 * and go when delete.retention.ms has passed since (KIP-534). The last batches of producers that may write on stay, if only
 * their headers: their sequence numbers must be known after a restart. Kafka keeps the last one; we keep all that may be
 * sent again.
 */
import { MalformedError } from '../../protocol/wire.ts'
import type { RecordBatch } from '../../records/batch.ts'
import { decompress } from '../../records/compression.ts'
import { RecordCursor } from '../../records/record_cursor.ts'
import { emptiedBatch, thinBatch } from '../../records/thin_batch.ts'
import type { LogConfig } from '../log_config.ts'
import type { ProducerState } from '../producer_state.ts'
import { DamagedLogError } from '../segment.ts'
import type { KeyMap } from './key_map.ts'
import type { TransactionTracker } from './transactions.ts'

/** Some hundred thousand years; a distance from it is exact still. */
const NEVER_MS = 2 ** 52
/** Records between two moments at which work may be interrupted. */
const RECORDS_A_STEP = 256

/** Puts the keys of a batch into the map. Yields where it may be interrupted. Throws a DamagedLogError. */
export function* noteKeys(batch: RecordBatch, map: KeyMap, firstOffset: number): Generator<void> {
  const { baseOffset } = batch
  const r = recordsOf(batch)
  for (let n = 1; next(r, batch); n++) {
    const offset = baseOffset + r.offsetDelta
    if (r.keyLength >= 0 && offset >= firstOffset) map.put(r.buf, r.keyStart, r.keyLength, offset)
    if (n % RECORDS_A_STEP === 0) yield
  }
}

export interface RetentionOptions {
  readonly map: KeyMap
  readonly tracker: TransactionTracker
  readonly producers: ProducerState
  readonly config: Pick<LogConfig, 'deleteRetentionMs'>
  /** Ms since the epoch. */
  readonly nowMs: number
}

/** What is left of a batch: some of its bytes, copied one after the other, or all. */
interface Kept {
  readonly count: number
  readonly records: () => Buffer
  readonly maxTimestamp: number
  readonly hasTombstone: boolean
}

export class Retention {
  constructor(private readonly o: RetentionOptions) {}

  /**
   * The bytes that stay of the next batch of the log; undefined if none do. Yields where it may be interrupted. Throws a
   * DamagedLogError.
   */
  *filter(batch: RecordBatch): Generator<void, Buffer | undefined> {
    const { map, nowMs, config } = this.o
    const mayGo = this.o.tracker.mayGo(batch)
    const horizon = batch.deleteHorizonMs
    // A marker waits as tombstones do.
    const goes = mayGo && (!batch.isControl || (horizon !== undefined && horizon <= nowMs))
    if (goes || batch.recordCount === 0) return this.isLastOfProducer(batch) ? emptied(batch) : undefined
    if (batch.baseOffset > map.latestOffset) return batch.bytes()
    const kept = batch.isControl ? all(batch) : yield* this.keep(batch, horizon)
    if (kept.count === 0) return this.isLastOfProducer(batch) ? emptied(batch) : undefined
    const waits = kept.hasTombstone || (batch.isControl && mayGo)
    // Timestamps beyond what a number holds cannot be told from another one: what has them stays.
    const setsHorizon = waits && horizon === undefined && Number.isSafeInteger(batch.baseTimestamp)
    if (kept.count === batch.recordCount && !setsHorizon) return batch.bytes()
    checkCrc(batch)
    return thinBatch(batch, {
      records: kept.records(),
      count: kept.count,
      maxTimestamp: kept.maxTimestamp,
      deleteHorizonMs: setsHorizon ? Math.min(nowMs + config.deleteRetentionMs, NEVER_MS) : undefined,
    })
  }

  private *keep(batch: RecordBatch, horizon: number | undefined): Generator<void, Kept> {
    const { map, nowMs } = this.o
    const { baseOffset } = batch
    const tombstonesStay = horizon === undefined || nowMs < horizon
    const r = recordsOf(batch)
    /** Beginning and end of what stays, in turn. */
    const runs: number[] = []
    let count = 0
    let maxDelta = Number.NEGATIVE_INFINITY
    let hasTombstone = false
    for (let n = 1; next(r, batch); n++) {
      if (n % RECORDS_A_STEP === 0) yield
      const offset = baseOffset + r.offsetDelta
      if (offset <= map.latestOffset) {
        if (r.keyLength < 0 || offset < map.lastOffsetOf(r.buf, r.keyStart, r.keyLength)) continue
        if (r.valueLength < 0 && !tombstonesStay) continue
      }
      count++
      if (r.valueLength < 0) hasTombstone = true
      if (r.timestampDelta > maxDelta) maxDelta = r.timestampDelta
      if (runs.at(-1) === r.start) runs[runs.length - 1] = r.end
      else runs.push(r.start, r.end)
    }
    const records = () => {
      const parts: Uint8Array[] = []
      for (let i = 0; i < runs.length; i += 2) parts.push(r.buf.subarray(runs[i], runs[i + 1]))
      return Buffer.concat(parts)
    }
    const appendTime = batch.timestampType === 'LogAppendTime'
    const maxTimestamp = appendTime ? batch.maxTimestamp : batch.baseTimestamp + maxDelta
    return { count, records, maxTimestamp, hasTombstone }
  }

  /** Or one of those before it that may be sent again; or the marker that its epoch is known from. */
  private isLastOfProducer(batch: RecordBatch): boolean {
    const producer = batch.hasProducerId ? this.o.producers.get(batch.producerId) : undefined
    if (!producer) return false
    if (producer.batches.length === 0) return batch.isControl && batch.producerEpoch === producer.epoch
    return producer.batches.some((b) => b.lastOffset === batch.lastOffset)
  }
}

/** What is left of a batch when its records are gone. */
export function emptied(batch: RecordBatch): Buffer {
  if (batch.recordCount === 0) return batch.bytes()
  checkCrc(batch)
  return emptiedBatch(batch)
}

const all = (batch: RecordBatch): Kept => ({
  count: batch.recordCount,
  records: () => plain(batch),
  maxTimestamp: batch.maxTimestamp,
  hasTombstone: false,
})

function recordsOf(batch: RecordBatch): RecordCursor {
  const records = plain(batch)
  return new RecordCursor(records, 0, records.length, batch.recordCount)
}

const plain = (batch: RecordBatch): Buffer => reading(batch, () => decompress(batch.codec, batch.payload()))
const next = (r: RecordCursor, batch: RecordBatch): boolean => reading(batch, () => r.next())

function reading<T>(batch: RecordBatch, fn: () => T): T {
  try {
    return fn()
  } catch (e) {
    if (!(e instanceof MalformedError)) throw e
    throw new DamagedLogError(`the records of the batch at offset ${batch.baseOffset} cannot be read: ${e.message}`)
  }
}

/** What is written anew gets a new checksum: damage must not get one. */
function checkCrc(batch: RecordBatch): void {
  if (!batch.isValid) throw new DamagedLogError(`the batch at offset ${batch.baseOffset} does not match its checksum`)
}
