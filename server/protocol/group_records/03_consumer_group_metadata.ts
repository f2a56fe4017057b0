/** A consumer group and its epoch, which grows with each change that asks for a new assignment (KIP-848). */
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
    /** Of the topics it is subscribed to: another hash means another epoch. */
    metadataHash: int64({ tag: 0 }),
  },
)
