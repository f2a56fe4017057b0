/**
 * A partition that is followed: which leader in which epoch, and how far fetching has come. Another object for every leader epoch, so
 * that an answer which arrives late finds that it is not meant any more.
 */
import type { Partition } from '../partition.ts'

/** What a fetcher needs of the replica: `Partition` as a follower. */
export type FollowerReplica = Pick<
  Partition,
  | 'log'
  | 'highWatermark'
  | 'logStartOffset'
  | 'logEndOffset'
  | 'appendFromLeader'
  | 'endOffsetForEpoch'
  | 'truncateTo'
  | 'truncateFullyAndStartAt'
>

export interface ToFollow {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replica: FollowerReplica
}

/** As the leader's session has it. */
export interface FetchPosition {
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  readonly logStartOffset: number
}

export class Followed {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replica: FollowerReplica
  /** It is not followed in this epoch any more: nothing may be done to the replica. */
  over = false
  /** For the moment nothing is appended: its log is about to be another, of the same records. */
  held = false
  /** What the leader was asked for last; undefined while it is not in the session. */
  sent: FetchPosition | undefined
  /** Nothing is asked for before, monotonic ms. */
  delayedUntilMs = 0
  /** Of the next delay, where the reason passes by itself, ms. */
  nextDelayMs = 0
  /** Records that the leader has and this replica has not, by its last answer; undefined before the first. */
  lag: number | undefined

  constructor(f: ToFollow) {
    this.topic = f.topic
    this.topicId = f.topicId
    this.index = f.index
    this.leaderId = f.leaderId
    this.leaderEpoch = f.leaderEpoch
    this.replica = f.replica
  }

  get name(): string {
    return `${this.topic}-${this.index}`
  }

  /** Where it has to go on. */
  position(): FetchPosition {
    const { log, logEndOffset, logStartOffset } = this.replica
    return { fetchOffset: logEndOffset, lastFetchedEpoch: log.latestEpoch ?? -1, logStartOffset }
  }
}
