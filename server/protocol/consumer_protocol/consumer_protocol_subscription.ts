/**
 * What a consumer tells the leader of its classic group: an int16 version, then this. It travels in `metadata` of
 * JoinGroup.
 */
import { array, bytes, int32, message, string } from '../schema.ts'

export const ConsumerProtocolSubscription = message(
  'ConsumerProtocolSubscription',
  { versions: '0-3', flexible: 'none' },
  {
    topics: array(string()),
    userData: bytes({ nullable: '0+', default: null }),
    /** For assignors that let members keep what they have (KIP-429). */
    ownedPartitions: array(
      {
        topic: string(),
        partitions: array(int32()),
      },
      { versions: '1+' },
    ),
    generationId: int32({ versions: '2+', default: -1 }),
    rackId: string({ versions: '3+', nullable: '3+', default: null }),
  },
)
