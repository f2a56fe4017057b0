/**
 * min.insync.replicas while eligible leader replicas are in use (KIP-966): a replica that left the replicas in sync is eligible only as
 * long as fewer than that many were left. So the cluster's value cannot go, brokers have none of their own, and where it changes,
 * whoever was eligible by the old value is so no more.
 */
import { KafkaError } from '../../protocol/errors.ts'
import { MAX_RECORDS_PER_REQUEST } from '../context.ts'
import { ELIGIBLE_LEADER_REPLICAS } from '../features.ts'
import { type MetadataImage, type PartitionImage, resourceType } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { eligibleAgain } from './change_partition.ts'
import { elrInUse, MIN_INSYNC_REPLICAS } from './effective_configs.ts'

/** Why it may not become `value` (null: not set) for a resource; undefined if it may, or if `config` is another. */
export function minInsyncReplicasProblem(
  image: MetadataImage,
  resource: { type: number; name: string },
  { config, value }: { config: string; value: string | null },
): KafkaError | undefined {
  if (config !== MIN_INSYNC_REPLICAS || resource.type !== resourceType.broker || !elrInUse(image)) return undefined
  if (resource.name !== '') {
    return invalid(`A broker has no ${MIN_INSYNC_REPLICAS} of its own while ${ELIGIBLE_LEADER_REPLICAS} is in use.`)
  }
  if (value === null) {
    return invalid(
      `The cluster's ${MIN_INSYNC_REPLICAS} cannot be removed while ${ELIGIBLE_LEADER_REPLICAS} is in use.`,
    )
  }
  return undefined
}

/**
 * What has to follow records that change it: nothing if none does. Who is eligible where nobody leads stays so, for nothing is written
 * there; Kafka forgets them too, and such a partition is offline until somebody accepts losses.
 */
export function clearEligibleReplicas(image: MetadataImage, records: readonly MetadataRecord[]): MetadataRecord[] {
  if (!elrInUse(image)) return []
  const topicNames = records.flatMap(({ name, data }) => {
    if (name !== 'ConfigRecord' || data.name !== MIN_INSYNC_REPLICAS) return []
    return data.resourceType === resourceType.topic ? [data.resourceName] : ['']
  })
  return clear(image, topicNames)
}

/** What has to follow the record that ends their use: from then on nothing keeps up who is eligible, and what was true once is not for ever. */
export const forgetEligibleReplicas = (image: MetadataImage): MetadataRecord[] => clear(image, [''])

/** '': of all topics. */
function clear(image: MetadataImage, topicNames: readonly string[]): MetadataRecord[] {
  const cleared = topicNames.includes('') ? [...image.topics.keys()] : topicNames
  const kept = [...new Set(cleared)].flatMap((name) => {
    const topic = image.topic(name)!
    return topic.partitions.filter(isWaiting).map((p) => eligibleAgain(image, topic, p))
  })
  return [
    ...topicNames.map((topicName) => metadataRecord('ClearElrRecord', { topicName })),
    ...kept.slice(0, MAX_RECORDS_PER_REQUEST / 2),
  ]
}

const isWaiting = (p: PartitionImage): boolean =>
  p.leader < 0 && (p.eligibleLeaderReplicas.length > 0 || p.lastKnownElr.length > 0)

const invalid = (why: string) => new KafkaError('INVALID_CONFIG', why)
