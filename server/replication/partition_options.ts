/** What is asked of a partition and answered, and what it needs of its broker. */
import type { AppendItem } from '../log/log.ts'
import type { Brokers, IsrChange, IsrOutcome } from './leader_state.ts'
import type { TopicMeter } from './topic_meter.ts'
import type { Turn } from './turn.ts'

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

/** A client's records that are appended when the turn is over. */
export interface Queued {
  readonly item: AppendItem
  readonly acks: number
  readonly durable: boolean
  resolve(result: AppendResult): void
  reject(error: Error): void
}

/** Who is told that something has become readable. */
export interface Watcher {
  /** A follower: is it to be told as well when the high watermark moves? */
  readonly wantsHighWatermark?: boolean
  /** So many bytes are; Infinity when the partition is gone or failed, 0 when something else about it is new. */
  grown(bytes: number): void
}

/** Leadership of this broker, as the metadata says. */
export interface Leadership {
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

/** What a follower asks its leader for, of one partition. */
export interface FollowerRequest {
  readonly replicaId: number
  readonly brokerEpoch: number
  /** -1 where the version does not tell. */
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  /** Of the record before `fetchOffset`; -1 where there is none, or the version does not tell. */
  readonly lastFetchedEpoch: number
  readonly logStartOffset: number
}

/** What a leader has sent, of one partition. */
export interface LeaderAnswer {
  /** Of the leader that was asked. */
  readonly leaderEpoch: number
  readonly records: Buffer | null
  readonly highWatermark: number
  readonly logStartOffset: number
}

/** What a partition with several replicas needs of its broker. */
export interface ReplicationOptions {
  readonly nodeId: number
  readonly brokers: Brokers
  /** replica.lag.time.max.ms */
  readonly lagTimeMaxMs: () => number
  /** Asks the controller, for as long as it takes. Does not reject. */
  readonly alterIsr: (change: IsrChange) => Promise<IsrOutcome>
  /** Tells what has become of a change that was proposed. */
  readonly onIsrChange?: (change: IsrChange, isr: readonly number[] | undefined) => void
}

export interface PartitionOptions {
  /** Does acks=all wait for the sync? (`weir.acks.all.sync`) */
  readonly syncAcksAll: boolean
  /** Counts what comes in and goes out. */
  readonly meter?: TopicMeter
  /** Called once, with why. */
  readonly onOffline?: (error: Error) => void
  /** Shared with the other partitions of the broker. Default: its own. */
  readonly turn?: Turn
  /** Without it this is the only replica. */
  readonly replication?: ReplicationOptions
  /** Of a partition with several replicas, from the checkpoint: what is beyond may not be committed. Default: the log's end. */
  readonly highWatermark?: number
}
