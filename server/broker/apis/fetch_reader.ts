/**
 * Who fetches, and what is theirs to read. Consumers see up to the high watermark, from version 11 on at any replica (KIP-392);
 * followers read at the leader alone, up to the log's end, and tell it by that what they have; whoever compares replicas (-2) reads
 * each up to its end and tells nothing.
 */
import type { Fetch } from '../../protocol/messages/01_fetch.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { TopicMeter } from '../../replication/topic_meter.ts'
import type { FetchPartition, FetchSource } from '../fetch_sessions.ts'
import type { RequestContext } from '../handler.ts'
import { isRackAware, preferredReadReplica } from '../preferred_read_replica.ts'

/** What can be read of a partition. */
export interface Readable extends FetchSource {
  /** Of the term in which this broker leads it, -1 while it does not. */
  readonly leaderEpoch: number
  readonly lastStableOffset: number
  readonly meter: TopicMeter | undefined
  hasDataAt(offset: number, readCommitted?: boolean): boolean
  read(o: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    readCommitted?: boolean
  }): readonly Buffer[] | Promise<readonly Buffer[]>
  abortedTransactions(offset: number, records: readonly Buffer[]): { producerId: number; firstOffset: number }[] | null
}

/** One partition to be read, as it was found. */
export interface Item {
  readonly wanted: FetchPartition
  readonly source: Readable | undefined
  readonly error: { code: number } | undefined
  /** Instead of records: the reader has to cut its log there, or to read elsewhere; or it lacks the high watermark. */
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | undefined
  readonly preferred: number | undefined
  readonly isNews: boolean
  /** What is read counts only while this broker leads in this epoch; undefined where it does not matter. */
  readonly ledEpoch: number | undefined
}

export interface Reader {
  readonly isFollower: boolean
  /** `isFirst`: the fetch has come just now; not after it has waited. Throws a KafkaError. */
  find(topic: string, wanted: FetchPartition, isFirst: boolean): Item
}

const DEBUGGING_REPLICA = -2
/** From here on consumers may read from followers, and say where they are. */
const FIRST_WITH_RACK = 11

export function readerOf(request: Infer<typeof Fetch.request>, context: RequestContext): Reader {
  const inState = context.version >= 15
  const replicaId = inState ? request.replicaState.replicaId : request.replicaId
  if (replicaId >= 0) return new Follower(replicaId, inState ? request.replicaState.replicaEpoch : -1, context)
  return replicaId === DEBUGGING_REPLICA ? new Comparer(context) : new Consumer(request.rackId, context)
}

const found = (wanted: FetchPartition, source: Readable): Item => ({
  wanted,
  source,
  error: undefined,
  diverging: undefined,
  preferred: undefined,
  isNews: false,
  ledEpoch: undefined,
})

class Consumer implements Reader {
  readonly isFollower = false

  constructor(
    private readonly rackId: string,
    private readonly context: RequestContext,
  ) {}

  find(topic: string, wanted: FetchPartition): Item {
    const { broker, version } = this.context
    const anywhere = version >= FIRST_WITH_RACK
    const partition = broker.partitions[anywhere ? 'replica' : 'leader'](topic, wanted.partition)
    // Whatever is below 0 means here that the reader knows of none.
    partition.checkLeaderEpoch(Math.max(-1, wanted.currentLeaderEpoch))
    if (this.rackId !== '' && anywhere) {
      const preferred = preferredReadReplica(partition, {
        rackId: this.rackId,
        fetchOffset: wanted.fetchOffset,
        broker,
      })
      if (preferred !== undefined) return { ...found(wanted, partition), preferred }
    }
    if (wanted.lastFetchedEpoch >= 0) {
      const diverging = partition.divergence(wanted.fetchOffset, wanted.lastFetchedEpoch)
      if (diverging) return { ...found(wanted, partition), diverging }
    }
    partition.checkOffset(wanted.fetchOffset)
    return found(wanted, partition)
  }
}

class Follower implements Reader {
  readonly isFollower = true

  constructor(
    private readonly replicaId: number,
    private readonly brokerEpoch: number,
    private readonly context: RequestContext,
  ) {}

  find(topic: string, wanted: FetchPartition, isFirst: boolean): Item {
    const { replicaId, brokerEpoch } = this
    const { broker } = this.context
    const partition = broker.partitions.leader(topic, wanted.partition)
    const { fetchOffset, lastFetchedEpoch, followerLogStartOffset: logStartOffset } = wanted
    const currentLeaderEpoch = Math.max(-1, wanted.currentLeaderEpoch)
    partition.checkLeaderEpoch(currentLeaderEpoch)
    const diverging = partition.followerFetches(
      { replicaId, brokerEpoch, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset },
      isFirst,
    )
    // Where consumers may read from followers these hear of what is committed as soon as it is, and not with the next records.
    wanted.wantsHighWatermark = wanted.session !== undefined && isRackAware(broker)
    const isNews = wanted.wantsHighWatermark && wanted.highWatermark < partition.highWatermark
    // One that is in sync stays so: to hold it back would take it out of the ISR.
    const waits =
      broker.throttled.leader.holdsBack(topic, wanted.partition) &&
      partition.followers?.isr.includes(replicaId) === false
    const source = waits ? new HeldBack(partition.end) : partition.end
    return { ...found(wanted, source), diverging, isNews, ledEpoch: partition.leaderEpoch }
  }
}

/** A partition that a follower may not read for the moment (KIP-73): as if there were nothing, and that it grows is not told either. */
class HeldBack implements Readable {
  constructor(private readonly end: Readable) {}

  get leaderEpoch(): number {
    return this.end.leaderEpoch
  }
  get highWatermark(): number {
    return this.end.highWatermark
  }
  get lastStableOffset(): number {
    return this.end.lastStableOffset
  }
  get logStartOffset(): number {
    return this.end.logStartOffset
  }
  get meter(): TopicMeter | undefined {
    return this.end.meter
  }
  hasDataAt(): boolean {
    return false
  }
  read(): readonly Buffer[] {
    return []
  }
  abortedTransactions(): null {
    return null
  }
  watch(): void {}
  unwatch(): void {}
}

class Comparer implements Reader {
  readonly isFollower = false

  constructor(private readonly context: RequestContext) {}

  find(topic: string, wanted: FetchPartition): Item {
    const partition = this.context.broker.partitions.replica(topic, wanted.partition)
    partition.checkLeaderEpoch(Math.max(-1, wanted.currentLeaderEpoch))
    partition.checkOffset(wanted.fetchOffset)
    return found(wanted, partition.end)
  }
}
