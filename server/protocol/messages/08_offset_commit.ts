/**
 * A group stores how far it has read. From version 9 on members of the consumer protocol commit as well (KIP-848);
 * version 10 names topics by id.
 */
import { api } from '../api.ts'
import { array, int16, int32, int64, string, uuid } from '../schema.ts'

export const OffsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '0-10',
  flexible: '8+',
  request: {
    groupId: string(),
    /** -1 for those who manage their partitions themselves: then the member id is empty. */
    generationIdOrMemberEpoch: int32({ versions: '1+', default: -1 }),
    memberId: string({ versions: '1+' }),
    groupInstanceId: string({ versions: '7+', nullable: '7+', default: null }),
    /** Ignored since the retention became a setting of the broker (KIP-211). */
    retentionTimeMs: int64({ versions: '2-4', default: -1 }),
    topics: array({
      topicId: uuid({ versions: '10+' }),
      name: string({ versions: '0-9' }),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ versions: '6+', default: -1 }),
        /** Only version 1 had it; the broker takes its own clock. */
        commitTimestamp: int64({ versions: '1', default: -1 }),
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32({ versions: '3+' }),
    topics: array({
      topicId: uuid({ versions: '10+' }),
      name: string({ versions: '0-9' }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
})
