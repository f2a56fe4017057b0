/**
 * One partition as its leader sees it: its log, its high watermark, and who waits for it. A lone replica for now.
 *
 * Appends of one turn of the event loop are one write. The high watermark of a lone replica moves with the log's end, but
 * waits for the sync of appends that must be durable (`acks=all`, the records of state machines): so whoever may see a
 * record, or is told that it was taken, sees nothing that a crash can take back.
 * A write that finds no room fails with KAFKA_STORAGE_ERROR and nothing else has happened. After any other failed write or
 * sync the partition is offline for good: every call fails so.
 */
import type { Clock } from '../env/env.ts'
import type { AppendItem, Log } from '../log/log.ts'
import { KafkaError } from '../protocol/errors.ts'
import { batches } from '../records/batch.ts'
import type { StateLog } from '../state/log.ts'
import type { TopicMeter } from './topic_meter.ts'

export interface AppendResult {
  /** Of the first record; of the earlier append if this was a duplicate. */
  readonly baseOffset: number
  /** Inclusive. */
  readonly lastOffset: number
  /** ms since the epoch, or -1 where the topic keeps the producer's timestamps. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
}

export interface ProduceOptions {
  readonly acks: number
  /** Of the Produce request: which formats and codecs it may carry. */
  readonly version: number
  readonly timeoutMs: number
}

/** Who is told that something has become readable. */
export interface Watcher {
  /** So many bytes are; Infinity when the partition is gone or failed, 0 when something else about it is new. */
  grown(bytes: number): void
}

export interface PartitionOptions {
  /** Does acks=all wait for the sync? (`weir.acks.all.sync`) */
  readonly syncAcksAll: boolean
  /** Counts what comes in and goes out. */
  readonly meter?: TopicMeter
  /** Called once, with why. */
  readonly onOffline?: (error: Error) => void
}

interface Queued {
  readonly item: AppendItem
  readonly durable: boolean
  resolve(result: AppendResult): void
  reject(error: Error): void
}

export class Partition implements StateLog {
  private queue: Queued[] = []
  private readonly watchers = new Set<Watcher>()
  private readonly listeners = new Set<(highWatermark: number, error?: Error) => void>()
  private waiting: { endOffset: number; resolve(): void; reject(error: Error): void }[] = []
  private highWatermarkOffset: number
  /** Log size when the high watermark moved last: what has grown since is what watchers are told. */
  private bytesSeen = 0
  /** Exclusive: up to here the log must be synced before the high watermark may pass. */
  private syncWantedTo = 0
  private syncing = false
  /** Clients' records wait. */
  private held = false
  private offline: Error | undefined

  constructor(
    /** Another one once it has been moved to another log dir. */
    public log: Log,
    /** Of this term of leadership, -1 while another replica leads. */
    public leaderEpoch: number,
    private readonly clock: Clock,
    private readonly o: PartitionOptions,
  ) {
    // What recovery has kept is what there is: nobody was told of anything beyond.
    this.highWatermarkOffset = log.logEndOffset
    this.bytesSeen = log.bytesAppended
  }

  get highWatermark(): number {
    return this.highWatermarkOffset
  }
  /** Exclusive end of what read_committed sees: where the first transaction begins that is not complete below the high watermark. */
  get lastStableOffset(): number {
    return this.log.lastStableOffset(this.highWatermarkOffset)
  }
  /** Exclusive end of what a reader sees. */
  private endFor(readCommitted: boolean): number {
    return readCommitted ? this.lastStableOffset : this.highWatermarkOffset
  }
  get logStartOffset(): number {
    return this.log.logStartOffset
  }
  get logEndOffset(): number {
    return this.log.logEndOffset
  }
  get meter(): TopicMeter | undefined {
    return this.o.meter
  }

  /** Appends a client's record batches. Resolves when its `acks` is met; rejects with a KafkaError. */
  produce(records: Buffer | null, o: ProduceOptions): Promise<AppendResult> {
    if (this.offline) return Promise.reject(this.offline)
    return new Promise((resolve, reject) => {
      const durable = o.acks === -1 && this.o.syncAcksAll
      const answer =
        o.acks === -1
          ? (result: AppendResult) => this.whenCommitted(result.lastOffset + 1, () => resolve(result), reject)
          : resolve
      const item: AppendItem = { records, produceVersion: o.version }
      this.queue.push({ item, durable, resolve: answer, reject })
      if (this.queue.length === 1) this.clock.soon(() => this.drain())
    })
  }

  /** A state machine's batch: written at once, durable before the high watermark passes it. */
  append(batch: Buffer): number {
    if (this.offline) throw this.offline
    this.drain()
    const results = this.write([{ records: batch, produceVersion: undefined }])
    const result = results[0]!
    if (result instanceof Error) throw result
    this.wantSync()
    return result.lastOffset + 1
  }

  onHighWatermark(listener: (highWatermark: number, error?: Error) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** It is told whenever something has become readable, until it is taken out again, which it may do when it is told. */
  watch(watcher: Watcher): void {
    this.watchers.add(watcher)
  }
  unwatch(watcher: Watcher): void {
    this.watchers.delete(watcher)
  }

  // --- reading ---

  hasDataAt(offset: number, readCommitted = false): boolean {
    return offset < this.endFor(readCommitted)
  }

  /**
   * Whole batches from the one that holds `offset` up to the high watermark, or to the last stable offset; a promise where the
   * disk is asked.
   */
  read(o: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    readCommitted?: boolean
  }): readonly Buffer[] | Promise<readonly Buffer[]> {
    this.checkOffset(o.offset)
    const maxOffset = this.endFor(o.readCommitted ?? false)
    if (o.offset >= maxOffset) return []
    return this.log.read({ offset: o.offset, maxBytes: o.maxBytes, minOneBatch: o.minOneBatch, maxOffset })
  }

  /** Aborted transactions with records in what `read` has found from `offset` on, in the order of their markers. */
  abortedTransactions(offset: number, records: readonly Buffer[]): { producerId: number; firstOffset: number }[] {
    const last = records.at(-1)
    if (last === undefined) return []
    let end = offset
    for (const batch of batches(last)) end = batch.nextOffset
    return this.log.abortedTransactions(offset, end).map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
  }

  checkOffset(offset: number): void {
    this.checkOnline()
    if (offset < this.log.logStartOffset || offset > this.log.logEndOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
  }

  /** KIP-320: a client that knows of another epoch than ours must ask for metadata, or must wait until we have heard of it. */
  checkLeaderEpoch(known: number): void {
    if (known === -1) return
    if (known < this.leaderEpoch) throw new KafkaError('FENCED_LEADER_EPOCH')
    if (known > this.leaderEpoch) throw new KafkaError('UNKNOWN_LEADER_EPOCH')
  }

  /** The first record at or after a time, ms; undefined where there is none below the end that the reader sees. */
  async firstAtOrAfter(
    timestampMs: number,
    readCommitted = false,
  ): Promise<{ offset: number; timestamp: number } | undefined> {
    this.checkOnline()
    return this.visible(await this.log.offsetForTimestamp(timestampMs), readCommitted)
  }

  /** The record with the largest timestamp; as in Kafka undefined while that one is not below the end that the reader sees. */
  async maxTimestamp(readCommitted = false): Promise<{ offset: number; timestamp: number } | undefined> {
    this.checkOnline()
    return this.visible(await this.log.maxTimestamp(), readCommitted)
  }

  private visible<T extends { offset: number }>(found: T | undefined, readCommitted: boolean): T | undefined {
    return found && found.offset < this.endFor(readCommitted) ? found : undefined
  }

  /** Exclusive end of an epoch, and the epoch it really speaks of. */
  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    this.checkOnline()
    return this.log.endOffsetForEpoch(epoch)
  }

  // --- changing ---

  /** Moves the log's start up to `offset`, -1 for the high watermark. Returns the new start. */
  deleteRecordsBefore(offset: number): number {
    this.checkOnline()
    const to = offset === -1 ? this.highWatermarkOffset : offset
    if (to < 0 || to > this.highWatermarkOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
    this.log.deleteRecordsBefore(to)
    for (const watcher of this.watchers) watcher.grown(0)
    return this.log.logStartOffset
  }

  /** Until `release` nothing of clients is appended: it waits. State machines are not held. */
  hold(): void {
    this.held = true
  }
  release(): void {
    if (!this.held) return
    this.held = false
    if (this.queue.length > 0) this.clock.soon(() => this.drain())
  }

  /** From now on this is its log: the same records up to the same end, all of them synced. Nothing may be on its way into the old one. */
  moveTo(log: Log): void {
    this.log = log
    this.bytesSeen = log.bytesAppended
  }

  /** Resolves when what has been appended is committed, or never will be. */
  settled(): Promise<void> {
    this.drain()
    if (this.offline) return Promise.resolve()
    return new Promise((resolve) => this.whenCommitted(this.log.logEndOffset, resolve, () => resolve()))
  }

  /** Nothing more may be done with this object: the topic is gone, or the broker stops. */
  retire(error: KafkaError): void {
    if (!this.offline) this.goOffline(error)
  }

  // --- inside ---

  private checkOnline(): void {
    if (this.offline) throw this.offline
  }

  private drain(): void {
    const queue = this.queue
    if (queue.length === 0 || (this.held && !this.offline)) return
    this.queue = []
    if (this.offline) {
      for (const q of queue) q.reject(this.offline)
      return
    }
    let results: (AppendResult | Error)[]
    try {
      results = this.write(queue.map((q) => q.item))
    } catch (error) {
      for (const q of queue) q.reject(error as Error)
      return
    }
    // flush.messages: then nobody is answered before the sync, whatever acks says.
    let durable = this.log.flushDue
    for (const [i, q] of queue.entries()) {
      const result = results[i]!
      if (result instanceof Error) q.reject(result)
      else {
        durable ||= q.durable
        if (this.log.flushDue) this.whenCommitted(result.lastOffset + 1, () => q.resolve(result), q.reject)
        else q.resolve(result)
      }
    }
    if (durable) this.wantSync('now')
    else this.advance()
  }

  private write(items: AppendItem[]): (AppendResult | Error)[] {
    const { logEndOffset, bytesAppended } = this.log
    try {
      const results = this.log.append(items, { leaderEpoch: this.leaderEpoch, nowMs: this.clock.now() })
      this.o.meter?.appended(this.log.logEndOffset - logEndOffset, this.log.bytesAppended - bytesAppended)
      return results
    } catch (error) {
      throw this.log.isOffline ? this.goOffline(error as Error) : error
    }
  }

  /** By default when this turn is over, so that whatever else it writes shares the sync. */
  private wantSync(when: 'soon' | 'now' = 'soon'): void {
    this.syncWantedTo = this.log.logEndOffset
    if (this.syncing) return
    this.syncing = true
    if (when === 'now') void this.sync()
    else this.clock.soon(() => void this.sync())
  }

  private async sync(): Promise<void> {
    while (!this.offline) {
      const target = this.syncWantedTo
      const { log } = this
      try {
        await log.sync()
      } catch (error) {
        // What it waited for was synced where it is now.
        if (log !== this.log) continue
        this.goOffline(error as Error)
        return
      }
      if (this.offline) return
      if (this.syncWantedTo <= target) {
        this.syncing = false
        this.advance()
        return
      }
      this.moveHighWatermark(target)
    }
  }

  private advance(): void {
    if (!this.syncing) this.moveHighWatermark(this.log.logEndOffset)
  }

  private moveHighWatermark(to: number): void {
    if (to <= this.highWatermarkOffset || this.offline) return
    this.highWatermarkOffset = to
    let n = 0
    while (n < this.waiting.length && this.waiting[n]!.endOffset <= to) n++
    for (const w of this.waiting.splice(0, n)) w.resolve()
    for (const listener of [...this.listeners]) listener(to)
    const grown = this.log.bytesAppended - this.bytesSeen
    this.bytesSeen = this.log.bytesAppended
    for (const watcher of this.watchers) watcher.grown(Math.max(grown, 1))
  }

  private whenCommitted(endOffset: number, resolve: () => void, reject: (error: Error) => void): void {
    if (endOffset <= this.highWatermarkOffset) resolve()
    // A duplicate's offsets may lie below those of earlier waiters: they are passed no later than these.
    else this.waiting.push({ endOffset, resolve, reject })
  }

  private goOffline(cause: Error): Error {
    const error = cause instanceof KafkaError ? cause : new KafkaError('KAFKA_STORAGE_ERROR', cause.message)
    if (this.offline) return this.offline
    this.offline = error
    for (const w of this.waiting.splice(0)) w.reject(error)
    for (const q of this.queue.splice(0)) q.reject(error)
    for (const listener of [...this.listeners]) listener(this.highWatermarkOffset, error)
    this.listeners.clear()
    for (const watcher of this.watchers) watcher.grown(Number.POSITIVE_INFINITY)
    this.o.onOffline?.(cause)
    return error
  }
}
