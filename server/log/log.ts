/**
 * One partition's log: append, read, look up, cut at either end, keep durable. Offsets and leader epoch are written into
 * the batches where they stand; nothing is encoded anew. Who leads, what is committed and who waits is `replication/`.
 *
 * A write or sync that fails takes the log offline for good: every later call throws KAFKA_STORAGE_ERROR, nothing that
 * was not synced before is ever called durable, and only opening the folder again (`recovery.ts`) says what is left.
 * Compaction and the index of aborted transactions are not here yet.
 */
import type { Env } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'
import { batches, type RecordBatch } from '../records/batch.ts'
import { validateProduce } from '../records/validate.ts'
import {
  DELETED_SUFFIX,
  deletedDirName,
  fileOf,
  partitionName,
  SNAPSHOT_SUFFIX,
  type TopicPartition,
} from './file_names.ts'
import type { Files } from './files.ts'
import type { LeaderEpochs } from './leader_epochs.ts'
import type { LogConfig } from './log_config.ts'
import { encodeProducerSnapshot } from './producer_snapshot.ts'
import type { AppendOrigin, ProducerState } from './producer_state.ts'
import { type LoadedLog, loadLog, rebuildIndexes, reloadProducers } from './recovery.ts'
import { DamagedLogError, MAX_RELATIVE_OFFSET, type ReadRange, Segment } from './segment.ts'
import { Tail, type TailCache } from './tail.ts'
import type { TimestampOffset } from './time_index.ts'

export interface AppendItem {
  /** A client's record set as it came, or whole batches of format 2 of a state machine. May be changed in place. */
  readonly records: Buffer | null
  /** Version of the Produce request it came in; undefined: from this broker itself, not to be checked. */
  readonly produceVersion: number | undefined
}

export interface AppendResult {
  /** Of the first record; of the earlier append if this was a duplicate. */
  readonly baseOffset: number
  /** Inclusive. */
  readonly lastOffset: number
  /** Ms since the epoch under LogAppendTime, otherwise -1. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** An idempotent producer has sent it again: nothing was appended. */
  readonly duplicate: boolean
}

/** What all logs of a log dir share. */
export interface LogContext {
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly files: Files
  readonly tailCache: TailCache
  readonly producerIdExpirationMs: () => number
  /** Makes the names of the partitions' folders durable. */
  readonly syncFolderNames: () => void
  /** The log start moved and must be in the checkpoint before anyone is told. */
  readonly onLogStart: (log: Log) => void
  /** A write or sync failed; `cause` is what the disk said. */
  readonly onOffline: (log: Log, cause: Error) => void
}

export interface OpenOptions extends TopicPartition {
  readonly dir: string
  readonly config: LogConfig
  readonly clean: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly cleanedTo: number
  /** The folder was made just now. */
  readonly created: boolean
  topicId?: string
}

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
  /** What recovery cut off, bytes. */
  readonly cutBytes: number

  /** Where it is; changes when it is deleted. */
  dir: string
  private segments: Segment[]
  private startOffset: number
  private endOffset: number
  private syncedTo: number
  private producers: ProducerState
  private readonly epochs: LeaderEpochs
  private snapshots: number[]
  private readonly tail: Tail
  private offline: KafkaError | undefined
  private syncing: { readonly target: number; readonly promise: Promise<void> } | undefined
  private nextSync: Promise<void> | undefined
  /** Counts truncations: a sync that began before one says nothing about what was appended after it. */
  private truncations = 0
  /** There are names in the folder that are not durable. */
  private newNames: boolean
  private cancelFlush: (() => void) | undefined
  /** Segments whose index is known to be as the log demands. */
  private readonly rebuilt = new WeakSet<Segment>()
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
    this.segments = loaded.segments
    this.startOffset = loaded.logStartOffset
    this.endOffset = loaded.logEndOffset
    this.syncedTo = loaded.recoveryPoint
    this.producers = loaded.producers
    this.epochs = loaded.epochs
    this.snapshots = loaded.snapshots
    this.cutBytes = loaded.cutBytes
    this.tail = new Tail(context.tailCache)
    this.newNames = o.created || !o.clean
    this.untouched = o.clean && !o.created && loaded.cutBytes === 0
  }

  get logStartOffset(): number {
    return this.startOffset
  }
  /** Exclusive. */
  get logEndOffset(): number {
    return this.endOffset
  }
  /** Exclusive: up to here everything survives a crash. */
  get recoveryPoint(): number {
    return this.syncedTo
  }
  get sizeInBytes(): number {
    return this.segments.reduce((sum, s) => sum + s.size, 0)
  }
  get firstSegmentOffset(): number {
    return this.segments[0]!.baseOffset
  }
  get segmentCount(): number {
    return this.segments.length
  }
  get latestEpoch(): number | undefined {
    return this.epochs.latest
  }
  get isOffline(): boolean {
    return this.offline !== undefined
  }
  /** flush.messages demands a sync before anything more is acknowledged; it is under way. */
  get flushDue(): boolean {
    return this.endOffset - this.syncedTo >= this.config.flushMessages
  }
  get activeProducers(): ProducerState {
    return this.producers
  }

  /** Exclusive end of what read_committed may see. */
  lastStableOffset(highWatermark: number): number {
    const unstable = this.producers.firstUnstableOffset(highWatermark)
    return unstable === undefined ? highWatermark : Math.min(unstable, highWatermark)
  }

  // --- appending ---

  /**
   * Appends what one turn of the event loop has received, as one write. Each item succeeds or fails alone: its place in
   * the answer holds a result or a KafkaError. Throws KAFKA_STORAGE_ERROR, and has appended nothing that counts, if the
   * disk fails.
   */
  append(items: readonly AppendItem[], o: { leaderEpoch: number; nowMs: number }): (AppendResult | KafkaError)[] {
    this.checkOnline()
    return this.guarded(() => {
      const write = new Write(this.tail)
      const results = items.map((item) => {
        try {
          return this.take(item, o, write)
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
    const all = [...batches(records)]
    let end = this.endOffset
    for (const batch of all) {
      if (!batch.isValid) throw new KafkaError('CORRUPT_MESSAGE')
      if (batch.baseOffset < end) {
        throw new RangeError(`${this.name}: a batch at ${batch.baseOffset} cannot follow the log's end ${end}`)
      }
      end = batch.nextOffset
    }
    return this.guarded(() => {
      const write = new Write(this.tail)
      for (const batch of all) {
        this.makeRoom([batch], this.context.env.clock.now(), write)
        if (batch.hasProducerId) this.producers.append(batch, batch.baseOffset, 'replication')
        this.place(batch, write)
      }
      this.commit(write)
      return this.endOffset
    })
  }

  private take(item: AppendItem, o: { leaderEpoch: number; nowMs: number }, write: Write): AppendResult {
    let records = item.records
    let logAppendTimeMs = -1
    let origin: AppendOrigin = 'coordinator'
    if (item.produceVersion !== undefined) {
      const valid = validateProduce(records, this.config, { version: item.produceVersion, now: o.nowMs })
      records = valid.batches
      logAppendTimeMs = valid.logAppendTimeMs
      origin = 'client'
    }
    if (records === null || records.length === 0) throw new KafkaError('INVALID_RECORD')
    if (records.length > this.config.segmentBytes) {
      throw new KafkaError(
        'RECORD_LIST_TOO_LARGE',
        `The batch has ${records.length} bytes and does not fit into a segment of ${this.config.segmentBytes}.`,
      )
    }
    const all = [...batches(records)]
    const duplicate = origin === 'client' ? this.duplicate(all[0]!) : undefined
    if (duplicate) return { ...duplicate, logStartOffset: this.startOffset, duplicate: true }
    this.makeRoom(all, o.nowMs, write)
    this.acceptProducers(all, origin)
    const baseOffset = this.endOffset
    for (const batch of all) {
      batch.baseOffset = this.endOffset
      batch.partitionLeaderEpoch = o.leaderEpoch
      this.place(batch, write)
    }
    return {
      baseOffset,
      lastOffset: this.endOffset - 1,
      logAppendTimeMs,
      logStartOffset: this.startOffset,
      duplicate: false,
    }
  }

  private duplicate(
    batch: RecordBatch,
  ): Pick<AppendResult, 'baseOffset' | 'lastOffset' | 'logAppendTimeMs'> | undefined {
    const earlier = batch.hasProducerId ? this.producers.duplicateOf(batch) : undefined
    if (!earlier) return undefined
    return {
      baseOffset: earlier.lastOffset - earlier.offsetDelta,
      lastOffset: earlier.lastOffset,
      logAppendTimeMs: this.config.messageTimestampType === 'LogAppendTime' ? earlier.timestamp : -1,
    }
  }

  /** All or none. */
  private acceptProducers(all: readonly RecordBatch[], origin: AppendOrigin): void {
    const idempotent = all.filter((b) => b.hasProducerId)
    if (idempotent.length === 0) return
    const saved = all.length > 1 ? this.producers.save(idempotent.map((b) => b.producerId)) : undefined
    let offset = this.endOffset
    try {
      for (const batch of all) {
        if (batch.hasProducerId) this.producers.append(batch, offset, origin)
        offset += batch.lastOffsetDelta + 1
      }
    } catch (e) {
      if (saved) this.producers.restore(saved)
      throw e
    }
  }

  /**
   * Rolls before an append that does not fit. Before its producers are taken in, too: the snapshot that goes with the new
   * segment must not know of what comes after it.
   */
  private makeRoom(all: readonly RecordBatch[], now: number, write: Write): void {
    let bytes = 0
    let maxTimestamp = -1
    let lastOffset = Math.max(all[0]!.baseOffset, this.endOffset) - 1
    for (const batch of all) {
      bytes += batch.sizeInBytes
      maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp)
      lastOffset += batch.lastOffsetDelta + 1
    }
    const active = this.segments.at(-1)!
    if (!active.isFullFor({ bytes, lastOffset, maxTimestamp, now }, this.config)) return
    write.toDisk(active)
    this.roll(lastOffset - this.endOffset <= MAX_RELATIVE_OFFSET ? this.endOffset : all[0]!.baseOffset)
  }

  /** The batch is the log's from here on, at its end. */
  private place(batch: RecordBatch, write: Write): void {
    this.segments.at(-1)!.noteBatch(batch, this.config.indexIntervalBytes)
    this.epochs.assign(batch.partitionLeaderEpoch, batch.baseOffset)
    this.endOffset = batch.nextOffset
    write.add(batch)
  }

  private commit(write: Write): void {
    this.bytesAppended += write.totalBytes
    if (write.totalBytes === 0) return
    this.untouched = false
    write.toDisk(this.segments.at(-1)!)
    if (this.flushDue) this.syncInBackground()
    else if (this.config.flushMs < Number.MAX_SAFE_INTEGER && !this.cancelFlush) {
      this.cancelFlush = this.context.env.clock.after(this.config.flushMs, () => {
        this.cancelFlush = undefined
        this.syncInBackground()
      })
    }
  }

  /** Begins a new segment at `baseOffset`. The old one is synced in the background, as Kafka does. */
  private roll(baseOffset: number): Segment {
    const { files, env } = this.context
    const old = this.segments.at(-1)!
    if (old.size === 0) {
      this.segments.pop()
      for (const path of old.markDeleted(DELETED_SUFFIX)) files.disk.remove(path)
    } else {
      old.finishIndexes()
      this.writeSnapshot(this.endOffset)
    }
    const none = { logBytes: 0, indexBytes: 0, timeIndexBytes: 0 }
    const jitter = rollJitter(this.context, this.config)
    const made = new Segment(files, this.dir, baseOffset, none, env.clock.now(), jitter)
    made.create()
    this.segments.push(made)
    this.newNames = true
    this.untouched = false
    env.clock.soon(() => this.syncInBackground())
    return made
  }

  /** Begins a new segment now, if the active one holds anything. */
  rollNow(): void {
    this.checkOnline()
    if (this.segments.at(-1)!.size > 0) this.guarded(() => void this.roll(this.endOffset))
  }

  // --- durability ---

  /** Resolves when everything appended before the call survives a crash. Concurrent callers share syncs. */
  sync(): Promise<void> {
    if (this.offline) return Promise.reject(this.offline)
    if (this.syncedTo >= this.endOffset && !this.newNames) return Promise.resolve()
    if (!this.syncing) return this.beginSync()
    if (this.syncing.target >= this.endOffset) return this.syncing.promise
    // The one under way began before the last write: another follows it, for all who have come until then.
    this.nextSync ??= this.syncing.promise.then(() => {
      this.nextSync = undefined
      return this.sync()
    })
    return this.nextSync
  }

  private beginSync(): Promise<void> {
    const target = this.endOffset
    const promise = this.syncFiles(target).finally(() => {
      this.syncing = undefined
    })
    this.syncing = { target, promise }
    return promise
  }

  private async syncFiles(target: number): Promise<void> {
    const { truncations } = this
    try {
      const active = this.segments.at(-1)!
      const behind = this.segments.filter((_, i) => this.endOf(i) > this.syncedTo)
      // Recovery trusts the companions of segments before the recovery point, so they must be safe before it passes.
      const rolled = behind.filter((s) => s !== active)
      const companions = rolled.map((s) => s.syncIndexes())
      if (rolled.length > 0) companions.push(this.epochs.flush(this.context.files, this.dir))
      await Promise.all([...behind.map((s) => s.syncLog()), ...companions])
      if (rolled.length > 0) this.newNames = true
      this.syncNames()
    } catch (e) {
      throw this.fail(e)
    }
    if (this.offline) throw this.offline
    if (truncations === this.truncations) this.syncedTo = Math.max(this.syncedTo, target)
    this.cancelFlush?.()
    this.cancelFlush = undefined
  }

  private syncNames(): void {
    if (!this.newNames) return
    this.context.syncFolderNames()
    this.context.files.disk.syncDirectory(this.dir)
    this.newNames = false
  }

  /** Its failure shows in everything that is asked later. */
  private syncInBackground(): void {
    if (!this.offline) this.sync().catch(() => {})
  }

  /** Has the files say what is known in memory, for Kafka's tools, and frees that memory. */
  flushIndexes(): void {
    if (this.offline || this.untouched) return
    this.guarded(() => {
      const active = this.segments.at(-1)!
      active.offsetIndex.file.flush()
      active.timeIndex.file.flush()
    })
  }

  /** Leaves the folder as a clean stop does. The log must not be used any more. */
  async close(): Promise<void> {
    if (this.offline) return
    this.cancelFlush?.()
    if (!this.untouched) {
      await this.sync()
      try {
        const active = this.segments.at(-1)!
        active.finishIndexes()
        // The snapshot proves itself, and without it the log is read.
        this.writeSnapshot(this.endOffset)
        const newEpochs = this.epochs.isDirty
        await Promise.all([active.syncIndexes(), this.epochs.flush(this.context.files, this.dir)])
        if (newEpochs) this.context.files.disk.syncDirectory(this.dir)
      } catch (e) {
        throw this.fail(e)
      }
    }
    this.tail.clear()
    this.context.files.forgetFolder(this.dir)
    this.offline = new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} is closed.`)
  }

  /** Not synced: it proves itself when it is read. */
  private writeSnapshot(offset: number): void {
    if (this.snapshots.at(-1) === offset || offset === 0) return
    this.context.files.write(
      `${this.dir}/${fileOf(offset, SNAPSHOT_SUFFIX)}`,
      encodeProducerSnapshot(this.producers.all),
    )
    this.snapshots.push(offset)
    this.newNames = true
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
    this.checkOnline()
    this.checkInRange(o.offset)
    const maxOffset = Math.min(o.maxOffset ?? this.endOffset, this.endOffset)
    if (o.offset >= maxOffset) return []
    const range = { offset: o.offset, maxBytes: o.maxBytes, maxOffset, minOneBatch: o.minOneBatch ?? false }
    return this.tail.read(range) ?? this.readCold(range)
  }

  private async readCold(range: ReadRange): Promise<readonly Buffer[]> {
    // Compaction may have left nothing at the end of a segment: then the next one has the answer.
    for (const s of this.segments.slice(this.segmentAt(range.offset))) {
      const found = await this.fromDisk(s, range.offset, () => s.read(range))
      if (found) return found
    }
    return []
  }

  /** Runs a read of a segment; mends its index once if it does not fit the log. */
  private async fromDisk<T>(s: Segment, offset: number, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (e) {
      this.checkOnline()
      this.checkInRange(offset)
      if (e instanceof DamagedLogError) {
        if (this.rebuilt.has(s)) throw new KafkaError('CORRUPT_MESSAGE', e.message)
        this.rebuilt.add(s)
        rebuildIndexes(this.context.files, s, this.config.indexIntervalBytes)
        return this.fromDisk(s, offset, read)
      }
      throw e instanceof KafkaError ? e : new KafkaError('KAFKA_STORAGE_ERROR', (e as Error).message)
    }
  }

  /** The first record at or after a time (ms since the epoch), in whatever order the times are; undefined if none. */
  async offsetForTimestamp(timestampMs: number): Promise<TimestampOffset | undefined> {
    this.checkOnline()
    for (const s of [...this.segments]) {
      if (s.maxTimestamp.timestamp < timestampMs || s.size === 0) continue
      const from = Math.max(this.startOffset, s.baseOffset)
      const found = await this.fromDisk(s, this.endOffset, () => s.findByTimestamp(timestampMs, from))
      if (found) return found
    }
    return undefined
  }

  /** The first record with the largest timestamp; undefined if no record has one. */
  async maxTimestamp(): Promise<TimestampOffset | undefined> {
    this.checkOnline()
    let latest = -1
    for (const s of this.segments) latest = Math.max(latest, s.maxTimestamp.timestamp)
    return latest < 0 ? undefined : this.offsetForTimestamp(latest)
  }

  /** Where an epoch ended, exclusive, and the largest known epoch not above it; -1 and -1 if it is not known. */
  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    return this.epochs.endOffsetFor(epoch, this.endOffset)
  }

  /** The epoch that a leader begins its appends with, noted before the first of them (KIP-101). */
  assignEpoch(epoch: number): void {
    this.epochs.assign(epoch, this.endOffset)
    this.untouched = false
  }

  private checkInRange(offset: number): void {
    if (offset >= this.startOffset && offset <= this.endOffset) return
    throw new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `${this.name} holds offsets ${this.startOffset} to ${this.endOffset}, not ${offset}.`,
    )
  }

  /** Index of the segment that holds `offset`, or would. */
  private segmentAt(offset: number): number {
    let low = 0
    let high = this.segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.segments[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Exclusive end of a segment. */
  private endOf(i: number): number {
    return this.segments[i + 1]?.baseOffset ?? this.endOffset
  }

  // --- cutting ---

  /** Moves the start up to `offset`, which must not be beyond the log's end. Going back does nothing. */
  deleteRecordsBefore(offset: number): void {
    this.checkOnline()
    if (offset > this.endOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
    if (offset <= this.startOffset) return
    this.guarded(() => {
      this.startOffset = offset
      this.untouched = false
      this.epochs.truncateFromStart(offset)
      this.context.onLogStart(this)
      this.deleteSegments(this.segments.findLastIndex((s) => s.baseOffset <= offset))
    })
  }

  /**
   * Removes segments that retention.ms and retention.bytes no longer cover, whole ones only and none with records at or
   * above the high watermark. Returns how many.
   */
  deleteOldSegments(o: { nowMs: number; highWatermark: number }): number {
    this.checkOnline()
    const { retentionMs, retentionBytes, cleanupPolicy } = this.config
    if (!cleanupPolicy.includes('delete')) return 0
    const candidates = this.segments.filter((s, i) => s.size > 0 && this.endOf(i) <= o.highWatermark)
    let n = 0
    while (retentionMs >= 0 && n < candidates.length && o.nowMs - candidates[n]!.largestTimestamp > retentionMs) n++
    let left = this.sizeInBytes - candidates.slice(0, n).reduce((sum, s) => sum + s.size, 0)
    while (retentionBytes >= 0 && n < candidates.length && left - candidates[n]!.size >= retentionBytes) {
      left -= candidates[n++]!.size
    }
    if (n === 0) return 0
    this.guarded(() => {
      if (n === this.segments.length) this.roll(this.endOffset)
      this.startOffset = Math.max(this.startOffset, this.segments[n]!.baseOffset)
      this.epochs.truncateFromStart(this.startOffset)
      this.untouched = false
      this.deleteSegments(n)
    })
    return n
  }

  /** The first `n`: oldest first, so that what a crash leaves is without gaps. */
  private deleteSegments(n: number): void {
    if (n <= 0) return
    const gone = this.segments.splice(0, n).flatMap((s) => s.markDeleted(DELETED_SUFFIX))
    const first = this.segments[0]!.baseOffset
    gone.push(...this.dropSnapshots((offset) => offset < first))
    this.context.files.disk.syncDirectory(this.dir)
    removeLater(this.context, gone, this.config.fileDeleteDelayMs)
  }

  private dropSnapshots(which: (offset: number) => boolean): string[] {
    const dropped = this.snapshots.filter(which)
    this.snapshots = this.snapshots.filter((offset) => !which(offset))
    return dropped.map((offset) => `${this.dir}/${fileOf(offset, SNAPSHOT_SUFFIX)}`)
  }

  /** Forgets everything at and after `offset`; whole batches, so the end may come to lie before it. */
  truncateTo(offset: number): void {
    this.checkOnline()
    if (offset >= this.endOffset) return
    if (offset <= this.startOffset) {
      this.truncateFullyAndStartAt(offset)
      return
    }
    this.guarded(() => {
      this.truncations++
      this.untouched = false
      this.tail.clear()
      const keep = this.segmentAt(offset)
      const gone = this.segments
        .splice(keep + 1)
        .reverse()
        .flatMap((s) => s.markDeleted(DELETED_SUFFIX))
      const s = this.segments[keep]!
      const at = s.locate(offset)
      if (at) s.truncate(at.position, at.baseOffset)
      this.cutTo(at ? Math.min(at.baseOffset, offset) : offset)
      for (const path of gone) this.context.files.disk.remove(path)
      this.producers = reloadProducers(this.context.files, {
        dir: this.dir,
        segments: this.segments,
        snapshots: this.snapshots,
        endOffset: this.endOffset,
      })
    })
  }

  /** Forgets everything; the next record gets `offset`. */
  truncateFullyAndStartAt(offset: number): void {
    this.checkOnline()
    this.guarded(() => {
      this.truncations++
      this.untouched = false
      this.tail.clear()
      const gone = this.segments
        .splice(0)
        .reverse()
        .flatMap((s) => s.markDeleted(DELETED_SUFFIX))
      const none = { logBytes: 0, indexBytes: 0, timeIndexBytes: 0 }
      const made = new Segment(this.context.files, this.dir, offset, none, this.context.env.clock.now(), 0)
      made.create()
      this.segments.push(made)
      this.startOffset = offset
      this.cutTo(offset)
      for (const path of gone) this.context.files.disk.remove(path)
      this.producers.load([])
      this.context.onLogStart(this)
    })
  }

  private cutTo(endOffset: number): void {
    this.endOffset = endOffset
    this.syncedTo = Math.min(this.syncedTo, endOffset)
    this.newNames = true
    this.epochs.truncateFromEnd(endOffset)
    for (const path of this.dropSnapshots((offset) => offset > endOffset)) this.context.files.disk.remove(path)
  }

  /** Renames the folder, so that it is gone even after a crash; its files go after file.delete.delay.ms. */
  delete(): void {
    this.cancelFlush?.()
    this.tail.clear()
    this.offline = new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} is deleted.`)
    this.dir = deleteFolder(this.context, this.topicPartition, this.dir, this.config.fileDeleteDelayMs)
  }

  /** Forgets producers that have not written for producer.id.expiration.ms. */
  expireProducers(nowMs: number): void {
    this.producers.expire(nowMs, this.context.producerIdExpirationMs())
  }

  // --- failing ---

  private checkOnline(): void {
    if (this.offline) throw this.offline
  }

  /** Whatever goes wrong inside has left the log half-way: it is over. Answers that are no failure are not thrown here. */
  private guarded<T>(fn: () => T): T {
    try {
      return fn()
    } catch (e) {
      throw this.fail(e)
    }
  }

  private fail(e: unknown): KafkaError {
    if (this.offline) return this.offline
    const cause = e instanceof Error ? e : new Error(String(e))
    this.offline = new KafkaError('KAFKA_STORAGE_ERROR', `${this.name} is offline: ${cause.message}`)
    this.offline.cause = cause
    this.tail.clear()
    this.context.onOffline(this, cause)
    return this.offline
  }
}

/** Puts a partition's folder away under another name, which it returns. */
export function deleteFolder(context: LogContext, p: TopicPartition, dir: string, delayMs = 0): string {
  const parent = dir.slice(0, dir.lastIndexOf('/'))
  const to = `${parent}/${deletedDirName(p, context.env.random.bytes(16).toString('hex'))}`
  context.files.forgetFolder(dir)
  context.files.disk.rename(dir, to)
  context.files.disk.syncDirectory(parent)
  removeLater(context, [to], delayMs)
  return to
}

function removeLater({ env, files }: LogContext, paths: readonly string[], delayMs: number): void {
  env.clock.after(delayMs, () => {
    for (const path of paths) {
      try {
        files.disk.remove(path)
      } catch {
        // Its name says what it is: the next start removes it.
      }
    }
  })
}

/** The batches of one turn, on their way into one segment in one write. */
class Write {
  totalBytes = 0
  private pending: RecordBatch[] = []
  private bytes = 0

  constructor(private readonly tail: Tail) {}

  add(batch: RecordBatch): void {
    const size = batch.sizeInBytes
    this.pending.push(batch)
    this.bytes += size
    this.totalBytes += size
  }

  toDisk(segment: Segment): void {
    if (this.bytes === 0) return
    const parts = this.pending.map((b) => b.bytes())
    segment.write(parts, this.bytes)
    for (const [i, b] of this.pending.entries()) this.tail.push(b.baseOffset, b.nextOffset, parts[i]!)
    this.pending = []
    this.bytes = 0
  }
}

const rollJitter = (context: LogContext, config: LogConfig): number =>
  config.segmentJitterMs > 0
    ? Math.floor(context.env.random.next() * Math.min(config.segmentJitterMs, config.segmentMs))
    : 0
