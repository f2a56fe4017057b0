/** What lies in the log dirs, for DescribeLogDirs and for metrics. */
import { DiskError } from '../env/env.ts'
import type { LogDirs } from '../log/log_dirs.ts'
import type { LogManager } from '../log/log_manager.ts'
import type { Partition } from '../replication/partition.ts'

/** The partitions that are open here. */
export type OpenPartitions = Iterable<{ readonly topic: string; readonly index: number; readonly partition: Partition }>

export interface LogDirSize {
  readonly path: string
  readonly offline: boolean
  readonly totalBytes: number
  readonly usableBytes: number
  readonly usedBytes: number
}

/** The log dirs, what is free in them and what the logs take, bytes; NaN where one has failed. */
export function logDirSizes(logs: LogDirs, partitions: () => OpenPartitions): LogDirSize[] {
  const none = Number.NaN
  const failed = (path: string) => ({ path, offline: true, totalBytes: none, usableBytes: none, usedBytes: none })
  return eachDir(logs, failed, (dir) => {
    const { total, free } = dir.space()
    let usedBytes = 0
    for (const { partition } of partitions()) if (partition.log.isIn(dir.dir)) usedBytes += partition.log.sizeInBytes
    return { path: dir.dir, offline: false, totalBytes: total, usableBytes: free, usedBytes }
  })
}

/** For DescribeLogDirs; `offsetLag` is how many records the future replica of a partition is behind. */
export function describeLogDirs(
  logs: LogDirs,
  partitions: () => OpenPartitions,
  offsetLag: (topic: string, index: number) => number,
) {
  const none = { offline: true, cordoned: false, totalBytes: -1, usableBytes: -1, partitions: [] }
  const failed = (path: string) => ({ path, ...none })
  return eachDir(logs, failed, (dir) => {
    const { total, free } = dir.space()
    const found = [...logsIn(dir, partitions(), offsetLag)]
    const cordoned = logs.isCordoned(dir)
    return { path: dir.dir, offline: false, cordoned, totalBytes: total, usableBytes: free, partitions: found }
  })
}

function eachDir<A, B>(logs: LogDirs, failed: (path: string) => A, describe: (dir: LogManager) => B): (A | B)[] {
  const found = logs.all.map((dir) => {
    try {
      return dir.isOffline ? failed(dir.dir) : describe(dir)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      return failed(dir.dir)
    }
  })
  return [...found, ...logs.unusable.map(({ path }) => failed(path))]
}

function* logsIn(dir: LogManager, partitions: OpenPartitions, lag: (topic: string, index: number) => number) {
  for (const { topic, index, partition } of partitions) {
    const { log } = partition
    if (log.isIn(dir.dir)) yield { topic, index, sizeBytes: log.sizeInBytes, offsetLag: 0, isFuture: false }
    const future = dir.futures.get({ topic, partition: index })
    if (future) {
      yield { topic, index, sizeBytes: future.sizeInBytes, offsetLag: lag(topic, index), isFuture: true }
    }
  }
}
