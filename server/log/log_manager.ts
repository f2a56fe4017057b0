/**
 * One log dir: whose it is, which partitions are in it, its checkpoints, its clean shutdown marker, and the tasks that
 * run over all its logs. What several log dirs share (which dir a new partition goes to) stands above it, in `log_dirs.ts`.
 *
 * A log that fails takes the whole dir offline, as in Kafka: they share a disk.
 */
import { DiskError, type Env } from '../env/env.ts'
import { repeat } from '../env/repeat.ts'
import type { BlockPool } from '../lib/block_pool.ts'
import { settleAll } from '../lib/settle_all.ts'
import { KafkaError } from '../protocol/errors.ts'
import { readOffsetCheckpoint, writeOffsetCheckpoint } from './checkpoint.ts'
import { brokerEpochIn, cleanMarker } from './clean_marker.ts'
import { CleanerCheckpoint } from './compaction/cleaner_checkpoint.ts'
import { addMissingIndexes, deleteFolder, setFolderAside } from './deletion.ts'
import { hasRoom, isOutOfRoom } from './disk_room.ts'
import {
  CLEAN_SHUTDOWN_FILE,
  CLUSTER_METADATA_DIR,
  DELETE_DIR_SUFFIX,
  FUTURE_DIR_SUFFIX,
  LOCK_FILE,
  LOG_START_CHECKPOINT,
  parsePartitionName,
  partitionName,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_CHECKPOINT,
  type TopicPartition,
} from './file_names.ts'
import { Files } from './files.ts'
import { FutureLogs } from './future_logs.ts'
import { Log } from './log.ts'
import type { LogConfig } from './log_config.ts'
import type { LogContext } from './log_context.ts'
import { makeFolder } from './make_folder.ts'
import { ensureMetaProperties, LogDirError, type MetaProperties } from './meta_properties.ts'
import { readTopicId, writeTopicId } from './partition_metadata.ts'
import { TailCache } from './tail.ts'
import { UnsafeFiles } from './unsafe_files.ts'

/** The broker's settings that are read here, under Kafka's names. */
export interface LogDirConfig {
  readonly 'log.initial.task.delay.ms': number
  readonly 'log.flush.offset.checkpoint.interval.ms': number
  readonly 'log.flush.start.offset.checkpoint.interval.ms': number
  readonly 'replica.high.watermark.checkpoint.interval.ms': number
  readonly 'log.retention.check.interval.ms': number
  readonly 'producer.id.expiration.ms': number
  readonly 'producer.id.expiration.check.interval.ms': number
}

export interface LogManagerOptions {
  readonly env: Pick<Env, 'clock' | 'random' | 'disk'>
  readonly dir: string
  readonly nodeId: number
  /** Default: the one in the folder, or a new one. */
  readonly clusterId?: string
  /** May be live. */
  readonly config: LogDirConfig
  /** A log has been synced, and it took so long. */
  readonly onSynced?: (tookMs: number) => void
  /** Takes one line about what was found or done, or went wrong. */
  readonly onLine?: (line: string) => void
  /** Called once when the dir has failed, after all its logs have gone offline. */
  readonly onOffline?: (cause: Error) => void
  /** Called whenever an append, or what is written now and then, finds no room. */
  readonly onNoRoom?: () => void
  readonly maxOpenFiles?: number
  /** What is read of logs lies in its blocks, and may be given back to it. */
  readonly blocks?: BlockPool
  /** Shared with other dirs; default: its own. */
  readonly files?: Files
  /** Records appended last, in memory. Shared with other dirs; default: its own, of so many bytes. */
  readonly tailCache?: TailCache
  readonly tailCacheBytes?: number
}

const TAIL_CACHE_BYTES = 32 * 1024 * 1024
const NO_ROOM_LINE_EVERY_MS = 60_000

/** Each holds files open while it is synced: ten thousand at once would be more than the system allows. */
const CLOSED_AT_ONCE = 64

export class LogManager {
  readonly dir: string
  readonly clusterId: string
  readonly directoryId: string
  /** Was the last stop a clean one? */
  readonly clean: boolean
  /** Of the broker that was stopped cleanly here; -1 if it was not. */
  readonly previousBrokerEpoch: number
  /** By the partition's name, `topic-0`. */
  private readonly logs = new Map<string, Log>()
  /** On disk, and not open: not yet, or because it could not be opened. */
  private readonly unopened = new Set<string>()
  private readonly deletedFolders: string[] = []
  private readonly recoveryPoints: Map<string, number>
  private readonly logStarts: Map<string, number>
  private readonly highWatermarks: Map<string, number>
  private readonly cleanedTo: CleanerCheckpoint
  /** Partitions on their way into this dir. */
  readonly futures: FutureLogs
  private readonly unsafe: UnsafeFiles
  private readonly context: LogContext
  private readonly stops: (() => void)[] = []
  /** Folders have been made, or were found after a crash, whose names are not durable. */
  private newFolders: boolean
  private syncingNames = false
  private keepingRecoveryPoints = false
  private closed = false
  private failure: Error | undefined
  private quietUntilMs = Number.NEGATIVE_INFINITY

  /**
   * Takes the folder's lock and finds the partitions in it, without opening them yet. Throws a LogDirError, one
   * sentence, if the folder is another's, in use or cannot be used.
   */
  static open(o: LogManagerOptions): LogManager {
    const { disk, random } = o.env
    let lock: { release(): void } | undefined
    try {
      makeFolder(disk, o.dir)
      lock = disk.lock(`${o.dir}/${LOCK_FILE}`)
      const meta = ensureMetaProperties(disk, o.dir, {
        clusterId: o.clusterId,
        nodeId: o.nodeId,
        newUuid: () => random.uuid(),
      })
      return new LogManager(o, meta, lock)
    } catch (e) {
      lock?.release()
      if (!(e instanceof DiskError)) throw e
      throw e.code === 'ELOCKED'
        ? new LogDirError(`${o.dir} is in use by another process; stop it or use another folder.`)
        : new LogDirError(e.message, { cause: e })
    }
  }

  private constructor(
    private readonly o: LogManagerOptions,
    meta: MetaProperties,
    private readonly lock: { release(): void },
  ) {
    const { disk } = o.env
    this.dir = o.dir
    this.clusterId = meta.clusterId
    this.directoryId = meta.directoryId
    this.context = {
      env: o.env,
      files: o.files ?? new Files(disk, o.maxOpenFiles, o.blocks),
      tailCache: o.tailCache ?? new TailCache(o.tailCacheBytes ?? TAIL_CACHE_BYTES),
      producerIdExpirationMs: () => o.config['producer.id.expiration.ms'],
      syncFolderNames: () => this.syncFolderNames(),
      foldersRenamed: () => this.syncFolderNamesSoon(),
      onSynced: (tookMs) => o.onSynced?.(tookMs),
      onLogStart: () => this.keepLogStarts(),
      onCut: () => this.keepRecoveryPointsSoon(),
      onNoRoom: (cause) => this.noRoom(cause),
      onOffline: (_, cause) => this.goOffline(cause),
    }
    this.recoveryPoints = readOffsetCheckpoint(disk, this.path(RECOVERY_POINT_CHECKPOINT))
    this.logStarts = readOffsetCheckpoint(disk, this.path(LOG_START_CHECKPOINT))
    this.highWatermarks = readOffsetCheckpoint(disk, this.path(REPLICATION_CHECKPOINT))
    this.cleanedTo = new CleanerCheckpoint(this.context.files, o.dir)
    const marker = disk.readFile(this.path(CLEAN_SHUTDOWN_FILE))
    this.clean = marker !== undefined
    this.newFolders = !this.clean
    this.unsafe = new UnsafeFiles(disk, o.dir)
    this.futures = new FutureLogs({ dir: o.dir, context: this.context, clean: this.clean, unsafe: this.unsafe })
    this.previousBrokerEpoch = brokerEpochIn(marker)
    if (this.clean) {
      // Before anything is written: a crash from here on is not a clean stop.
      disk.remove(this.path(CLEAN_SHUTDOWN_FILE))
      disk.syncDirectory(o.dir)
    }
    for (const { name, directory } of disk.list(o.dir)) {
      if (!directory) continue
      if (name.endsWith(DELETE_DIR_SUFFIX)) this.deletedFolders.push(name)
      else if (parsePartitionName(name)) this.unopened.add(name)
      else if (name.endsWith(FUTURE_DIR_SUFFIX) && !this.futures.found(name)) this.deletedFolders.push(name)
    }
  }

  private path(name: string): string {
    return `${this.dir}/${name}`
  }

  // --- logs ---

  /** Those that are open. */
  get all(): Iterable<Log> {
    return this.logs.values()
  }
  get(topic: string, partition: number): Log | undefined {
    return this.logs.get(partitionName({ topic, partition }))
  }
  /** Is its folder here, open or not? */
  has(topic: string, partition: number): boolean {
    const name = partitionName({ topic, partition })
    return this.logs.has(name) || this.unopened.has(name)
  }
  /** Of partitions, open or not, the metadata log aside. */
  get count(): number {
    const metadata = this.logs.has(CLUSTER_METADATA_DIR) || this.unopened.has(CLUSTER_METADATA_DIR)
    return this.logs.size + this.unopened.size + this.futures.count - (metadata ? 1 : 0)
  }
  get isOffline(): boolean {
    return this.failure !== undefined
  }

  /** All partitions that have a folder here, open or not. */
  found(): TopicPartition[] {
    return [...this.logs.keys(), ...this.unopened].map((name) => parsePartitionName(name)!)
  }

  folderOf(topic: string, partition: number): string {
    return this.path(partitionName({ topic, partition }))
  }

  /** Would it take records now? */
  hasRoom(): boolean {
    return hasRoom(this.o.env.disk, this.dir)
  }

  /** Bytes of the file system. */
  space(): { total: number; free: number } {
    return this.o.env.disk.space(this.dir)
  }

  /**
   * The log of a partition: open already, opened now, or made if there is none. A folder that belongs to another topic of
   * the same name, deleted since, is put away first. Throws if the folder cannot be opened.
   */
  open(topic: string, partition: number, o: { topicId: string; config: LogConfig }): Log {
    if (this.failure) throw new KafkaError('KAFKA_STORAGE_ERROR', `${this.dir} is offline: ${this.failure.message}`)
    const p = { topic, partition }
    let log = this.logs.get(partitionName(p)) ?? this.openFound(p, o.config)
    if (log?.topicId !== undefined && log.topicId !== o.topicId) {
      this.delete(topic, partition)
      log = undefined
    }
    if (!log) {
      log = this.create(p, o)
    }
    log.config = o.config
    if (log.topicId === undefined) {
      writeTopicId(this.context.files, log.dir, o.topicId)
      log.topicId = o.topicId
    }
    return log
  }

  private create(p: TopicPartition, o: { topicId: string; config: LogConfig }): Log {
    const { disk } = this.o.env
    const name = partitionName(p)
    disk.mkdir(this.path(name))
    this.newFolders = true
    try {
      const log = this.openFolder(p, o.config, { created: true })
      writeTopicId(this.context.files, log.dir, o.topicId)
      log.topicId = o.topicId
      return log
    } catch (e) {
      // It may be made in another dir now, and must not be in both.
      this.logs.delete(name)
      this.context.files.forgetFolder(this.path(name))
      try {
        disk.remove(this.path(name))
      } catch {
        this.unopened.add(name)
        throw new KafkaError('KAFKA_STORAGE_ERROR', (e as Error).message)
      }
      throw e
    }
  }

  private openFound(p: TopicPartition, config: LogConfig): Log | undefined {
    const name = partitionName(p)
    if (!this.unopened.has(name)) return undefined
    const log = this.openFolder(p, config, { created: false })
    this.unopened.delete(name)
    if (log.cutBytes > 0) {
      this.o.onLine?.(`${name}: the last ${log.cutBytes} bytes were not whole; the log ends at ${log.logEndOffset}`)
    }
    return log
  }

  private openFolder(p: TopicPartition, config: LogConfig, { created }: { created: boolean }): Log {
    const name = partitionName(p)
    const dir = this.path(name)
    const log = Log.open(this.context, {
      topic: p.topic,
      partition: p.partition,
      dir,
      created,
      config,
      clean: created || this.clean,
      recoveryPoint: created ? 0 : (this.recoveryPoints.get(name) ?? 0),
      logStartOffset: created ? 0 : (this.logStarts.get(name) ?? 0),
      cleanedTo: created ? 0 : (this.cleanedTo.get(name) ?? 0),
      topicId: created ? undefined : readTopicId(this.context.files, dir),
    })
    if (!created) this.unsafe.opened(log)
    this.logs.set(name, log)
    // Cut off, and killed before that was written down.
    if (log.recoveryPoint < (this.recoveryPoints.get(name) ?? 0)) this.keepRecoveryPointsSoon()
    return log
  }

  /** Once a turn, for all that it has cut: what is appended later at the same offsets is not to pass for durable. */
  private keepRecoveryPointsSoon(): void {
    if (this.keepingRecoveryPoints) return
    this.keepingRecoveryPoints = true
    this.o.env.clock.soon(() => {
      this.keepingRecoveryPoints = false
      if (!this.closed) this.attempt(() => this.writeRecoveryPoints())
    })
  }

  private syncFolderNames(): void {
    if (this.newFolders) this.o.env.disk.syncDirectory(this.dir)
    this.newFolders = false
  }

  /** One sync for all the folders that a turn renames. */
  private syncFolderNamesSoon(): void {
    if (!this.syncingNames) {
      this.syncingNames = true
      this.o.env.clock.soon(() => {
        this.syncingNames = false
        this.attempt(() => this.syncFolderNames())
      })
    }
    this.newFolders = true
  }

  /** Puts the partition's folder away at once; its files go later. Does nothing if there is none. Throws if the disk fails. */
  delete(topic: string, partition: number): void {
    if (this.has(topic, partition)) this.putAway({ topic, partition }, { kept: false })
  }

  /**
   * For a folder of which the metadata knows nothing: keeps it, under a name by which nobody opens it. Returns that name. Throws if the
   * disk fails.
   */
  setAside(topic: string, partition: number): string {
    return this.putAway({ topic, partition }, { kept: true })
  }

  private putAway(p: TopicPartition, { kept }: { kept: boolean }): string {
    const name = partitionName(p)
    const log = this.logs.get(name)
    log?.delete({ kept })
    const to = log?.dir ?? (kept ? setFolderAside : deleteFolder)(this.context, p, this.path(name))
    // Not before: a folder that is still there must not pass for that of a new topic of the same name.
    this.logs.delete(name)
    this.unopened.delete(name)
    for (const known of [this.recoveryPoints, this.logStarts, this.highWatermarks]) known.delete(name)
    // It only saves work: where it cannot be written, that of a new log of this name may be done too late.
    this.cleanedTo.set(name, undefined).catch(() => {})
    return to
  }

  /**
   * The future replica of a partition has all of it: from here on it is the partition. What is in `old`, another dir, is put away first, so
   * that there are never two. Durable when it returns. Throws if a disk fails, and nothing has changed if the old one is still there.
   */
  promote(topic: string, partition: number, old?: LogManager): Log | undefined {
    const p = { topic, partition }
    const name = partitionName(p)
    const future = this.futures.get(p)
    if (future) {
      this.cleanedTo.set(name, future.cleanedTo).catch(() => {})
      this.recoveryPoints.set(name, future.recoveryCheckpoint)
      // What the last time that it was here has left of it here would be wrong.
      this.logStarts.set(name, future.logStartOffset)
      this.writeCheckpoints()
    }
    if (old) {
      old.delete(topic, partition)
      try {
        old.syncFolderNames()
      } catch (e) {
        old.goOffline(e as Error)
      }
    }
    const log = this.futures.rename(p, this.path(name))
    this.newFolders = true
    if (log) this.logs.set(name, log)
    else this.unopened.add(name)
    this.syncFolderNames()
    return log
  }

  /** From the checkpoint, as the last run has left it: exclusive, undefined if it says nothing. */
  checkpointedHighWatermark(topic: string, partition: number): number | undefined {
    return this.highWatermarks.get(partitionName({ topic, partition }))
  }

  /** Its log was compacted: writes down up to where. Rejects with a DiskError. */
  keepCleaned(log: Log): Promise<void> {
    return this.cleanedTo.set(log.name, log.cleanedTo)
  }

  // --- tasks ---

  /** Begins to write checkpoints, to apply retention and to forget producers: each after a while, and then in its interval. */
  startTasks(): void {
    const { clock, disk } = this.o.env
    const { config } = this.o
    const every = (name: keyof LogDirConfig, fn: () => void, firstMs = config['log.initial.task.delay.ms']) =>
      this.stops.push(repeat(clock, { firstMs, intervalMs: () => config[name] }, () => this.attempt(fn)))
    const producers = 'producer.id.expiration.check.interval.ms'
    const highWatermarks = 'replica.high.watermark.checkpoint.interval.ms'
    every('log.flush.offset.checkpoint.interval.ms', () => this.checkpoint())
    every('log.flush.start.offset.checkpoint.interval.ms', () => this.writeLogStarts())
    every(highWatermarks, () => this.keepHighWatermarks(), config[highWatermarks])
    every('log.retention.check.interval.ms', () => this.deleteOldSegments())
    every(producers, () => this.expireProducers(), config[producers])
    for (const name of this.deletedFolders.splice(0)) {
      clock.soon(() => this.attempt(() => disk.remove(this.path(name))))
    }
  }

  /** For what will be tried again: a disk that fails costs a line. */
  private attempt(fn: () => void): void {
    if (this.failure) return
    try {
      fn()
    } catch (e) {
      if (!(e instanceof DiskError)) throw e
      const { message } = e
      if (isOutOfRoom(e)) this.noRoom(e)
      else this.o.onLine?.(message)
    }
  }

  /** Writes the recovery points, log starts and high watermarks down. */
  checkpoint(): void {
    if (this.closed) return
    this.onEach((log) => log.flushIndexes())
    this.writeCheckpoints()
    if (this.unopened.size === 0 && this.futures.areOpen) this.unsafe.settle()
  }

  private writeCheckpoints(): void {
    this.writeRecoveryPoints()
    this.writeLogStarts()
    this.writeHighWatermarks()
  }

  /** Only where there are other replicas, and some has moved: of a lone one what is in the log is what counts. */
  private keepHighWatermarks(): void {
    for (const { isOffline, highWatermark, name } of this.logs.values()) {
      if (isOffline || highWatermark === undefined || highWatermark === this.highWatermarks.get(name)) continue
      this.writeHighWatermarks()
      return
    }
  }

  private writeHighWatermarks(): void {
    this.writeOffsets(REPLICATION_CHECKPOINT, this.highWatermarks, (log) => log.highWatermark ?? log.logEndOffset)
  }

  private writeRecoveryPoints(): void {
    this.writeOffsets(RECOVERY_POINT_CHECKPOINT, this.recoveryPoints, (log) => log.recoveryCheckpoint)
  }

  /** What is offline or not open yet keeps what was written before. */
  private writeOffsets(file: string, known: Map<string, number>, of: (log: Log) => number): void {
    for (const log of this.logs.values()) if (!log.isOffline) known.set(log.name, of(log))
    writeOffsetCheckpoint(this.o.env.disk, this.path(file), known)
  }

  private keepLogStarts(): boolean {
    try {
      this.writeLogStarts()
      return true
    } catch (e) {
      if (!isOutOfRoom(e)) throw e
      return false
    }
  }

  /** Only of logs whose start is not that of their first segment. */
  private writeLogStarts(): void {
    for (const log of this.logs.values()) {
      if (log.isOffline) continue
      if (log.logStartOffset > log.segmentOffsets[0]!) this.logStarts.set(log.name, log.logStartOffset)
      else this.logStarts.delete(log.name)
    }
    writeOffsetCheckpoint(this.o.env.disk, this.path(LOG_START_CHECKPOINT), this.logStarts)
  }

  deleteOldSegments(): void {
    const nowMs = this.o.env.clock.now()
    this.onEach((log) => {
      const deleted = log.deleteOldSegments({ nowMs, highWatermark: log.highWatermark ?? log.logEndOffset })
      if (deleted > 0)
        this.o.onLine?.(`${log.name}: ${deleted} segments were deleted, the log starts at ${log.logStartOffset}`)
    })
  }

  private expireProducers(): void {
    const now = this.o.env.clock.now()
    this.onEach((log) => log.expireProducers(now))
  }

  /** A log that fails has told so itself. */
  private onEach(fn: (log: Log) => void): void {
    for (const log of [...this.logs.values()]) {
      if (log.isOffline) continue
      try {
        fn(log)
      } catch (e) {
        if (!(e instanceof KafkaError)) throw e
        if (!log.isOffline) this.o.onLine?.(e.message)
      }
    }
  }

  // --- failing and stopping ---

  /** Said now and then: appends are refused, and taken again once there is room. */
  private noRoom(cause: Error): void {
    this.o.onNoRoom?.()
    const nowMs = this.o.env.clock.monotonic()
    if (nowMs < this.quietUntilMs) return
    this.quietUntilMs = nowMs + NO_ROOM_LINE_EVERY_MS
    this.o.onLine?.(`${this.dir} takes no more until there is room, and serves what it has: ${cause.message}`)
  }

  /** Its disk has failed: all its logs are offline until the folder is opened again. */
  goOffline(cause: Error): void {
    if (this.failure) return
    this.o.onLine?.(`${this.dir} is offline until the next start, with all partitions in it: ${cause.message}`)
    this.unsafe.mark()
    // Where all are being closed, each ends as well as it can.
    if (this.closed) return
    this.failure = cause
    for (const log of [...this.logs.values(), ...this.futures.all]) log.goOffline(cause)
    this.o.onOffline?.(cause)
  }

  /**
   * Syncs and closes all logs, writes the checkpoints and then the marker, so that the next start need not look. Without
   * the marker if a log is offline, or after an unclean start some were not opened.
   */
  async close({ brokerEpoch }: { brokerEpoch: number } = { brokerEpoch: -1 }): Promise<void> {
    if (this.closed) return
    this.closed = true
    for (const stop of this.stops) stop()
    const { disk } = this.o.env
    const online = [...this.logs.values()].filter((log) => !log.isOffline)
    const futures = this.futures.all.map((log) => (log.isOffline ? Promise.reject() : log.close()))
    const ends = await settleAll(online, CLOSED_AT_ONCE, (log) => log.close())
    let whole = online.length === this.logs.size && (this.clean || this.unopened.size === 0)
    whole &&= (await Promise.allSettled(futures)).every((end) => end.status === 'fulfilled')
    for (const [i, end] of ends.entries()) {
      const log = online[i]!
      if (end.status === 'rejected') whole = false
      else {
        this.recoveryPoints.set(log.name, log.recoveryCheckpoint)
        this.highWatermarks.set(log.name, log.highWatermark ?? log.logEndOffset)
      }
    }
    this.attempt(() => this.readyDeletedFolders())
    this.context.files.forgetFolder(this.dir)
    if (this.failure) return this.lock.release()
    // Where there is no room for them this was no clean stop: the next start has to look.
    this.attempt(() => {
      writeOffsetCheckpoint(disk, this.path(RECOVERY_POINT_CHECKPOINT), this.recoveryPoints)
      writeOffsetCheckpoint(disk, this.path(LOG_START_CHECKPOINT), this.logStarts)
      writeOffsetCheckpoint(disk, this.path(REPLICATION_CHECKPOINT), this.highWatermarks)
      if (whole) disk.replaceFile(this.path(CLEAN_SHUTDOWN_FILE), cleanMarker(brokerEpoch))
    })
    this.lock.release()
  }

  private readyDeletedFolders(): void {
    for (const { name, directory } of this.o.env.disk.list(this.dir)) {
      if (directory && name.endsWith(DELETE_DIR_SUFFIX)) addMissingIndexes(this.context.files, this.path(name))
    }
  }

  /** Lets go of the folder as it is, after a start that failed: the next one recovers it. */
  abandon(): void {
    if (this.closed) return
    this.closed = true
    for (const stop of this.stops) stop()
    this.context.files.forgetFolder(this.dir)
    this.lock.release()
  }
}
