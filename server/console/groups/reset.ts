/** What a reset of offsets would do, partition by partition. Pure: offsets in, rows out. */
import type { ResetInput, ResetRow } from '../shapes/group.ts'

export interface ResetPartition {
  readonly topic: string
  readonly partition: number
  /** Null: nothing committed. */
  readonly committed: number | null
  readonly startOffset: number
  readonly endOffset: number
  /** First record at or after the time asked for; null: none. Only for a reset to a time. */
  readonly atTime: number | null
}

/** Where a partition goes. Always within what exists: Kafka would take any number and readers would then start elsewhere. */
export function target(to: ResetInput['to'], p: ResetPartition): number {
  const within = (offset: number) => Math.min(Math.max(offset, p.startOffset), p.endOffset)
  switch (to.kind) {
    case 'earliest':
      return p.startOffset
    case 'latest':
      return p.endOffset
    case 'offset':
      return within(to.offset)
    case 'timestamp':
      return within(p.atTime ?? p.endOffset)
    case 'shift':
      // Without a commit there is nothing to shift from: the beginning is where a reset to "earliest" would start.
      return within((p.committed ?? p.startOffset) + to.by)
  }
}

/** Times are filled in by who can read records. */
export function resetRow(to: ResetInput['to'], p: ResetPartition): ResetRow {
  const after = target(to, p)
  const { committed } = p
  // What was deleted is neither read again nor skipped.
  const from = committed === null ? null : Math.max(committed, p.startOffset)
  const records = from === null ? 0 : Math.abs(Math.min(from, p.endOffset) - after)
  return {
    topic: p.topic,
    partition: p.partition,
    before: committed,
    after,
    startOffset: p.startOffset,
    endOffset: p.endOffset,
    effect: records === 0 ? 'none' : after < from! ? 'again' : 'skipped',
    records,
    firstTimestampMs: null,
    lastTimestampMs: null,
    lagAfter: p.endOffset - after,
  }
}
