/**
 * What a group has committed. Version 8 asks for several groups at once (KIP-709); version 9 fences members of the
 * consumer protocol (KIP-848).
 */
import { api } from '../api.ts'
import { array, bool, int16, int32, int64, string, uuid } from '../schema.ts'

export const OffsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: '0-10',
  flexible: '6+',
  request: {
    groups: array(
      {
        groupId: string(),
        memberId: string({ versions: '9+', nullable: '9+', default: null }),
        memberEpoch: int32({ versions: '9+', default: -1 }),
        /** Null asks for every partition the group has committed to. */
        topics: array(
          {
            topicId: uuid({ versions: '10+' }),
            name: string({ versions: '8-9' }),
            partitionIndexes: array(int32()),
          },
          { nullable: '8+' },
        ),
      },
      { versions: '8+' },
    ),
    groupId: string({ versions: '0-7' }),
    /** The same of the only group; null is allowed from version 2 on. */
    topics: array(
      {
        name: string(),
        partitionIndexes: array(int32()),
      },
      { versions: '0-7', nullable: '2+' },
    ),
    /** Refuse with UNSTABLE_OFFSET_COMMIT while a transaction with offsets of the group is open (KIP-447). */
    requireStable: bool({ versions: '7+' }),
  },
  response: {
    throttleTimeMs: int32({ versions: '3+' }),
    groups: array(
      {
        groupId: string(),
        topics: array({
          topicId: uuid({ versions: '10+' }),
          name: string({ versions: '8-9' }),
          partitions: array({
            partitionIndex: int32(),
            /** -1 where nothing is committed. */
            committedOffset: int64(),
            committedLeaderEpoch: int32({ default: -1 }),
            metadata: string({ nullable: '8+' }),
            errorCode: int16(),
          }),
        }),
        errorCode: int16(),
      },
      { versions: '8+' },
    ),
    topics: array(
      {
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          /** -1 where nothing is committed. */
          committedOffset: int64(),
          committedLeaderEpoch: int32({ versions: '5+', default: -1 }),
          metadata: string({ nullable: '0+' }),
          errorCode: int16(),
        }),
      },
      { versions: '0-7' },
    ),
    errorCode: int16({ versions: '2-7' }),
  },
})
