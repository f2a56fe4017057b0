/** A streams group and its epoch (KIP-1071). */
import { array, int32, int64, message, string } from '../schema.ts'

export const StreamsGroupMetadataKey = message(
  'StreamsGroupMetadataKey',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
  },
)

export const StreamsGroupMetadataValue = message(
  'StreamsGroupMetadataValue',
  { versions: '0', flexible: '0+' },
  {
    epoch: int32(),
    metadataHash: int64(),
    validatedTopologyEpoch: int32({ tag: 0, default: -1 }),
    lastAssignmentConfigs: array(
      {
        key: string(),
        value: string(),
      },
      { nullable: '0+', tag: 1 },
    ),
  },
)
