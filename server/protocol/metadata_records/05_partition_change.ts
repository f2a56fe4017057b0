/** What changed of a partition; null or the default of a field means that it did not. */
import { array, int8, int32, record, uuid } from '../schema.ts'

export const PartitionChangeRecord = record(
  'PartitionChangeRecord',
  { type: 5, versions: '0-2', flexible: '0+' },
  {
    partitionId: int32({ default: -1 }),
    topicId: uuid(),
    isr: array(int32(), { nullable: '0+', tag: 0, default: null }),
    /** -1 is no leader, -2 no change. A new leader raises the leader epoch, as a smaller ISR may. */
    leader: int32({ tag: 1, default: -2 }),
    replicas: array(int32(), { nullable: '0+', tag: 2, default: null }),
    removingReplicas: array(int32(), { nullable: '0+', tag: 3, default: null }),
    addingReplicas: array(int32(), { nullable: '0+', tag: 4, default: null }),
    leaderRecoveryState: int8({ tag: 5, default: -1 }),
    eligibleLeaderReplicas: array(int32(), { versions: '2+', nullable: '2+', tag: 6, default: null }),
    lastKnownElr: array(int32(), { versions: '2+', nullable: '2+', tag: 7, default: null }),
    directories: array(uuid(), { versions: '1+', nullable: '1+', tag: 8, default: null }),
  },
)
