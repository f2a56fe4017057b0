/** Which partitions are being moved to another log dir at the moment, as AlterReplicaLogDirs (34) has asked. */
import { type Clock, DiskError } from '../env/env.ts'
import type { LogConfig } from '../log/log_config.ts'
import type { LogDirs } from '../log/log_dirs.ts'
import type { LogManager } from '../log/log_manager.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { ReplicaFetchers } from '../replication/fetcher/replica_fetchers.ts'
import type { Partition } from '../replication/partition.ts'
import { ReplicaMover } from '../replication/replica_mover.ts'
import type { Logger } from '../rpc/logger.ts'

export interface ReplicaMovesOptions {
  readonly logs: LogDirs
  readonly clock: Clock
  readonly log: Logger
  readonly maxBytesPerSecond: () => number
  readonly configOf: (topic: string) => LogConfig
  readonly fetchers: Pick<ReplicaFetchers, 'hold' | 'release'>
  /** It is in another log dir now. */
  readonly onMoved: (p: { topicId: string; partitionIndex: number; directoryId: string }) => void
}

export class ReplicaMoves {
  private readonly movers = new Map<string, { mover: ReplicaMover; to: LogManager }>()

  constructor(private readonly o: ReplicaMovesOptions) {}

  /** Begins, or goes on with what an earlier run of the broker has begun; one to another dir ends. Throws if the disk fails. */
  begin(p: { topic: string; topicId: string; index: number; partition: Partition; to: LogManager }): void {
    const { logs, clock, log, maxBytesPerSecond, configOf, fetchers, onMoved } = this.o
    const { topic, topicId, index, partition, to } = p
    const name = `${topic}-${index}`
    if (this.movers.get(name)?.to === to) return
    this.stop(topic, index)
    const future = orStorageError(() => logs.beginMove(topic, index, to, { topicId, config: configOf(topic) }))
    const mover = new ReplicaMover({
      partition,
      future,
      clock,
      maxBytesPerSecond,
      hold: () => fetchers.hold(topic, index),
      release: () => fetchers.release(topic, index),
      swap: () => {
        const moved = logs.endMove(topic, index)
        moved.config = configOf(topic)
        return moved
      },
      onEnd: (error) => {
        this.movers.delete(name)
        if (!error) return onMoved({ topicId, partitionIndex: index, directoryId: to.directoryId })
        log.error(`${name} could not be moved to ${to.dir}: ${error.message}`)
        // What there is of it may be all that is left, or cannot be removed.
        if (!partition.log.isOffline && !to.isOffline) this.forget(topic, index)
      },
    })
    this.movers.set(name, { mover, to })
    mover.start()
  }

  /** What has been copied goes. Does nothing if it is not being moved. */
  cancel(topic: string, index: number): void {
    this.stop(topic, index)
    orStorageError(() => this.o.logs.cancelMove(topic, index))
  }

  /** Records that its future replica is behind. */
  offsetLag(topic: string, index: number): number {
    return this.movers.get(`${topic}-${index}`)?.mover.offsetLag ?? 0
  }

  /** The broker stops; the next one goes on. */
  stopAll(): void {
    for (const { mover } of this.movers.values()) mover.cancel()
    this.movers.clear()
  }

  /** What has been copied stays. */
  stop(topic: string, index: number): void {
    this.movers.get(`${topic}-${index}`)?.mover.cancel()
    this.movers.delete(`${topic}-${index}`)
  }

  private forget(topic: string, index: number): void {
    try {
      this.o.logs.cancelMove(topic, index)
    } catch (error) {
      this.o.log.warn(`what was copied of ${topic}-${index} is still there: ${(error as Error).message}`)
    }
  }
}

function orStorageError<T>(fn: () => T): T {
  try {
    return fn()
  } catch (e) {
    throw e instanceof DiskError ? new KafkaError('KAFKA_STORAGE_ERROR', e.message) : e
  }
}
