/** The dialogue of a share group's member with its coordinator (KIP-932). */
import { api } from '../api.ts'
import { array, int16, int32, string, struct, uuid } from '../schema.ts'

export const ShareGroupHeartbeat = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: '1',
  flexible: '1+',
  request: {
    groupId: string(),
    memberId: string(),
    /** 0 joins, -1 leaves. */
    memberEpoch: int32(),
    rackId: string({ nullable: '1+', default: null }),
    /** Null where nothing has changed. */
    subscribedTopicNames: array(string(), { nullable: '1+', default: null }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '1+', default: null }),
    memberId: string({ nullable: '1+', default: null }),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    assignment: struct(
      {
        topicPartitions: array({
          topicId: uuid(),
          partitions: array(int32()),
        }),
      },
      { nullable: '1+', default: null },
    ),
  },
})
