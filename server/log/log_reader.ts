/**
 * What is asked of a log: batches, from memory or its files, lookups by time, aborted transactions. An index that turns out not to
 * fit its log is built anew, once; a log that is damaged itself is CORRUPT_MESSAGE, a disk that fails
 * KAFKA_STORAGE_ERROR, and neither takes the log offline.
 */
import { KafkaError } from '../protocol/errors.ts'
import { batches } from '../records/batch.ts'
import type { Files } from './files.ts'
import { rebuildIndexes } from './recovery.ts'
import { DamagedLogError, type ReadRange, type Segment } from './segment.ts'
import type { SegmentList } from './segment_list.ts'
import type { Tail } from './tail.ts'
import type { TimestampOffset } from './time_index.ts'
import type { AbortedTxn } from './transaction_index.ts'

export interface ReadableLog {
  readonly name: string
  readonly files: Files
  readonly segments: SegmentList
  readonly indexIntervalBytes: () => number
  readonly tail: Tail
  /** Offsets, the end exclusive. Throws if the log is offline. */
  readonly range: () => { start: number; end: number }
}

export class LogReader {
  private readonly rebuilt = new WeakSet<Segment>()

  constructor(private readonly log: ReadableLog) {}

  /** See `Log.read`. */
  read(o: {
    offset: number
    maxBytes: number
    maxOffset?: number
    minOneBatch?: boolean
  }): readonly Buffer[] | Promise<readonly Buffer[]> {
    const { end } = this.check(o.offset)
    const maxOffset = Math.min(o.maxOffset ?? end, end)
    if (o.offset >= maxOffset) return []
    const range = { offset: o.offset, maxBytes: o.maxBytes, maxOffset, minOneBatch: o.minOneBatch ?? false }
    return this.log.tail.read(range) ?? this.readFiles(range)
  }

  /**
   * Goes on behind batches that compaction has left without records: there are clients that advance by one offset when a fetch
   * brings them no record.
   */
  private async readFiles(range: ReadRange): Promise<readonly Buffer[]> {
    let { offset, maxBytes } = range
    const all: Buffer[] = []
    do {
      const found = await this.readSegment({ ...range, offset, maxBytes })
      const seen = withoutRecords(found)
      if (all.length === 0 && !seen) return found
      all.push(...found)
      if (!seen) break
      offset = seen.nextOffset
      maxBytes -= seen.bytes
    } while (offset < range.maxOffset && maxBytes > 0)
    return all
  }

  private async readSegment(range: ReadRange): Promise<readonly Buffer[]> {
    const { segments } = this.log
    return this.throughSwaps(async () => {
      // Compaction may have left nothing at the end of a segment: then the next one has the answer.
      for (const s of segments.all.slice(segments.indexOf(range.offset))) {
        const found = await this.fromDisk(s, range.offset, () => s.read(range))
        if (found) return found
      }
      return []
    })
  }

  /** The first record at or after a time, in whatever order the timestamps are; undefined if there is none. */
  async offsetForTimestamp(timestampMs: number): Promise<TimestampOffset | undefined> {
    const { start: startOffset } = this.log.range()
    return this.throughSwaps(async () => {
      for (const s of [...this.log.segments.all]) {
        if (s.size === 0 || s.maxTimestamp.timestamp < timestampMs) continue
        const from = Math.max(startOffset, s.baseOffset)
        const found = await this.fromDisk(s, from, () => s.findByTimestamp(timestampMs, from))
        if (found) return found
      }
      return undefined
    })
  }

  /** Whose segment is replaced while the disk is asked begins anew with the new one. */
  private async throughSwaps<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read()
      } catch (e) {
        if (!(e instanceof SegmentGone)) throw e
      }
    }
  }

  /** The first record with the largest timestamp; undefined if no record has one. */
  async maxTimestamp(): Promise<TimestampOffset | undefined> {
    let latest = -1
    this.log.range()
    for (const s of this.log.segments.all) latest = Math.max(latest, s.maxTimestamp.timestamp)
    return latest < 0 ? undefined : this.offsetForTimestamp(latest)
  }

  /** Those with records from `from` to `to` (exclusive): the markers may stand in later segments. */
  abortedTransactions(from: number, to: number): AbortedTxn[] {
    this.log.range()
    const { segments } = this.log
    const found: AbortedTxn[] = []
    try {
      for (const s of segments.all.slice(segments.indexOf(from))) if (s.txnIndex.collect(from, to, found)) break
    } catch (e) {
      throw storageError(e)
    }
    return found
  }

  /** Throws what a reader must hear if the log is offline, or has gone so while the disk was asked, or `offset` is not in it. */
  private check(offset: number): { start: number; end: number } {
    const { name, range } = this.log
    const { start, end } = range()
    if (offset >= start && offset <= end) return { start, end }
    throw new KafkaError('OFFSET_OUT_OF_RANGE', `${name} holds offsets ${start} to ${end}, not ${offset}.`)
  }

  private async fromDisk<T>(s: Segment, offset: number, read: () => Promise<T>): Promise<T> {
    const isGone = () => !this.log.segments.all.includes(s)
    try {
      const found = await read()
      if (!isGone()) return found
      throw new SegmentGone()
    } catch (e) {
      this.check(offset)
      if (isGone()) throw new SegmentGone()
      if (!(e instanceof DamagedLogError)) throw storageError(e)
      if (this.rebuilt.has(s)) throw new KafkaError('CORRUPT_MESSAGE', e.message)
    }
    this.rebuilt.add(s)
    try {
      rebuildIndexes(this.log.files, s, this.log.indexIntervalBytes())
    } catch (e) {
      throw storageError(e)
    }
    return this.fromDisk(s, offset, read)
  }
}

/** Where they end, and how much they are, if there are batches and none holds a record. */
function withoutRecords(found: readonly Buffer[]): { nextOffset: number; bytes: number } | undefined {
  let seen: { nextOffset: number; bytes: number } | undefined
  for (const part of found) {
    for (const batch of batches(part)) {
      if (batch.recordCount > 0) return undefined
      seen = { nextOffset: batch.nextOffset, bytes: (seen?.bytes ?? 0) + batch.sizeInBytes }
    }
  }
  return seen
}

const storageError = (e: unknown): KafkaError =>
  e instanceof KafkaError ? e : new KafkaError('KAFKA_STORAGE_ERROR', (e as Error).message)

/** The segment was replaced: what was read may be of files that were its own no more. */
class SegmentGone extends Error {}
