/** What is given to a log to append, and what it answers. */

import type { BatchMetadata } from './producer_state.ts'

export interface AppendItem {
  /** A client's record set as it came, or whole batches of format 2 of a state machine. May be changed in place. */
  readonly records: Buffer | null
  /** Version of the Produce request it came in; undefined: from this broker itself, not to be checked. */
  readonly produceVersion: number | undefined
}

export interface AppendResult {
  /** Of the first record; of the earlier append if this was a duplicate. */
  readonly baseOffset: number
  /** Inclusive. */
  readonly lastOffset: number
  /** Ms since the epoch under LogAppendTime, otherwise -1. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** An idempotent producer has sent it again: nothing was appended. */
  readonly duplicate: boolean
}

/** The answer to a batch that was appended before. */
export const sentAgain = (
  { lastOffset, offsetDelta, timestamp }: BatchMetadata,
  o: { logAppendTimeMs: number; logStartOffset: number },
): AppendResult => ({
  baseOffset: lastOffset - offsetDelta,
  lastOffset,
  logAppendTimeMs: o.logAppendTimeMs < 0 ? -1 : timestamp,
  logStartOffset: o.logStartOffset,
  duplicate: true,
})
