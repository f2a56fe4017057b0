/**
 * One partition's log: append, read, look up, cut at either end, keep durable. Offsets and leader epoch are written into
 * the batches where they stand; nothing is encoded anew. Who leads, what is committed and who waits is `replication/`.
 *
 * A write or sync that fails takes the log offline for good: every later call throws KAFKA_STORAGE_ERROR, nothing that
 * was not synced before is ever called durable, and only opening the folder again (`recovery.ts`) says what is left.
 * Compaction (`compaction/`) works beside it and has it swap segments.
 */
import { KafkaError } from '../protocol/errors.ts'
import type { RecordBatch } from '../records/batch.ts'
import { extentOf } from './append_extent.ts'
import { type AppendItem, type AppendResult, sentAgain } from './append_item.ts'
import { beginAnew } from './begin_anew.ts'
import { type CheckedItem, checkItem } from './checked_item.ts'
import { deleteFolder, removeLater, setFolderAside } from './deletion.ts'
import { isOutOfRoom } from './disk_room.ts'
import { Durability } from './durability.ts'
import { partitionName, type TopicPartition } from './file_names.ts'
import { followerBatches } from './follower_batches.ts'
import { GroupedWrite } from './grouped_write.ts'
import type { LeaderEpochs } from './leader_epochs.ts'
import type { LogConfig } from './log_config.ts'
import { type LogContext, type OpenOptions, rollJitter } from './log_context.ts'
import { LogReader } from './log_reader.ts'
import type { CompletedTxn, ProducerState } from './producer_state.ts'
import { type LoadedLog, loadLog, reloadProducers } from './recovery.ts'
import { expiredSegments } from './retention.ts'
import { MAX_RELATIVE_OFFSET, Segment } from './segment.ts'
import { SegmentList } from './segment_list.ts'
import { SnapshotFiles } from './snapshot_files.ts'
import { Tail } from './tail.ts'
import type { AbortedTxn } from './transaction_index.ts'

export type { AppendItem, AppendResult } from './append_item.ts'

export class Log {
  readonly name: string
  readonly topicPartition: TopicPartition
  topicId: string | undefined
  /** May be replaced; read anew at each use. */
  config: LogConfig
  /** Bytes that were appended since it was opened. */
  bytesAppended = 0
  /** What the high watermark checkpoint shall say; undefined: the log's end. */
  highWatermark: number | undefined
  /** Exclusive: up to here it was compacted, see `compaction/`. */
  cleanedTo: number
  /** What recovery cut off, bytes. */
  readonly cutBytes: number

  /** Where it is; changes when it is deleted. */
  dir: string
  readonly segments: SegmentList
  /** What is looked up by time is asked of it. */
  readonly reader: LogReader
  private startOffset: number
  private endOffset: number
  private producers: ProducerState
  readonly epochs: LeaderEpochs
  private readonly snapshots: SnapshotFiles
  private readonly tail: Tail
  private offline: KafkaError | undefined
  private readonly durability: Durability
  /** Nothing has changed since a clean stop left it so. */
  private untouched: boolean

  static open(context: LogContext, o: OpenOptions): Log {
    const loaded = loadLog({
      ...o,
      files: context.files,
      now: context.env.clock.now(),
      producerIdExpirationMs: context.producerIdExpirationMs(),
      rollJitterMs: () => rollJitter(context, o.config),
    })
    return new Log(context, o, loaded)
  }

  private constructor(
    private readonly context: LogContext,
    o: OpenOptions,
    loaded: LoadedLog,
  ) {
    this.name = partitionName(o)
    this.topicPartition = { topic: o.topic, partition: o.partition }
    this.topicId = o.topicId
    this.config = o.config
    this.dir = o.dir
    this.segments = new SegmentList(loaded.segments)
    this.tail = new Tail(context.tailCache)
    this.reader = new LogReader({
      name: this.name,
      files: context.files,
      segments: this.segments,
      indexIntervalBytes: () => this.config.indexIntervalBytes,
      tail: this.tail,
      range: () => {
        this.checkOnline()
        return { start: this.startOffset, end: this.endOffset }
      },
    })
    this.startOffset = loaded.logStartOffset
    this.endOffset = loaded.logEndOffset
    this.producers = loaded.producers
    this.epochs = loaded.epochs
    this.snapshots = new SnapshotFiles(context.files, loaded.snapshots)
    this.cutBytes = loaded.cutBytes
    this.cleanedTo = o.cleanedTo
    this.durability = new Durability(this, {
      ...{ context, segments: this.segments, epochs: this.epochs },
      ...{ recoveryPoint: loaded.recoveryPoint, created: o.created, clean: o.clean },
    })
    this.untouched = o.clean && !o.created && loaded.cutBytes === 0
  }

  get logStartOffset(): number {
    return this.startOffset
  }
  /** Exclusive. */
  get logEndOffset(): number {
    return this.endOffset
  }
  /** Exclusive: up to here everything survives a crash, and recovery need not look at it. */
  get recoveryPoint(): number {
    return this.durability.recoveryPoint
  }
  /**
   * What the recovery point checkpoint says. Not the end itself: after a crash a new segment could begin there, and the
   * indexes of the one before, just rebuilt, would pass for durable.
   */
  get recoveryCheckpoint(): number {
    return Math.min(this.recoveryPoint, Math.max(this.segments.active.baseOffset, this.endOffset - 1))
  }
  get sizeInBytes(): number {
    return this.segments.sizeInBytes
  }
  get segmentOffsets(): number[] {
    return this.segments.all.map((s) => s.baseOffset)
  }
  get latestEpoch(): number | undefined {
    return this.epochs.latest
  }
  get isOffline(): boolean {
    return this.offline !== undefined
  }
  /** flush.messages demands a sync before anything more is acknowledged; it is under way. */
  get flushDue(): boolean {
    return this.durability.flushPolicy.isDue(this.durability.unflushed)
  }
  /** How often it was cut at its end. */
  get truncations(): number {
    return this.durability.truncations
  }
  get activeProducers(): ProducerState {
    return this.producers
  }

  isIn(logDir: string): boolean {
    return this.dir.startsWith(`${logDir}/`)
  }

  /** Exclusive end of what read_committed may see. */
  lastStableOffset(highWatermark: number): number {
    const unstable = this.producers.firstUnstableOffset(highWatermark)
    return unstable === undefined ? highWatermark : Math.min(unstable, highWatermark)
  }

  // --- appending ---

  /**
   * Appends what one turn of the event loop has received, as one write. Each item succeeds or fails alone: its place in
   * the answer holds a result or what was wrong: a KafkaError, or our bug in looking at it. Throws KAFKA_STORAGE_ERROR,
   * and has appended nothing that counts, if the disk fails.
   */
  append(items: readonly AppendItem[], o: { leaderEpoch: number; nowMs: number }): (AppendResult | Error)[] {
    this.checkOnline()
    return this.allOrNothing(() => {
      const write = new GroupedWrite(this.tail)
      const results = items.map((item) => {
        const checked = checkItem(item, this.config, o.nowMs)
        if (checked instanceof Error) return checked
        try {
          return this.take(checked, o, write)
        } catch (e) {
          if (e instanceof KafkaError && e.error !== 'KAFKA_STORAGE_ERROR') return e
          throw e
        }
      })
      this.commit(write)
      return results
    })
  }

  /**
   * Appends batches as a leader has them, with its offsets and epochs. They must follow the log's end; gaps are allowed,
   * as compaction leaves them. Returns the new end.
   */
  appendAsFollower(records: Buffer): number {
    this.checkOnline()
    const all = followerBatches(records, this)
    const now = this.context.env.clock.now()
    return this.allOrNothing(() => {
      const write = new GroupedWrite(undefined)
      this.tail.clear()
      for (const batch of all) {
        this.makeRoom([batch], batch.baseOffset, now, write)
        const completed = this.producers.appendAll([batch], batch.baseOffset, 'replication', now)
        this.place(batch, write)
        this.noteAborted(completed)
      }
      this.commit(write)
      return this.endOffset
    })
  }

  private take(
    { all, origin, logAppendTimeMs }: CheckedItem,
    o: { leaderEpoch: number; nowMs: number },
    write: GroupedWrite,
  ): AppendResult {
    const earlier = origin === 'client' ? this.producers.duplicateOf(all[0]!) : undefined
    if (earlier) return sentAgain(earlier, { logAppendTimeMs, logStartOffset: this.startOffset })
    this.makeRoom(all, this.endOffset, o.nowMs, write)
    const completed = this.producers.appendAll(all, this.endOffset, origin, o.nowMs)
    const baseOffset = this.endOffset
    for (const batch of all) {
      batch.baseOffset = this.endOffset
      batch.partitionLeaderEpoch = o.leaderEpoch
      this.place(batch, write)
    }
    this.noteAborted(completed)
    return {
      baseOffset,
      lastOffset: this.endOffset - 1,
      logAppendTimeMs,
      logStartOffset: this.startOffset,
      duplicate: false,
    }
  }

  /**
   * Rolls before an append that does not fit. Before its producers are taken in, too: the snapshot that goes with the new
   * segment must not know of what comes after it.
   */
  private makeRoom(all: readonly RecordBatch[], baseOffset: number, now: number, write: GroupedWrite): void {
    const extent = extentOf(all, baseOffset)
    const active = this.segments.active
    if (!active.isFullFor({ ...extent, now }, this.config)) return
    write.toDisk(active)
    this.roll(extent.lastOffset - this.endOffset <= MAX_RELATIVE_OFFSET ? this.endOffset : baseOffset)
  }

  /** The batch is the log's from here on, at its end. */
  private place(batch: RecordBatch, write: GroupedWrite): void {
    this.segments.active.noteBatch(batch, this.config.indexIntervalBytes)
    this.epochs.assign(batch.partitionLeaderEpoch, batch.baseOffset)
    this.endOffset = batch.nextOffset
    write.add(batch)
  }

  /** For readers of committed records. After the marker has been placed, which may have begun a segment. */
  private noteAborted(completed: readonly CompletedTxn[]): void {
    for (const txn of completed) if (txn.aborted) this.segments.active.txnIndex.append(txn)
  }

  private commit(write: GroupedWrite): void {
    this.bytesAppended += write.totalBytes
    if (write.totalBytes === 0) return
    this.untouched = false
    write.toDisk(this.segments.active)
    this.durability.flushPolicy.appended(this.durability.unflushed)
  }

  /** Begins a new segment at `baseOffset`. */
  private roll(baseOffset: number): void {
    const old = this.segments.active
    if (old.size === 0) this.beginSegment(baseOffset, this.dropFrom(this.segments.count - 1))
    else {
      old.finishIndexes()
      this.snapshots.write(this.dir, this.endOffset, this.producers)
      this.durability.segmentRolled(old)
      this.addSegment(baseOffset)
    }
    this.durability.segmentBegan()
  }

  private addSegment(baseOffset: number): void {
    const { files, env } = this.context
    const rollJitterMs = rollJitter(this.context, this.config)
    this.segments.add(Segment.create(files, this.dir, baseOffset, { nowMs: env.clock.now(), rollJitterMs }))
    this.durability.newNames = true
    this.untouched = false
  }

  /** In the place of those whose files are `gone`. */
  private beginSegment(baseOffset: number, gone: readonly string[]): void {
    beginAnew(this.context.files, this.dir, gone, baseOffset, () => this.addSegment(baseOffset))
  }

  /** Begins a new segment now, if the active one holds anything. */
  rollNow(): void {
    this.checkOnline()
    if (this.segments.active.size > 0) this.allOrNothing(() => this.roll(this.endOffset))
  }

  // --- durability ---

  /** Resolves when everything appended before the call survives a crash. Concurrent callers share syncs. */
  sync(): Promise<void> {
    if (this.offline) return Promise.reject(this.offline)
    return this.durability.sync()
  }

  /** Has the files say what is known in memory, for Kafka's tools, and frees that memory. */
  flushIndexes(): void {
    if (this.offline || this.untouched) return
    try {
      this.segments.active.flushIndexes()
    } catch (e) {
      // What finds no room stays in memory.
      if (!isOutOfRoom(e)) throw this.fail(e)
    }
  }

  /** Leaves the folder as a clean stop does. The log must not be used any more. */
  async close(): Promise<void> {
    if (this.offline) return
    this.durability.flushPolicy.rest()
    if (!this.untouched)
      await this.durability.settle(() => this.snapshots.write(this.dir, this.endOffset, this.producers))
    this.tail.clear()
    this.context.files.forgetFolder(this.dir)
    this.offline = new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} is closed.`)
  }

  // --- reading ---

  /**
   * Whole batches from the one that holds `offset`, up to `maxOffset` (exclusive; default: the log's end) and `maxBytes`;
   * with `minOneBatch` the first whatever its size. Nothing at the end. A promise only where the disk is asked. Throws
   * or rejects with OFFSET_OUT_OF_RANGE outside the log.
   */
  read(o: {
    offset: number
    maxBytes: number
    maxOffset?: number
    minOneBatch?: boolean
  }): readonly Buffer[] | Promise<readonly Buffer[]> {
    return this.reader.read(o)
  }

  /** Transactions that were aborted and have records from `from` to `to` (exclusive), in the order of their markers. */
  abortedTransactions(from: number, to: number): AbortedTxn[] {
    return this.reader.abortedTransactions(from, to)
  }

  /** Where an epoch ended, exclusive, and the largest known epoch not above it; -1 and -1 if it is not known. */
  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    return this.epochs.endOffsetFor(epoch, this.endOffset)
  }

  // --- cutting ---

  /** Moves the start up to `offset`, which must not be beyond the log's end. Going back does nothing. */
  deleteRecordsBefore(offset: number): void {
    this.checkOnline()
    if (offset > this.endOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
    if (offset <= this.startOffset) return
    const before = this.startOffset
    this.guarded(() => {
      this.untouched = false
      // On a full disk this is what makes room.
      this.deleteSegments(this.segments.indexOf(offset))
      this.startOffset = offset
      if (!this.context.onLogStart(this)) this.startOffset = Math.max(before, this.segments.first.baseOffset)
      this.epochs.truncateFromStart(this.startOffset)
    })
    if (this.startOffset < offset)
      throw new KafkaError('KAFKA_STORAGE_ERROR', `There is no room to note where ${this.name} starts.`)
  }

  /** Removes segments before the log's start, or that retention.ms and retention.bytes do not cover. Returns how many. */
  deleteOldSegments(o: { nowMs: number; highWatermark: number }): number {
    this.checkOnline()
    const { logStartOffset, logEndOffset } = this
    const log = { logStartOffset, logEndOffset, highWatermark: o.highWatermark }
    let n = expiredSegments(this.segments.all, log, this.config, o.nowMs)
    if (n === this.segments.count && !this.hasRolled()) n--
    if (n === 0) return 0
    this.guarded(() => {
      this.startOffset = Math.max(this.startOffset, this.segments.all[n]!.baseOffset)
      this.epochs.truncateFromStart(this.startOffset)
      this.untouched = false
      this.deleteSegments(n)
    })
    return n
  }

  /** False if there is no room for another segment. */
  private hasRolled(): boolean {
    try {
      this.rollNow()
    } catch {
      this.checkOnline()
      return false
    }
    return true
  }

  /** The first `n`: oldest first, so that what a crash leaves is without gaps. */
  private deleteSegments(n: number): void {
    if (n <= 0) return
    this.snapshots.secure(this.dir, this.segments.all[n]!.baseOffset)
    this.durability.forget(this.segments.all.slice(0, n))
    const gone = this.segments.dropFirst(n)
    const first = this.segments.first.baseOffset
    gone.push(...this.snapshots.drop(this.dir, (offset) => offset < first))
    this.context.files.disk.syncDirectory(this.dir)
    removeLater(this.context, gone, this.config.fileDeleteDelayMs)
  }

  /**
   * Forgets everything at and after `offset`; whole batches, so the end may come to lie before it. Epochs without records at the
   * end go in any case: their leaders were replaced before they wrote any.
   */
  truncateTo(offset: number): void {
    this.checkOnline()
    if (offset >= this.endOffset) {
      this.untouched = false
      this.epochs.truncateFromEnd(this.endOffset)
      return
    }
    if (offset <= this.startOffset) {
      this.truncateFullyAndStartAt(offset)
      return
    }
    this.guarded(() => {
      this.durability.truncations++
      this.untouched = false
      this.tail.clear()
      const gone = this.dropFrom(this.segments.indexOf(offset) + 1)
      const s = this.segments.active
      const at = s.locate(offset)
      if (at) s.truncate(at.position, at.baseOffset)
      this.cutTo(at ? Math.min(at.baseOffset, offset) : offset)
      for (const path of gone) this.context.files.disk.remove(path)
      this.producers = reloadProducers(this.context.files, {
        now: this.context.env.clock.now(),
        dir: this.dir,
        segments: this.segments.all,
        snapshots: this.snapshots.offsets,
        endOffset: this.endOffset,
      })
    })
  }

  /** Forgets everything; the next record gets `offset`. */
  truncateFullyAndStartAt(offset: number): void {
    this.checkOnline()
    this.guarded(() => {
      this.durability.truncations++
      this.untouched = false
      this.tail.clear()
      this.beginSegment(offset, this.dropFrom(0))
      this.startOffset = offset
      this.cutTo(offset)
      this.producers.load([])
      this.context.onLogStart(this)
    })
  }

  /** For compaction, up to `endOffset`: what `swap` puts segments in the place of is removed after file.delete.delay.ms. */
  swapSegments(endOffset: number, swap: (segments: SegmentList, snapshots: SnapshotFiles) => string[]): void {
    this.checkOnline()
    this.tail.clearBelow(endOffset)
    this.guarded(() => {
      removeLater(this.context, swap(this.segments, this.snapshots), this.config.fileDeleteDelayMs)
      this.durability.newNames = true
      this.untouched = false
    })
  }

  private dropFrom(i: number): string[] {
    this.durability.forget(this.segments.all.slice(i))
    return this.segments.dropFrom(i)
  }

  private cutTo(endOffset: number): void {
    this.endOffset = endOffset
    this.durability.cutTo(endOffset, this.segments.active)
    this.cleanedTo = Math.min(this.cleanedTo, endOffset)
    this.epochs.truncateFromEnd(endOffset)
    for (const path of this.snapshots.drop(this.dir, (offset) => offset > endOffset))
      this.context.files.disk.remove(path)
  }

  /** Puts the folder away under another name; who is reading reads on until its files go, after file.delete.delay.ms, or stay, if `kept`. */
  delete({ kept = false } = {}): void {
    const { context, topicPartition: p, dir, config } = this
    this.dir = kept ? setFolderAside(context, p, dir) : deleteFolder(context, p, dir, config.fileDeleteDelayMs)
    for (const s of this.segments.all) s.moved(this.dir)
    this.durability.flushPolicy.rest()
    this.tail.clear()
    this.offline = new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} is deleted.`)
  }

  /** Gives the folder another name in the same log dir. */
  moveFolder(dir: string): void {
    this.guarded(() => {
      this.context.files.forgetFolder(this.dir)
      this.context.files.disk.rename(this.dir, dir)
      this.dir = dir
      for (const s of this.segments.all) s.moved(dir)
    })
  }

  /** Has the records of `other`, and from now on knows the same of producers: safe once all is synced. */
  takeOver(other: Log): void {
    this.cleanedTo = other.cleanedTo
    this.producers.load([...other.producers.all].map((p) => ({ ...p })))
    this.snapshots.drop(this.dir, (offset) => offset === this.endOffset)
    this.allOrNothing(() => {
      if (this.segments.active.size > 0) this.roll(this.endOffset)
      else this.snapshots.write(this.dir, this.endOffset, this.producers)
      this.snapshots.secure(this.dir, this.endOffset)
      this.durability.newNames = true
    })
  }

  /** Forgets producers that have not written for producer.id.expiration.ms. */
  expireProducers(nowMs: number): void {
    this.producers.expire(nowMs, this.context.producerIdExpirationMs())
  }

  // --- failing ---

  checkOnline(): void {
    if (this.offline) throw this.offline
  }

  /** From outside: the disk that it shares with others has failed. */
  goOffline(cause: Error): void {
    this.fail(cause)
  }

  /**
   * An append that finds no room is taken back as if it had never been, and answered KAFKA_STORAGE_ERROR: what was there
   * before is served on, and the next append may find room again. Any other failure is the end.
   */
  private allOrNothing<T>(fn: () => T): T {
    const { endOffset, bytesAppended } = this
    const { count, active } = this.segments
    const mark = active.mark()
    this.producers.remember()
    try {
      return fn()
    } catch (e) {
      if (!isOutOfRoom(e)) throw this.fail(e)
      this.guarded(() => {
        // One that was empty and gave way to another cannot come back.
        if (this.segments.all[count - 1] !== active) throw e
        this.tail.clear()
        for (const path of this.dropFrom(count)) this.context.files.disk.remove(path)
        for (const path of this.snapshots.drop(this.dir, (offset) => offset > endOffset))
          this.context.files.disk.remove(path)
        active.rewind(mark)
        this.durability.cutTo(endOffset, active)
        this.endOffset = endOffset
        this.bytesAppended = bytesAppended
        this.producers.rewind(endOffset)
        this.epochs.truncateFromEnd(endOffset)
      })
      this.context.onNoRoom(e)
      throw new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} takes no records now: ${e.message}`)
    } finally {
      this.producers.settle()
    }
  }

  /** Whatever goes wrong inside has left the log half-way: it is over. Answers that are no failure are not thrown here. */
  private guarded<T>(fn: () => T): T {
    try {
      return fn()
    } catch (e) {
      throw this.fail(e)
    }
  }

  fail(e: unknown): KafkaError {
    if (this.offline) return this.offline
    const cause = e instanceof Error ? e : new Error(String(e))
    this.offline = new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} is offline: ${cause.message}`)
    this.offline.cause = cause
    this.tail.clear()
    this.context.onOffline(this, cause)
    return this.offline
  }
}
