/** A partition was created, or stands in a snapshot, in full. */
import { array, int8, int32, record, uuid } from '../schema.ts'

export const PartitionRecord = record(
  'PartitionRecord',
  { type: 3, versions: '0-2', flexible: '0+' },
  {
    partitionId: int32({ default: -1 }),
    topicId: uuid(),
    replicas: array(int32()),
    isr: array(int32()),
    removingReplicas: array(int32()),
    addingReplicas: array(int32()),
    leader: int32({ default: -1 }),
    /** Grows whenever the leader changes. */
    leaderEpoch: int32({ default: -1 }),
    /** Grows with every change of the partition. */
    partitionEpoch: int32({ default: -1 }),
    /** The log folder of each replica, in the order of replicas (KIP-858). */
    directories: array(uuid(), { versions: '1+' }),
    leaderRecoveryState: int8({ tag: 0 }),
    /** Replicas that left the ISR but have all that was acknowledged (KIP-966). */
    eligibleLeaderReplicas: array(int32(), { versions: '2+', nullable: '2+', tag: 1, default: null }),
    lastKnownElr: array(int32(), { versions: '2+', nullable: '2+', tag: 2, default: null }),
  },
)
