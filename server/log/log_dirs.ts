/**
 * All log dirs of a broker (`log.dirs`, `metadata.log.dir`): opened together, checked against each other, and which of them a
 * partition is in or goes to. What one dir does by itself is `log_manager.ts`; moving a partition is `log_dir_move.ts`.
 *
 * Where a partition's folder is found is where it is, whatever the metadata says: it is told (KIP-858), not asked. A dir that
 * cannot be used when the broker starts is left out, with what is in it, as long as it is not the one of the metadata.
 */
import { type Disk, DiskError } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type CleanerConfig, LogCleaner } from './compaction/log_cleaner.ts'
import { CLUSTER_METADATA_DIR, partitionName, type TopicPartition } from './file_names.ts'
import { Files } from './files.ts'
import type { Log } from './log.ts'
import type { LogConfig } from './log_config.ts'
import { LogManager, type LogManagerOptions } from './log_manager.ts'
import { LogDirError, readMetaProperties } from './meta_properties.ts'
import { TailCache } from './tail.ts'

export interface LogDirsOptions
  extends Omit<LogManagerOptions, 'dir' | 'files' | 'tailCache' | 'onOffline' | 'onNoRoom'> {
  readonly config: LogManagerOptions['config'] & CleanerConfig
  /** Paths, at least one. */
  readonly dirs: readonly string[]
  /** Of the metadata log; default: the first. */
  readonly metadataDir?: string
  /** Paths of those that get no new partitions, or `*`. */
  readonly cordoned?: () => readonly string[]
  /** One of them has failed, and all its logs are offline. */
  readonly onOffline?: (dir: LogManager, cause: Error) => void
  /** An append has found no room in it. */
  readonly onNoRoom?: (dir: LogManager) => void
  /** Bytes of records appended last that are kept in memory, all logs together. */
  readonly tailCacheBytes?: number
}

export interface UnusableDir {
  readonly path: string
  readonly reason: string
}

const TAIL_CACHE_BYTES = 32 * 1024 * 1024
const ANY = '*'

export class LogDirs {
  /** The one with the metadata log; it may hold partitions or not. */
  readonly metadata: LogManager
  /** Those with partitions that could be opened, in the order of `log.dirs`. They may have failed since. */
  readonly all: readonly LogManager[]
  /** Named, but not to be used. */
  readonly unusable: readonly UnusableDir[]
  /** Dirs that were asked for before their partition was there, by its name. */
  private readonly preferred = new Map<string, LogManager>()
  private readonly cleaner: LogCleaner

  /** Throws a LogDirError, one sentence, if they do not fit together or one is another's. */
  static open(o: LogDirsOptions): LogDirs {
    const opened: LogManager[] = []
    try {
      return new LogDirs(o, opened)
    } catch (e) {
      for (const dir of opened) dir.abandon()
      throw e
    }
  }

  private constructor(
    private readonly o: LogDirsOptions,
    opened: LogManager[],
  ) {
    const metadataDir = o.metadataDir ?? o.dirs[0]!
    const twice = o.dirs.find((path, i) => o.dirs.indexOf(path) !== i)
    if (twice !== undefined) throw new LogDirError(`log.dirs names ${twice} twice; name each folder once.`)
    const paths = [metadataDir, ...o.dirs.filter((path) => path !== metadataDir)]
    const clusterId = o.clusterId ?? clusterIdOf(o.env.disk, paths)
    const files = new Files(o.env.disk, o.maxOpenFiles, o.blocks)
    const tailCache = new TailCache(o.tailCacheBytes ?? TAIL_CACHE_BYTES, (bytes) => files.blocks.take(bytes))
    const shared = { files, tailCache }
    const unusable: UnusableDir[] = []
    for (const path of paths) {
      try {
        const dir: LogManager = LogManager.open({
          ...o,
          ...shared,
          dir: path,
          ...((opened[0]?.clusterId ?? clusterId) !== undefined && { clusterId: opened[0]?.clusterId ?? clusterId }),
          onOffline: (cause) => o.onOffline?.(dir, cause),
          onNoRoom: () => o.onNoRoom?.(dir),
        })
        opened.push(dir)
      } catch (e) {
        // Another's folder is refused; one whose disk is broken costs what is in it.
        if (path === metadataDir || !(e instanceof LogDirError && e.cause instanceof DiskError)) throw e
        unusable.push({ path, reason: e.message })
      }
    }
    this.metadata = opened[0]!
    this.all = o.dirs.flatMap((path) => opened.find((d) => d.dir === path) ?? [])
    this.unusable = unusable
    if (this.all.length === 0) throw new LogDirError(unusable[0]!.reason)
    for (const { path, reason } of unusable) o.onLine?.(`${path} is left out, with all partitions in it: ${reason}`)
    this.check()
    this.cleaner = new LogCleaner({
      clock: o.env.clock,
      random: o.env.random,
      config: o.config,
      logs: () => this.all.flatMap((d) => [...d.all]),
      onCleaned: async (log) => {
        const { topic, partition } = log.topicPartition
        await this.all.find((d) => d.get(topic, partition) === log)?.keepCleaned(log)
      },
      onLine: (line) => o.onLine?.(line),
    })
  }

  private check(): void {
    const ids = new Map<string, string>()
    for (const { dir, directoryId } of new Set([this.metadata, ...this.all])) {
      const other = ids.get(directoryId)
      if (other !== undefined) {
        throw new LogDirError(
          `${other} and ${dir} have the same directory.id ${directoryId}: one is a copy of the other; name one of them.`,
        )
      }
      ids.set(directoryId, dir)
    }
    const where = new Map<string, string>()
    for (const d of this.all) {
      for (const p of d.found()) {
        const name = partitionName(p)
        if (name === CLUSTER_METADATA_DIR) {
          if (d === this.metadata) continue
          throw new LogDirError(
            `The metadata log is in ${d.dir}, but metadata.log.dir is ${this.metadata.dir}; set metadata.log.dir=${d.dir}.`,
          )
        }
        const other = where.get(name)
        if (other !== undefined) {
          throw new LogDirError(
            `${name} is in ${other} and in ${d.dir}; keep the folder that is newer and move the other one away.`,
          )
        }
        where.set(name, d.dir)
      }
    }
  }

  get clusterId(): string {
    return this.metadata.clusterId
  }

  /** Of the broker that was stopped cleanly here: what all dirs agree on, otherwise -1. */
  get previousBrokerEpoch(): number {
    const epochs = new Set(this.all.map((d) => d.previousBrokerEpoch))
    return epochs.size === 1 && this.unusable.length === 0 ? this.all[0]!.previousBrokerEpoch : -1
  }

  get online(): readonly LogManager[] {
    return this.all.filter((d) => !d.isOffline)
  }

  /** By its path, or by its id; undefined if there is none that could be opened. */
  find(pathOrId: string): LogManager | undefined {
    return this.all.find((d) => d.dir === pathOrId || d.directoryId === pathOrId)
  }

  isCordoned(d: LogManager): boolean {
    const cordoned = this.o.cordoned?.() ?? []
    return cordoned.includes(d.dir) || cordoned.includes(ANY)
  }

  // --- partitions ---

  /** The dir with the partition's folder. */
  dirOf(topic: string, partition: number): LogManager | undefined {
    return this.all.find((d) => d.has(topic, partition))
  }

  /**
   * The log of a partition, made if there is none: in the dir that was asked for, in that of the metadata, or where the fewest
   * partitions are. Throws KAFKA_STORAGE_ERROR if the metadata names a dir that is not there: what it holds must not be taken
   * for gone.
   */
  open(topic: string, partition: number, o: { topicId: string; config: LogConfig; directoryId?: string }): Log {
    const { directoryId } = o
    const found = this.dirOf(topic, partition)
    if (found) return found.open(topic, partition, o)
    const recorded = directoryId === undefined ? undefined : this.find(directoryId)
    if (directoryId !== undefined && !recorded) {
      throw new KafkaError(
        'KAFKA_STORAGE_ERROR',
        `${topic}-${partition} is in the log dir with the id ${directoryId}, which cannot be used.`,
      )
    }
    const future = this.futureDirOf(topic, partition)
    if (future && [o.topicId, undefined].includes(future.futures.topicId({ topic, partition }))) {
      // The broker ended between the two renames that end a move: this is all of it.
      future.promote(topic, partition)
      return future.open(topic, partition, o)
    }
    const name = partitionName({ topic, partition })
    const wanted = this.preferred.get(name) ?? recorded
    this.preferred.delete(name)
    return wanted ? wanted.open(topic, partition, o) : this.make(topic, partition, o)
  }

  /** Where the fewest are, or, where there is no room, in the next. */
  private make(topic: string, partition: number, o: { topicId: string; config: LogConfig }): Log {
    const { online } = this
    const open = online.filter((d) => !this.isCordoned(d))
    const candidates = [...(open.length > 0 ? open : online)].sort((a, b) => a.count - b.count)
    let failure: unknown = new KafkaError('KAFKA_STORAGE_ERROR', 'No log dir is online.')
    for (const dir of candidates) {
      try {
        return dir.open(topic, partition, o)
      } catch (e) {
        if (!(e instanceof DiskError)) throw e
        failure = e
      }
    }
    throw failure
  }

  /** Where a partition shall be made once it is there. */
  prefer(topic: string, partition: number, dir: LogManager): void {
    this.preferred.set(partitionName({ topic, partition }), dir)
  }

  delete(topic: string, partition: number): void {
    this.preferred.delete(partitionName({ topic, partition }))
    this.cancelMove(topic, partition)
    for (const d of this.all) d.delete(topic, partition)
  }

  /** The same, but its folder is kept; returns where, if there is one. */
  setAside(topic: string, partition: number): string | undefined {
    const kept = this.dirOf(topic, partition)?.setAside(topic, partition)
    this.delete(topic, partition)
    return kept
  }

  // --- moving a partition from one dir to another (KIP-113); who copies it is `replication/replica_mover.ts` ---

  /** Is anything of it in one of the dirs? */
  holds(topic: string, partition: number): boolean {
    return this.dirOf(topic, partition) !== undefined || this.futureDirOf(topic, partition) !== undefined
  }

  /** The dir that the partition is on its way to. */
  futureDirOf(topic: string, partition: number): LogManager | undefined {
    return this.all.find((d) => d.futures.has({ topic, partition }))
  }

  /** Its future replica in that dir, made if there is none: to be brought to the end of its log. */
  beginMove(topic: string, partition: number, to: LogManager, o: { topicId: string; config: LogConfig }): Log {
    const other = this.futureDirOf(topic, partition)
    if (other && other !== to) other.futures.delete({ topic, partition })
    return to.futures.open({ topic, partition }, o)
  }

  cancelMove(topic: string, partition: number): void {
    for (const d of this.all) d.futures.delete({ topic, partition })
  }

  /** The future replica, which has everything and has been synced, becomes the partition; see `LogManager.promote`. */
  endMove(topic: string, partition: number): Log {
    return this.futureDirOf(topic, partition)!.promote(topic, partition, this.dirOf(topic, partition)!)!
  }

  /** All partitions that have a folder, the metadata log aside. */
  found(): { dir: LogManager; partition: TopicPartition }[] {
    return this.all.flatMap((dir) =>
      dir
        .found()
        .filter((p) => partitionName(p) !== CLUSTER_METADATA_DIR)
        .map((partition) => ({ dir, partition })),
    )
  }

  // --- tasks and stopping ---

  startTasks(): void {
    for (const d of this.each()) d.startTasks()
    this.cleaner.start()
  }

  /** Syncs and closes all, each with its own mark of a clean stop. */
  async close(o?: { brokerEpoch: number }): Promise<void> {
    await this.cleaner.stop()
    const ends = await Promise.allSettled(this.each().map((d) => d.close(o)))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
  }

  abandon(): void {
    for (const d of this.each()) d.abandon()
  }

  private each(): LogManager[] {
    return [...new Set([this.metadata, ...this.all])]
  }
}

/** Of the dirs that know it. Throws if they do not agree; undefined if all are new. */
export function clusterIdOf(disk: Disk, paths: readonly string[]): string | undefined {
  let first: { path: string; clusterId: string } | undefined
  for (const path of paths) {
    let clusterId: string | undefined
    try {
      clusterId = readMetaProperties(disk, path)?.clusterId
    } catch (e) {
      if (!(e instanceof DiskError)) throw e
    }
    if (clusterId === undefined) continue
    first ??= { path, clusterId }
    if (clusterId !== first.clusterId) {
      throw new LogDirError(
        `${path} belongs to the cluster ${clusterId}, but ${first.path} to ${first.clusterId}; use folders of one cluster.`,
      )
    }
  }
  return first?.clusterId
}
