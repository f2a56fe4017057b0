/** What the requests of the quorum have in common: they speak of one partition, and every answer says who leads it. */
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { ControllerState } from '../controller_state.ts'

/** Null where the asker does not say. */
export function checkClusterId(clusterId: string | null, node: ControllerState): void {
  if (clusterId !== null && clusterId !== node.clusterId) {
    throw new KafkaError('INCONSISTENT_CLUSTER_ID', `This cluster is ${node.clusterId}, not ${clusterId}.`)
  }
}

/** The one partition of a request; undefined where it asks for another, or for several. */
export function onePartition<P>(
  topics: readonly { readonly partitions: readonly P[] }[],
  indexOf: (p: P) => number,
  isMetadata: (topic: any) => boolean = (topic) => topic.topicName === CLUSTER_METADATA,
): P | undefined {
  const [topic, ...more] = topics
  if (topic === undefined || more.length > 0 || !isMetadata(topic) || topic.partitions.length !== 1) return undefined
  const partition = topic.partitions[0]!
  return indexOf(partition) === 0 ? partition : undefined
}

export const currentLeader = ({ metadataLog }: ControllerState) => ({
  leaderId: metadataLog.leaderId,
  leaderEpoch: metadataLog.leaderEpoch,
})

export const leaderEndpoints = ({ metadataLog, endpoint }: ControllerState) => [
  { nodeId: metadataLog.leaderId, ...endpoint },
]
