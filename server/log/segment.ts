/**
 * One segment of a log: the `.log` file and its indexes, named by their base offset. It knows files, positions and
 * indexes; what may be appended and when to roll is the log's to say (`log.ts`), how damage is repaired `recovery.ts`.
 */
import { readInt64 } from '../lib/int64.ts'
import { MalformedError } from '../protocol/wire.ts'
import { BATCH_OVERHEAD, iterateRecords, RecordBatch } from '../records/batch.ts'
import {
  COMPANION_SUFFIXES,
  fileOf,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './file_names.ts'
import type { Files } from './files.ts'
import { OffsetIndex } from './offset_index.ts'
import { scanBatches } from './scan_batches.ts'
import { TimeIndex, type TimestampOffset } from './time_index.ts'
import { TransactionIndex } from './transaction_index.ts'

/** Indexes hold offsets relative to their segment in 32 bits. */
export const MAX_RELATIVE_OFFSET = 2 ** 31 - 1
const MAX_POSITION = 2 ** 31 - 1
const NONE: TimestampOffset = { timestamp: -1, offset: -1 }
const READ_STEP = 256 * 1024
const MOST_AT_ONCE = 16 * 1024 * 1024

/** `maxOffset` is exclusive; with `minOneBatch` the first batch comes whatever its size. */
export interface ReadRange {
  readonly offset: number
  readonly maxBytes: number
  readonly maxOffset: number
  readonly minOneBatch: boolean
}

export interface SegmentFiles {
  readonly logBytes: number
  /** Undefined if the file is missing. */
  readonly indexBytes: number | undefined
  readonly timeIndexBytes: number | undefined
}

/** What a segment was at a moment. */
export interface SegmentMark {
  readonly size: number
  readonly max: TimestampOffset | undefined
  readonly bytesSinceIndexEntry: number
  readonly firstTimestamp: number | undefined
  /** Of the offset index, the time index and, if it is loaded, the transaction index. */
  readonly entries: readonly [number, number, number | undefined]
}

/** What may make a segment full, besides its bytes. */
export interface RollLimits {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentIndexBytes: number
}

export class Segment {
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly txnIndex: TransactionIndex
  /** Both were found, and are of a possible size. */
  readonly hasIndexes: boolean
  /** Bytes of the log, those included that `write` has not brought to the disk yet. */
  size: number
  /** Bytes that the log file may have. */
  private reached: number
  /** Undefined until it has been looked up. */
  private max: TimestampOffset | undefined
  private bytesSinceIndexEntry = 0
  /** Of the first append, what rolling by time counts from; undefined until it has been looked up. */
  private firstTimestamp: number | undefined
  /** What all its files are called besides: `.cleaned`, `.deleted`. */
  private suffix = ''

  /** A new one, with an empty log file. */
  static create(files: Files, dir: string, baseOffset: number, o: { nowMs: number; rollJitterMs: number }): Segment {
    const none = { logBytes: 0, indexBytes: 0, timeIndexBytes: 0 }
    const made = new Segment(files, dir, baseOffset, none, o.nowMs, o.rollJitterMs)
    files.get(made.logPath, 'write')
    return made
  }

  constructor(
    readonly files: Files,
    private dir: string,
    readonly baseOffset: number,
    found: SegmentFiles,
    /** When this object was made, ms since the epoch: stands in where records have no timestamps. */
    readonly createdMs: number,
    /** Of segment.jitter.ms, how much earlier this one rolls. */
    readonly rollJitterMs: number,
  ) {
    this.size = found.logBytes
    this.reached = found.logBytes
    const file = (suffix: string) => `${dir}/${fileOf(baseOffset, suffix)}`
    this.offsetIndex = new OffsetIndex(files, file(INDEX_SUFFIX), baseOffset, found.indexBytes ?? 0)
    this.timeIndex = new TimeIndex(files, file(TIME_INDEX_SUFFIX), baseOffset, found.timeIndexBytes ?? 0)
    this.txnIndex = new TransactionIndex(files, file(TXN_INDEX_SUFFIX), baseOffset)
    if (found.logBytes === 0) this.max = NONE
    this.hasIndexes =
      found.indexBytes !== undefined &&
      found.timeIndexBytes !== undefined &&
      found.indexBytes % this.offsetIndex.file.entrySize === 0 &&
      found.timeIndexBytes % this.timeIndex.file.entrySize === 0
  }

  /** After an unclean stop: are the entries in order, and do they point into the log? */
  indexesLookRight(): boolean {
    return (
      this.offsetIndex.file.ascends((e) => e.readUInt32BE(0)) &&
      this.offsetIndex.file.ascends((e) => e.readUInt32BE(4)) &&
      this.timeIndex.file.ascends((e) => readInt64(e, 0)) &&
      this.indexesEndWell()
    )
  }

  /** After a clean stop: could the last entries be those of this log? */
  indexesEndWell(): boolean {
    const { timestamp, offset } = this.timeIndex.last
    return (
      (this.size === 0 || this.offsetIndex.lastPosition < this.size) &&
      timestamp >= -1 &&
      timestamp <= Number.MAX_SAFE_INTEGER &&
      this.canHold(offset)
    )
  }

  get logPath(): string {
    return this.pathOf(LOG_SUFFIX)
  }

  private pathOf(kind: string): string {
    return `${this.dir}/${fileOf(this.baseOffset, kind)}${this.suffix}`
  }

  get maxTimestamp(): TimestampOffset {
    return (this.max ??= this.timeIndex.file.count > 0 ? this.timeIndex.last : NONE)
  }

  /** What retention counts from, ms since the epoch. */
  get largestTimestamp(): number {
    return this.maxTimestamp.timestamp >= 0 ? this.maxTimestamp.timestamp : this.createdMs
  }

  canHold(lastOffset: number): boolean {
    return lastOffset - this.baseOffset <= MAX_RELATIVE_OFFSET
  }

  /** Must a new segment begin before this append? */
  isFullFor(
    append: { bytes: number; lastOffset: number; maxTimestamp: number; now: number },
    limits: RollLimits,
  ): boolean {
    if (!this.canHold(append.lastOffset)) return true
    const full =
      this.size > Math.min(limits.segmentBytes, MAX_POSITION) - append.bytes ||
      this.offsetIndex.isFull(limits.segmentIndexBytes) ||
      this.timeIndex.isFull(limits.segmentIndexBytes)
    if (this.size === 0) return false
    return full || this.age(append.maxTimestamp, append.now) > limits.segmentMs - this.rollJitterMs
  }

  /** By the records' own time, as far as they have one. */
  private age(maxTimestamp: number, now: number): number {
    const first = this.firstBatchTimestamp
    return first >= 0 ? maxTimestamp - first : now - this.createdMs
  }

  /** The largest of the first batch, -1 if there is none. */
  get firstBatchTimestamp(): number {
    return (this.firstTimestamp ??= this.readFirstTimestamp())
  }

  private readFirstTimestamp(): number {
    const header = Buffer.alloc(BATCH_OVERHEAD)
    const n = this.files.get(this.logPath, 'read').readSync(header, 0)
    return n < BATCH_OVERHEAD ? -1 : new RecordBatch(header).maxTimestamp
  }

  /** Takes a batch in at the end: `write` brings it and its predecessors to the disk, so that one turn is one write. */
  noteBatch(batch: RecordBatch, indexIntervalBytes: number): void {
    const { maxTimestamp, lastOffset } = batch
    if (this.size === 0) this.firstTimestamp = maxTimestamp
    if (maxTimestamp > this.maxTimestamp.timestamp) this.max = { timestamp: maxTimestamp, offset: lastOffset }
    if (this.bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, this.size)
      this.timeIndex.maybeAppend(this.maxTimestamp)
      this.bytesSinceIndexEntry = 0
    }
    const bytes = batch.sizeInBytes
    this.bytesSinceIndexEntry += bytes
    this.size += bytes
  }

  /** Writes the batches noted last, `bytes` altogether. */
  write(parts: readonly Buffer[], bytes: number): void {
    const file = this.files.get(this.logPath, 'write')
    this.reached = this.size
    file.write(parts, this.size - bytes)
  }

  /** Nothing will be appended for now: the time index ends with the maximum, both are in their files. */
  finishIndexes(): void {
    this.timeIndex.maybeAppend(this.maxTimestamp)
    this.flushIndexes()
  }

  /** Writes what the indexes hold in memory. */
  flushIndexes(): void {
    this.offsetIndex.file.flush()
    this.timeIndex.file.flush()
    this.txnIndex.flush()
  }

  /** Writes them, and makes those that `syncIndexes` would have to make. */
  makeIndexes(): void {
    this.offsetIndex.file.make()
    this.timeIndex.file.make()
    this.txnIndex.flush()
  }

  /** What it is now, for `rewind`. */
  mark(): SegmentMark {
    const { size, max, bytesSinceIndexEntry, firstTimestamp } = this
    return {
      size,
      max,
      bytesSinceIndexEntry,
      firstTimestamp,
      entries: [this.offsetIndex.file.count, this.timeIndex.file.count, this.txnIndex.loadedCount],
    }
  }

  /** Takes back what came since, as if it had never been. */
  rewind(to: SegmentMark): void {
    if (this.reached > to.size) this.files.get(this.logPath, 'write').truncate(to.size)
    this.reached = to.size
    this.size = to.size
    this.max = to.max
    this.bytesSinceIndexEntry = to.bytesSinceIndexEntry
    this.firstTimestamp = to.firstTimestamp
    this.offsetIndex.file.rewind(to.entries[0])
    this.timeIndex.file.rewind(to.entries[1])
    this.txnIndex.rewind(to.entries[2])
  }

  async syncLog(): Promise<void> {
    await this.files.get(this.logPath, 'write').sync()
  }

  async syncIndexes(): Promise<void> {
    await Promise.all([this.offsetIndex.file.sync(), this.timeIndex.file.sync(), this.txnIndex.sync()])
  }

  /** After a clean stop: reads on from the last index entry. Undefined if what it finds does not fit together. */
  loadEnd(see: (batch: RecordBatch) => void): number | undefined {
    let nextOffset = this.baseOffset
    if (this.size === 0) return nextOffset
    const from = this.offsetIndex.lastPosition
    if (from >= this.size) return undefined
    const file = this.files.get(this.logPath, 'read')
    const end = scanBatches(file, { from, size: this.size, checkCrc: false }, (batch) => {
      if (batch.baseOffset < nextOffset) return false
      nextOffset = batch.nextOffset
      // The last entry of the time index has the maximum, but not if it was made by others, or the file is gone.
      if (batch.maxTimestamp > this.maxTimestamp.timestamp) {
        this.max = { timestamp: batch.maxTimestamp, offset: batch.lastOffset }
      }
      see(batch)
    })
    this.bytesSinceIndexEntry = this.size - from
    return end === this.size && this.canHold(nextOffset - 1) ? nextOffset : undefined
  }

  /** Forgets the indexes but that of transactions, the size and the maximum; `noteBatch` of every batch then builds them anew. */
  reset(): void {
    this.size = 0
    this.offsetIndex.file.clear()
    this.timeIndex.file.clear()
    this.max = NONE
    this.bytesSinceIndexEntry = 0
    this.firstTimestamp = undefined
  }

  /** Cuts the log to `bytes`, which end at `nextOffset`, and the indexes with it. */
  truncate(bytes: number, nextOffset: number): void {
    this.files.get(this.logPath, 'write').truncate(bytes)
    this.size = bytes
    this.reached = bytes
    this.offsetIndex.truncateTo(nextOffset)
    this.timeIndex.truncateTo(nextOffset)
    this.txnIndex.truncateTo(nextOffset)
    this.max = undefined
    this.bytesSinceIndexEntry = 0
    if (bytes === 0) {
      this.max = NONE
      this.firstTimestamp = undefined
    }
  }

  /** Position and base offset of the first batch that ends at or after `offset`; undefined if none does. */
  locate(offset: number): { position: number; baseOffset: number } | undefined {
    let found: { position: number; baseOffset: number } | undefined
    const from = this.offsetIndex.lookup(offset)
    const file = this.files.get(this.logPath, 'read')
    scanBatches(file, { from, size: this.size, checkCrc: false }, (batch, position) => {
      if (batch.lastOffset < offset) return
      found = { position, baseOffset: batch.baseOffset }
      return false
    })
    return found
  }

  /**
   * Whole batches from the one that holds `offset`, in one piece. Reads a little more than `maxBytes`, because the index
   * is sparse; what is not asked for is not returned. Undefined if this segment ends before. Throws a DamagedLogError if
   * log and index do not fit together.
   */
  async read(o: ReadRange): Promise<Buffer[] | undefined> {
    // What is appended while this waits is after `maxOffset`, so not for this reader.
    const { size } = this
    let position = this.offsetIndex.lookup(o.offset)
    let bytes = Math.min(o.maxBytes, MOST_AT_ONCE) + READ_STEP / 16
    let first = true
    while (position < size) {
      const buf = await this.readBytes(position, Math.min(bytes, size - position))
      if (first && position > 0 && new RecordBatch(buf).baseOffset > o.offset) throw this.damaged(o.offset)
      first = false
      const found = this.select(buf, size - position, o)
      if ('from' in found && found.to > found.from) return [buf.subarray(found.from, found.to)]
      this.files.blocks.give(buf)
      if ('from' in found) return []
      position += found.skip
      bytes = Math.max(bytes, found.need)
    }
    return undefined
  }

  /** Which bytes of `buf` are the answer; or, if the batch looked for is not whole in it, where to go on and how far. */
  private select(
    buf: Buffer,
    left: number,
    o: ReadRange,
  ): { from: number; to: number } | { skip: number; need: number } {
    let at = 0
    let from = -1
    while (buf.length - at >= BATCH_OVERHEAD) {
      const batch = new RecordBatch(buf, at)
      const bytes = batch.sizeInBytes
      this.checkPlausible(batch, left - at)
      if (batch.lastOffset >= o.offset) {
        if (batch.nextOffset > o.maxOffset) return { from: Math.max(from, 0), to: from < 0 ? 0 : at }
        if (from < 0) {
          if (bytes > o.maxBytes && !o.minOneBatch) return { from: 0, to: 0 }
          if (bytes > buf.length - at) return { skip: at, need: bytes }
          from = at
        } else if (at + bytes - from > o.maxBytes || bytes > buf.length - at) break
      }
      at += bytes
    }
    return from < 0 ? { skip: at, need: BATCH_OVERHEAD } : { from, to: at }
  }

  /** The first record at or after a time and at or after `startOffset`. */
  async findByTimestamp(timestampMs: number, startOffset: number): Promise<TimestampOffset | undefined> {
    const { size } = this
    let position = this.offsetIndex.lookup(Math.max(this.timeIndex.lookup(timestampMs).offset, startOffset))
    let need = READ_STEP
    while (position < size) {
      const buf = await this.readBytes(position, Math.min(need, size - position))
      let at = 0
      need = READ_STEP
      while (buf.length - at >= BATCH_OVERHEAD) {
        const batch = new RecordBatch(buf, at)
        const bytes = batch.sizeInBytes
        this.checkPlausible(batch, size - position - at)
        if (batch.maxTimestamp >= timestampMs && batch.lastOffset >= startOffset) {
          if (bytes > buf.length - at) {
            need = Math.max(READ_STEP, bytes)
            break
          }
          const found = firstAtOrAfter(batch, timestampMs, startOffset)
          if (found) return found
        }
        at += bytes
      }
      position += at
    }
    return undefined
  }

  private async readBytes(position: number, length: number): Promise<Buffer> {
    const buf = this.files.blocks.take(length)
    const n = await this.files.get(this.logPath, 'read').read(buf, position)
    if (n < Math.min(length, BATCH_OVERHEAD)) throw this.damaged(this.baseOffset)
    return n === length ? buf : buf.subarray(0, n)
  }

  private checkPlausible(batch: RecordBatch, left: number): void {
    const bytes = batch.sizeInBytes
    if (bytes < BATCH_OVERHEAD || bytes > left || batch.magic !== 2) throw this.damaged(batch.baseOffset)
  }

  private damaged(offset: number): DamagedLogError {
    return new DamagedLogError(`${this.logPath} or its index is damaged at offset ${offset} or before.`)
  }

  /**
   * Renames all files so that a later start removes them; who is reading reads on. The log goes first: what is left
   * without it is an orphan.
   */
  markDeleted(suffix: string): string[] {
    return this.rename(suffix, [LOG_SUFFIX, ...COMPANION_SUFFIXES])
  }

  /** Gives those of its files that there are another suffix, in this order; returns their new paths. */
  rename(suffix: string, kinds: readonly string[]): string[] {
    const from = kinds.map((kind) => this.pathOf(kind))
    this.nameFiles(suffix)
    return kinds.flatMap((kind, i) => {
      if (!this.files.disk.exists(from[i]!)) return []
      this.files.forget(from[i]!)
      this.files.disk.rename(from[i]!, this.pathOf(kind))
      return [this.pathOf(kind)]
    })
  }

  /** The folder was renamed. */
  moved(dir: string): void {
    this.dir = dir
    this.nameFiles(this.suffix)
  }

  /** What its files are called besides; they are not touched. */
  nameFiles(suffix: string): void {
    this.suffix = suffix
    this.offsetIndex.file.path = this.pathOf(INDEX_SUFFIX)
    this.timeIndex.file.path = this.pathOf(TIME_INDEX_SUFFIX)
    this.txnIndex.path = this.pathOf(TXN_INDEX_SUFFIX)
  }
}

/** A batch whose records cannot be read (a producer compressed noise) counts as a whole. */
function firstAtOrAfter(batch: RecordBatch, timestampMs: number, startOffset: number): TimestampOffset | undefined {
  try {
    for (const { offset, timestamp } of iterateRecords(batch)) {
      if (timestamp >= timestampMs && offset >= startOffset) return { offset, timestamp }
    }
    return undefined
  } catch (e) {
    if (!(e instanceof MalformedError)) throw e
    return { offset: Math.max(batch.baseOffset, startOffset), timestamp: batch.maxTimestamp }
  }
}

/** Bytes in the middle of a log that are no batch, found while reading. */
export class DamagedLogError extends Error {
  override name = 'DamagedLogError'
}
