/** A PartitionChangeRecord: what is not named stays as it is. */
import type { MetadataImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { recordVersion } from '../record_versions.ts'

/** `leader` of a record that leaves the leader as it is; naming one begins a new term, even if it is the same node. */
const NO_LEADER_CHANGE = -2

export interface PartitionChange {
  readonly topicId: string
  readonly partitionId: number
  /** Node id, or -1 for none. */
  readonly leader?: number
  readonly isr?: number[] | null
  readonly replicas?: number[] | null
  readonly removingReplicas?: number[] | null
  readonly addingReplicas?: number[] | null
  readonly directories?: string[] | null
  /** 0 recovered, 1 recovering after an unclean election. */
  readonly leaderRecoveryState?: number
  readonly eligibleLeaderReplicas?: number[] | null
  readonly lastKnownElr?: number[] | null
}

export function partitionChange(image: MetadataImage, change: PartitionChange): MetadataRecord {
  const data = {
    leader: NO_LEADER_CHANGE,
    isr: null,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    directories: null,
    leaderRecoveryState: -1,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
    ...change,
  }
  return metadataRecord('PartitionChangeRecord', data, recordVersion('PartitionChangeRecord', image.metadataVersion))
}
