/**
 * What the leader of a classic group gives a consumer: an int16 version, then this. It travels in `assignment` of
 * SyncGroup.
 */
import { array, bytes, int32, message, string } from '../schema.ts'

export const ConsumerProtocolAssignment = message(
  'ConsumerProtocolAssignment',
  { versions: '0-3', flexible: 'none' },
  {
    assignedPartitions: array({
      topic: string(),
      partitions: array(int32()),
    }),
    userData: bytes({ nullable: '0+', default: null }),
  },
)
