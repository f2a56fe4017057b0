/** A member of a streams group: an instance of the application. */
import { array, int32, message, string, struct, uint16 } from '../schema.ts'

export const StreamsGroupMemberMetadataKey = message(
  'StreamsGroupMemberMetadataKey',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
    memberId: string(),
  },
)

export const StreamsGroupMemberMetadataValue = message(
  'StreamsGroupMemberMetadataValue',
  { versions: '0', flexible: '0+' },
  {
    instanceId: string({ nullable: '0+' }),
    rackId: string({ nullable: '0+' }),
    clientId: string(),
    clientHost: string(),
    rebalanceTimeoutMs: int32({ default: -1 }),
    topologyEpoch: int32(),
    processId: string(),
    userEndpoint: struct(
      {
        host: string(),
        port: uint16(),
      },
      { nullable: '0+', default: null },
    ),
    clientTags: array({
      key: string(),
      value: string(),
    }),
  },
)
