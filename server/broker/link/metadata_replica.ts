/**
 * A broker's replica of the metadata log: `__cluster_metadata-0` in its folder, in Kafka's formats, with snapshots of its own and those
 * that the leader sends (KIP-595, KIP-630), and the image of what is committed. Who fetches is `metadata_fetcher.ts`.
 *
 * It is an observer's: nothing in it is anyone's only copy, so it waits for no sync; what a crash takes is fetched again. So it also goes
 * on in memory while there is no room on its disk: this broker has to hear who leads. Once there is room a snapshot takes the place of
 * what was not written.
 */
import { METADATA_TOPIC_ID, metadataLogConfig, UPKEEP_MS } from '../../controller/metadata_log.ts'
import type { Clock, Env } from '../../env/env.ts'
import { repeat } from '../../env/repeat.ts'
import { isOutOfRoom } from '../../log/disk_room.ts'
import { followerBatches } from '../../log/follower_batches.ts'
import type { Log } from '../../log/log.ts'
import type { LogManager } from '../../log/log_manager.ts'
import type { Configs } from '../../metadata/configs.ts'
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import { decodeSnapshot, type Snapshot, type SnapshotId } from '../../metadata/snapshot.ts'
import { SnapshotStore } from '../../metadata/snapshot_store.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { MalformedError } from '../../protocol/wire.ts'
import { batches, RecordBatch } from '../../records/batch.ts'
import { allBatches } from '../../replication/read_all.ts'
import type { LeveledLogger } from '../../rpc/logger.ts'
import { CommittedImage } from './committed_image.ts'

/** After there was no room. */
const RETRY_MS = 1_000

export interface ReplicaOptions {
  readonly env: Env
  readonly configs: Configs
  readonly logs: LogManager
  readonly log: LeveledLogger
}

/** Where a replica's log and the leader's part, as the leader tells: the epoch, and its end there. */
export interface DivergingEpoch {
  readonly epoch: number
  readonly endOffset: number
}

export class MetadataReplica {
  readonly committed = new CommittedImage()
  readonly folder: string
  private highWatermark = -1
  /** At the end of the log, and not known to be committed. */
  private pending: RecordBatch[] = []
  /** What there was no room for is tried again then; monotonic ms. */
  private nextTryMs = Number.NEGATIVE_INFINITY
  /** Of the newest snapshot: that of the end, while the log has nothing that follows it. */
  private snapshotEpoch = 0
  private bytesSinceSnapshot = 0
  private lastSnapshotMs: number
  private readonly clock: Clock
  private readonly stopUpkeep: () => void

  /** Takes up what the folder holds. Of it only the snapshot is known to be committed; the rest counts when the leader says so. */
  static async open(o: ReplicaOptions): Promise<MetadataReplica> {
    const { env, logs, configs } = o
    const { broker } = configs
    const log = logs.open(CLUSTER_METADATA, 0, { topicId: METADATA_TOPIC_ID, config: metadataLogConfig(broker) })
    const folder = logs.folderOf(CLUSTER_METADATA, 0)
    const snapshots = new SnapshotStore({
      disk: env.disk,
      folder,
      log,
      retentionBytes: broker['metadata.max.retention.bytes'],
      retentionMs: broker['metadata.max.retention.ms'],
    })
    const snapshot = snapshots.open()
    const replica = new MetadataReplica(o, log, folder, snapshots)
    if (snapshot) {
      replica.committed.replace(snapshot)
      replica.snapshotEpoch = snapshot.epoch
    }
    await replica.readLog(replica.committed.endOffset)
    return replica
  }

  private constructor(
    private readonly o: ReplicaOptions,
    private readonly log: Log,
    folder: string,
    private readonly snapshots: SnapshotStore,
  ) {
    this.folder = folder
    this.clock = o.env.clock
    this.lastSnapshotMs = this.clock.monotonic()
    this.stopUpkeep = repeat(this.clock, { intervalMs: () => UPKEEP_MS }, () => this.upkeep())
  }

  /** What is behind `offset`. */
  private async readLog(offset: number): Promise<void> {
    this.pending = []
    for await (const bytes of allBatches(this.log)) {
      const batch = new RecordBatch(bytes)
      if (batch.nextOffset > offset) this.pending.push(batch)
    }
  }

  /** Its disk has failed: nothing more can be appended until the next start. */
  get isOffline(): boolean {
    return this.log.isOffline
  }

  /** Throws KAFKA_STORAGE_ERROR if it is offline. */
  checkOnline(): void {
    this.log.checkOnline()
  }

  /** Where to fetch from, and the epoch of what is before. */
  get position(): { offset: number; lastEpoch: number; highWatermark: number } {
    const { log, highWatermark, endOffset, committed } = this
    if (this.isAhead) {
      return {
        offset: endOffset,
        lastEpoch: this.pending.at(-1)?.partitionLeaderEpoch ?? committed.epoch,
        highWatermark,
      }
    }
    const isEmpty = log.logStartOffset === log.logEndOffset
    const lastEpoch = isEmpty ? this.snapshotEpoch : (log.latestEpoch ?? 0)
    return { offset: log.logEndOffset, lastEpoch, highWatermark }
  }

  /** Exclusive, of what is known here, on disk or not. */
  private get endOffset(): number {
    return Math.max(this.log.logEndOffset, this.committed.endOffset, this.pending.at(-1)?.nextOffset ?? 0)
  }

  /** Of the disk. */
  private get isAhead(): boolean {
    return this.endOffset > this.log.logEndOffset
  }

  /** Of the last record that the image has seen; -1 before the first. */
  get appliedOffset(): number {
    return this.committed.endOffset - 1
  }

  /** What the leader has sent after our end, and up to where it says that the log is committed. */
  append(records: Buffer | null, highWatermark: number): void {
    if (records !== null && records.length > 0) {
      try {
        if (this.isAhead) followerBatches(records, { name: this.log.name, logEndOffset: this.endOffset })
        else this.log.appendAsFollower(records)
      } catch (error) {
        if (error instanceof RangeError) throw new KafkaError('CORRUPT_MESSAGE', error.message)
        if (!this.foundNoRoom(error)) throw error
      }
      // A copy: the frame that it came in is larger, and may be used again.
      for (const batch of batches(Buffer.from(records))) this.pending.push(batch)
    }
    this.advance(highWatermark)
    this.catchUpOnDisk()
  }

  /** It will be tried again: whatever was not written is known all the same. */
  private foundNoRoom(error: unknown): boolean {
    const isRefused = error instanceof KafkaError && error.error === 'KAFKA_STORAGE_ERROR' && !this.log.isOffline
    if (!isRefused && !isOutOfRoom(error)) return false
    this.nextTryMs = this.clock.monotonic() + RETRY_MS
    return true
  }

  private catchUpOnDisk(): void {
    const { log, committed } = this
    if (!this.isAhead || this.clock.monotonic() < this.nextTryMs) return
    this.nextTryMs = this.clock.monotonic() + RETRY_MS
    if (!this.o.logs.hasRoom()) return
    try {
      if (committed.endOffset > log.logEndOffset) {
        const made = committed.snapshot(this.clock.now())
        if (made === undefined) return
        this.snapshots.write(made.id, made.file)
        log.truncateFullyAndStartAt(made.id.endOffset)
        this.snapshotEpoch = made.id.epoch
        this.restartSnapshots()
      }
      for (const batch of this.pending) if (batch.baseOffset >= log.logEndOffset) log.appendAsFollower(batch.bytes())
    } catch (error) {
      if (!this.foundNoRoom(error)) throw error
    }
    log.highWatermark = Math.min(this.highWatermark, log.logEndOffset)
  }

  private advance(highWatermark: number): void {
    if (highWatermark <= this.highWatermark) return
    this.highWatermark = Math.min(highWatermark, this.endOffset)
    this.log.highWatermark = Math.min(this.highWatermark, this.log.logEndOffset)
    let n = 0
    while (n < this.pending.length && this.pending[n]!.nextOffset <= this.highWatermark) n++
    if (n === 0) return
    const committed = this.pending.splice(0, n)
    for (const batch of committed) this.bytesSinceSnapshot += batch.sizeInBytes
    this.committed.take(committed)
    this.offerSnapshot()
  }

  /** Our end is not the leader's: cuts it where both part. Rarely below what counted as committed: only if the controllers lost data. */
  async truncate({ epoch, endOffset }: DivergingEpoch): Promise<void> {
    if (this.isAhead && this.forgetsUnwritten()) return
    const own = this.log.endOffsetForEpoch(epoch)
    const to = own.epoch === epoch ? Math.min(own.endOffset, endOffset) : Math.max(own.endOffset, 0)
    await this.truncateTo(to)
  }

  /** What is neither on disk nor committed, if there is any: whether more has to go is seen by the next fetch. */
  private forgetsUnwritten(): boolean {
    const before = this.endOffset
    const kept = Math.max(this.log.logEndOffset, this.committed.endOffset)
    this.pending = this.pending.filter((batch) => batch.nextOffset <= kept)
    return this.endOffset < before
  }

  private async truncateTo(offset: number): Promise<void> {
    this.log.truncateTo(offset)
    this.pending = this.pending.filter((batch) => batch.nextOffset <= this.log.logEndOffset)
    if (this.log.logEndOffset >= this.committed.endOffset) return
    this.sayLost(offset)
    this.highWatermark = -1
    this.restartSnapshots()
    for (const id of this.snapshots.ids()) if (id.endOffset > offset) this.snapshots.remove(id)
    const snapshot = this.snapshots.open()
    this.snapshotEpoch = snapshot?.epoch ?? 0
    await this.readLog(snapshot?.endOffset ?? 0)
    // All of it was committed before.
    this.committed.goBack(snapshot, this.pending.splice(0))
  }

  private sayLost(offset: number): void {
    this.o.log.error(
      `the controllers' metadata log ends at ${offset}, before what they had committed (${this.committed.endOffset}): it has lost changes; this broker goes back with it`,
    )
  }

  /** The leader has sent this snapshot, whole, because its log no longer begins where ours ends. Throws CORRUPT_MESSAGE if it is none. */
  install(id: SnapshotId, file: Buffer): void {
    const snapshot = { ...id, ...decoded(file) }
    if (id.endOffset < this.committed.endOffset) this.sayLost(id.endOffset)
    try {
      this.snapshots.write(id, file)
      this.log.truncateFullyAndStartAt(id.endOffset)
      this.snapshotEpoch = id.epoch
    } catch (error) {
      // What is on disk is older, and no part of what this stands for.
      if (id.endOffset <= this.log.logEndOffset || !this.foundNoRoom(error)) throw error
    }
    this.pending = []
    this.highWatermark = id.endOffset
    this.log.highWatermark = Math.min(id.endOffset, this.log.logEndOffset)
    this.restartSnapshots()
    this.committed.replace(snapshot)
    if (this.isAhead) return
    // Newer ones too: they are of a log that the controllers no longer have.
    for (const other of this.snapshots.ids()) {
      if (other.endOffset !== id.endOffset || other.epoch !== id.epoch) this.snapshots.remove(other)
    }
  }

  /** Syncs nothing: the log is closed with the others. */
  close(): void {
    this.stopUpkeep()
  }

  private upkeep(): void {
    if (this.log.isOffline) return
    this.catchUpOnDisk()
    this.offerSnapshot()
    this.clean()
  }

  private offerSnapshot(): void {
    if (this.bytesSinceSnapshot === 0 || this.isAhead) return
    const { broker } = this.o.configs
    const everyMs = broker['metadata.log.max.snapshot.interval.ms']
    const late = everyMs > 0 && this.clock.monotonic() - this.lastSnapshotMs >= everyMs
    if (!late && this.bytesSinceSnapshot < broker['metadata.log.max.record.bytes.between.snapshots']) return
    const made = this.committed.snapshot(this.clock.now())
    if (made === undefined) return
    this.restartSnapshots()
    try {
      this.snapshots.write(made.id, made.file)
      this.snapshotEpoch = made.id.epoch
    } catch (error) {
      this.snapshotFailed(error as Error)
    }
    this.clean()
  }

  private restartSnapshots(): void {
    this.bytesSinceSnapshot = 0
    this.lastSnapshotMs = this.clock.monotonic()
  }

  private clean(): void {
    try {
      this.snapshots.clean(this.clock.now())
    } catch (error) {
      this.snapshotFailed(error as Error)
    }
  }

  private snapshotFailed(error: Error): void {
    this.o.log.warn(`a snapshot of the metadata could not be kept: ${error.message}`)
  }
}

function decoded(file: Buffer): Snapshot {
  try {
    return decodeSnapshot(file)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    throw new KafkaError('CORRUPT_MESSAGE', `the snapshot that the leader has sent cannot be read: ${error.message}`)
  }
}
