/** A group's committed offset in a partition. No value means that it was deleted or has expired. */
import { int32, int64, message, string, uuid } from '../schema.ts'

export const OffsetCommitKey = message(
  'OffsetCommitKey',
  { versions: '0', flexible: 'none' },
  {
    group: string(),
    topic: string(),
    partition: int32(),
  },
)

export const OffsetCommitValue = message(
  'OffsetCommitValue',
  { versions: '0-4', flexible: '4+' },
  {
    offset: int64(),
    leaderEpoch: int32({ versions: '3+', default: -1 }),
    metadata: string(),
    commitTimestamp: int64(),
    topicId: uuid({ versions: '4+', tag: 0 }),
    /** Only where the client named a retention time (OffsetCommit before version 5). */
    expireTimestamp: int64({ versions: '1', default: -1 }),
  },
)
