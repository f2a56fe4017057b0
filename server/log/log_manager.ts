/**
 * One log dir: whose it is, which partitions are in it, its checkpoints, its clean shutdown marker, and the tasks that
 * run over all its logs. What several log dirs share (which dir a new partition goes to) would stand above it.
 */
import type { Clock, Env } from '../env/env.ts'
import { readOffsetCheckpoint, writeOffsetCheckpoint } from './checkpoint.ts'
import {
  CLEAN_SHUTDOWN_FILE,
  DELETE_DIR_SUFFIX,
  LOCK_FILE,
  LOG_START_CHECKPOINT,
  parsePartitionName,
  partitionName,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_CHECKPOINT,
  type TopicPartition,
} from './file_names.ts'
import { Files } from './files.ts'
import { Log, type LogContext } from './log.ts'
import type { LogConfig } from './log_config.ts'
import { ensureMetaProperties, LogDirError, type MetaProperties } from './meta_properties.ts'
import { readTopicId, writeTopicId } from './partition_metadata.ts'
import { TailCache } from './tail.ts'

export interface LogManagerOptions {
  readonly env: Pick<Env, 'clock' | 'random' | 'disk'>
  readonly dir: string
  readonly clusterId: string
  readonly nodeId: number
  /** The settings of a topic; asked when a log is opened. */
  readonly configOf: (topic: string) => LogConfig
  /** Of this log, what the retention of records must not reach; default: its end. */
  readonly highWatermarkOf?: (log: Log) => number
  /** A log failed and is offline, or could not be opened. */
  readonly onOffline?: (name: string, cause: Error) => void
  readonly maxOpenFiles?: number
  readonly tailCacheBytes?: number
  readonly producerIdExpirationMs?: number
  /** log.flush.offset.checkpoint.interval.ms */
  readonly checkpointIntervalMs?: number
  /** log.retention.check.interval.ms */
  readonly retentionCheckIntervalMs?: number
  /** producer.id.expiration.check.interval.ms */
  readonly producerExpirationCheckIntervalMs?: number
}

const MINUTE = 60_000
const TAIL_CACHE_BYTES = 32 * 1024 * 1024

export class LogManager {
  readonly directoryId: string
  /** Was the last stop a clean one? */
  readonly clean: boolean
  /** By the partition's name, `topic-0`. */
  private readonly logs = new Map<string, Log>()
  /** Partitions whose folder could not be opened, and why. */
  readonly failed = new Map<string, Error>()
  private readonly unopened = new Set<string>()
  private readonly recoveryPoints: Map<string, number>
  private readonly logStarts: Map<string, number>
  private readonly highWatermarks: Map<string, number>
  private readonly context: LogContext
  private readonly stops: (() => void)[] = []
  private closed = false

  /**
   * Takes the folder's lock and finds the partitions in it, without opening them yet. Throws a LogDirError, one
   * sentence, if the folder is another's or in use.
   */
  static open(o: LogManagerOptions): LogManager {
    const { disk } = o.env
    disk.mkdir(o.dir)
    const lock = takeLock(o)
    try {
      const meta = ensureMetaProperties(disk, o.dir, {
        clusterId: o.clusterId,
        nodeId: o.nodeId,
        newDirectoryId: () => o.env.random.uuid(),
      })
      return new LogManager(o, meta, lock)
    } catch (e) {
      lock.release()
      throw e
    }
  }

  private constructor(
    private readonly o: LogManagerOptions,
    meta: MetaProperties,
    private readonly lock: { release(): void },
  ) {
    const { disk } = o.env
    this.directoryId = meta.directoryId
    this.context = {
      env: o.env,
      files: new Files(disk, o.maxOpenFiles),
      tailCache: new TailCache(o.tailCacheBytes ?? TAIL_CACHE_BYTES),
      producerIdExpirationMs: o.producerIdExpirationMs ?? 24 * 60 * MINUTE,
      onLogStart: () => this.writeLogStarts(),
      onOffline: (log, cause) => o.onOffline?.(log.name, cause),
    }
    this.recoveryPoints = readOffsetCheckpoint(disk, this.path(RECOVERY_POINT_CHECKPOINT))
    this.logStarts = readOffsetCheckpoint(disk, this.path(LOG_START_CHECKPOINT))
    this.highWatermarks = readOffsetCheckpoint(disk, this.path(REPLICATION_CHECKPOINT))
    this.clean = disk.exists(this.path(CLEAN_SHUTDOWN_FILE))
    if (this.clean) {
      // Before anything is written: a crash from here on is not a clean stop.
      disk.remove(this.path(CLEAN_SHUTDOWN_FILE))
      disk.syncDirectory(o.dir)
    }
    for (const { name, directory } of disk.list(o.dir)) {
      if (!directory) continue
      if (name.endsWith(DELETE_DIR_SUFFIX)) disk.remove(this.path(name))
      else if (parsePartitionName(name)) this.unopened.add(name)
    }
  }

  private path(name: string): string {
    return `${this.o.dir}/${name}`
  }

  // --- logs ---

  get all(): Iterable<Log> {
    return this.logs.values()
  }
  get(p: TopicPartition): Log | undefined {
    return this.logs.get(partitionName(p))
  }

  /** Opens a partition that is on disk; undefined if there is none. Throws if it cannot be opened. */
  load(p: TopicPartition): Log | undefined {
    const name = partitionName(p)
    const open = this.logs.get(name)
    if (open) return open
    if (!this.unopened.has(name)) return undefined
    return this.open(p, { created: false })
  }

  /** Opens every partition that is not open yet. One that cannot be opened is in `failed`. */
  loadAll(): void {
    for (const name of [...this.unopened]) {
      try {
        this.open(parsePartitionName(name)!, { created: false })
      } catch (e) {
        this.unopened.delete(name)
        this.failed.set(name, e as Error)
        this.o.onOffline?.(name, e as Error)
      }
    }
  }

  /**
   * The log of a partition, made if there is none. A folder that belongs to another topic of the same name, deleted
   * since, is put away first.
   */
  create(p: TopicPartition & { topicId: string }): Log {
    const name = partitionName(p)
    let log = this.load(p)
    if (log?.topicId !== undefined && log.topicId !== p.topicId) {
      this.delete(p)
      log = undefined
    }
    if (!log) {
      if (this.failed.has(name)) throw this.failed.get(name)!
      this.o.env.disk.mkdir(this.path(name))
      this.recoveryPoints.delete(name)
      this.logStarts.delete(name)
      log = this.open(p, { created: true })
    }
    if (log.topicId === undefined) {
      writeTopicId(this.context.files, log.dir, p.topicId)
      log.topicId = p.topicId
    }
    return log
  }

  private open(p: TopicPartition, { created }: { created: boolean }): Log {
    const name = partitionName(p)
    const dir = this.path(name)
    const log = Log.open(this.context, {
      ...p,
      dir,
      created,
      clean: created || this.clean,
      config: this.o.configOf(p.topic),
      recoveryPoint: this.recoveryPoints.get(name) ?? 0,
      logStartOffset: this.logStarts.get(name) ?? 0,
      topicId: created ? undefined : readTopicId(this.context.files, dir),
    })
    this.unopened.delete(name)
    this.logs.set(name, log)
    return log
  }

  /** Puts the partition's folder away at once; its files go later. Does nothing if there is none. */
  delete(p: TopicPartition): void {
    const log = this.load(p)
    if (!log) return
    this.logs.delete(log.name)
    this.recoveryPoints.delete(log.name)
    this.logStarts.delete(log.name)
    this.highWatermarks.delete(log.name)
    log.delete()
  }

  /** From the checkpoint, as the last run has left it: exclusive, undefined if it says nothing. */
  checkpointedHighWatermark(p: TopicPartition): number | undefined {
    return this.highWatermarks.get(partitionName(p))
  }

  // --- tasks ---

  /** Begins to write checkpoints, to apply retention and to forget producers, each in its interval. */
  start(): void {
    const { o } = this
    const every = (ms: number, fn: () => void) => this.stops.push(repeat(o.env.clock, ms, fn))
    every(o.checkpointIntervalMs ?? MINUTE, () => this.checkpoint())
    every(o.retentionCheckIntervalMs ?? 5 * MINUTE, () => this.deleteOldSegments())
    every(o.producerExpirationCheckIntervalMs ?? 10 * MINUTE, () => this.expireProducers())
  }

  /** Writes the recovery points, log starts and high watermarks down. */
  checkpoint(): void {
    if (this.closed) return
    for (const log of this.logs.values()) if (!log.isOffline) log.flushIndexes()
    this.writeCheckpoints()
  }

  private writeCheckpoints(): void {
    const { disk } = this.o.env
    const offsets = (known: Map<string, number>, of: (log: Log) => number) => {
      // What is offline or not open yet keeps what was written before.
      for (const log of this.logs.values()) if (!log.isOffline) known.set(log.name, of(log))
      return known
    }
    writeOffsetCheckpoint(
      disk,
      this.path(RECOVERY_POINT_CHECKPOINT),
      offsets(this.recoveryPoints, (log) => log.recoveryPoint),
    )
    this.writeLogStarts()
    writeOffsetCheckpoint(
      disk,
      this.path(REPLICATION_CHECKPOINT),
      offsets(this.highWatermarks, (log) => log.highWatermark ?? log.logEndOffset),
    )
  }

  /** Only of logs whose start is not that of their first segment. */
  private writeLogStarts(): void {
    for (const log of this.logs.values()) {
      if (log.isOffline) continue
      if (log.logStartOffset > log.firstSegmentOffset) this.logStarts.set(log.name, log.logStartOffset)
      else this.logStarts.delete(log.name)
    }
    writeOffsetCheckpoint(this.o.env.disk, this.path(LOG_START_CHECKPOINT), this.logStarts)
  }

  deleteOldSegments(): void {
    const nowMs = this.o.env.clock.now()
    this.onEach((log) => {
      const highWatermark = this.o.highWatermarkOf?.(log) ?? log.highWatermark ?? log.logEndOffset
      log.deleteOldSegments({ nowMs, highWatermark })
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
        if (!log.isOffline) throw e
      }
    }
  }

  // --- stopping ---

  /**
   * Syncs and closes all logs, writes the checkpoints and then the marker, so that the next start need not look. Without
   * the marker if a log is offline or was never opened cleanly.
   */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    for (const stop of this.stops) stop()
    const { disk } = this.o.env
    const online = [...this.logs.values()].filter((log) => !log.isOffline)
    const ends = await Promise.allSettled(online.map((log) => log.close()))
    let whole = this.failed.size === 0 && online.length === this.logs.size && (this.clean || this.unopened.size === 0)
    for (const [i, end] of ends.entries()) {
      const log = online[i]!
      if (end.status === 'rejected') {
        whole = false
        continue
      }
      this.recoveryPoints.set(log.name, log.recoveryPoint)
      this.highWatermarks.set(log.name, log.highWatermark ?? log.logEndOffset)
    }
    this.context.files.close()
    writeOffsetCheckpoint(disk, this.path(RECOVERY_POINT_CHECKPOINT), this.recoveryPoints)
    writeOffsetCheckpoint(disk, this.path(LOG_START_CHECKPOINT), this.logStarts)
    writeOffsetCheckpoint(disk, this.path(REPLICATION_CHECKPOINT), this.highWatermarks)
    if (whole) disk.replaceFile(this.path(CLEAN_SHUTDOWN_FILE), Buffer.from('{"version":0,"brokerEpoch":-1}'))
    this.lock.release()
  }
}

function takeLock(o: LogManagerOptions): { release(): void } {
  try {
    return o.env.disk.lock(`${o.dir}/${LOCK_FILE}`)
  } catch (e) {
    if ((e as { code?: string }).code !== 'ELOCKED') throw e
    throw new LogDirError(`${o.dir} is in use by another process; stop it or use another folder.`)
  }
}

/** Every `ms` from now; returns what ends it. */
function repeat(clock: Clock, ms: number, fn: () => void): () => void {
  let cancel = () => {}
  const next = () => {
    cancel = clock.after(ms, () => {
      next()
      fn()
    })
  }
  next()
  return () => cancel()
}
