import { int32, int64, message, string } from '../schema.ts'

export const ConsumerGroupMetadataKey = message(
  'ConsumerGroupMetadataKey',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
  },
)

export const ConsumerGroupMetadataValue = message(
  'ConsumerGroupMetadataValue',
  { versions: '0', flexible: '0+' },
  {
    epoch: int32(),
    metadataHash: int64({ tag: 0 }),
  },
)
