/**
 * Where a follower cuts its log so that it is a beginning of its leader's (KIP-101, KIP-279, KIP-595). Both logs are the same up to
 * the end of the last epoch that both know; what a follower has beyond was never committed.
 */

/** The leader's word on the epoch of the follower's last record: the last epoch that it knows not above that one, and where that ended. */
export interface EpochEnd {
  readonly epoch: number
  /** Exclusive. */
  readonly endOffset: number
}

export interface FollowerLog {
  readonly logEndOffset: number
  readonly highWatermark: number
  /** The same of this log; -1 and -1 if it knows no such epoch. */
  endOffsetForEpoch(epoch: number): EpochEnd
}

/**
 * The end that the follower's log is cut to. Where the follower does not know the leader's epoch it is the end of the one before, and the
 * leader has to be asked again: by the next fetch, which tells the new last epoch.
 */
export function truncationOffset(leader: EpochEnd, log: FollowerLog): number {
  // The leader knows nothing so old: only what is committed is sure to be the same.
  if (leader.endOffset < 0) return Math.min(log.highWatermark, log.logEndOffset)
  const own = leader.epoch < 0 ? undefined : log.endOffsetForEpoch(leader.epoch)
  if (own === undefined || own.endOffset < 0) return Math.min(leader.endOffset, log.logEndOffset)
  if (own.epoch !== leader.epoch) return Math.min(own.endOffset, log.logEndOffset)
  return Math.min(own.endOffset, leader.endOffset, log.logEndOffset)
}
