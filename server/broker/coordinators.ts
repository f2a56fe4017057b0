/**
 * Which partitions of `__consumer_offsets` this broker serves groups from: those that it leads. They are loaded when leadership comes,
 * and given up when it goes; one that is led on in a new epoch goes on.
 */
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts'
import type { Clock } from '../env/env.ts'
import type { MetadataImage } from '../metadata/image.ts'
import type { Partition } from '../replication/partition.ts'
import { allBatches } from '../replication/read_all.ts'
import type { Logger } from '../rpc/logger.ts'

export const OFFSETS_TOPIC = '__consumer_offsets'

/** After a partition that could not be read. */
const RETRY_MS = 1_000
const RETRY_MAX_MS = 60_000

export interface CoordinatorsOptions {
  readonly image: MetadataImage
  readonly groups: GroupCoordinator
  readonly ledOf: (topic: string) => { index: number; partition: Partition }[]
  readonly clock: Clock
  readonly log: Logger
  readonly onLoaded: (tookMs: number) => void
}

export class Coordinators {
  /** By index. */
  private readonly served = new Map<number, Partition>()
  private topicId: string | undefined
  private partitions: number | undefined

  constructor(private readonly o: CoordinatorsOptions) {}

  /**
   * Over so many partitions groups are spread: as many as their topic had when it was first seen. Those that are added later get no
   * groups: the ones that there are would not be found where they are. Undefined while there is no topic.
   */
  get numPartitions(): number | undefined {
    this.look()
    return this.partitions
  }

  private look(): void {
    const topic = this.o.image.topic(OFFSETS_TOPIC)
    if (topic?.topicId === this.topicId) return
    this.topicId = topic?.topicId
    this.partitions = topic?.partitions.length
  }

  /** Leadership may have come or gone. Resolves when what has come is served. */
  async follow(): Promise<void> {
    this.look()
    const led = this.o.ledOf(OFFSETS_TOPIC)
    const now = new Map(led.map(({ index, partition }) => [index, partition]))
    for (const [index, partition] of this.served) {
      if (now.get(index) !== partition) this.resign(index)
    }
    const come = led.filter(({ index }) => !this.served.has(index))
    for (const { index, partition } of come) this.served.set(index, partition)
    await Promise.all(come.map(({ index, partition }) => this.load(index, partition)))
  }

  /** The topic is about to be deleted. */
  topicDeleted(): void {
    for (const index of [...this.served.keys()]) this.resign(index)
  }

  private resign(index: number): void {
    this.served.delete(index)
    this.o.groups.unload(index)
  }

  /** What cannot be read is tried again and again, as long as it is led here: nobody else will. */
  private async load(index: number, partition: Partition, retryMs = RETRY_MS): Promise<void> {
    const { groups, clock, log, onLoaded } = this.o
    const begunMs = clock.monotonic()
    try {
      await groups.load(index, { log: partition, batches: () => allBatches(partition.log) })
      onLoaded(clock.monotonic() - begunMs)
    } catch (error) {
      if (this.served.get(index) !== partition || !partition.isLeader) return
      log.error(`the groups in ${OFFSETS_TOPIC}-${index} cannot be served: ${(error as Error).message}`)
      if (partition.log.isOffline) return
      clock.after(retryMs, () => {
        if (this.served.get(index) !== partition || !partition.isLeader) return
        void this.load(index, partition, Math.min(retryMs * 2, RETRY_MAX_MS))
      })
    }
  }

  /** The coordinator of a partition has gone down by itself. */
  isDown(index: number, error: Error): void {
    // Leadership has gone, and may have come back before anybody looks: it is loaded anew then.
    if (!this.served.get(index)?.isLeader) this.served.delete(index)
    else this.o.log.error(`the coordinator of ${OFFSETS_TOPIC}-${index} is down: ${error.message}`)
  }
}
