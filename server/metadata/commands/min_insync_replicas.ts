/**
 * min.insync.replicas while eligible leader replicas are in use (KIP-966): a replica that left the replicas in sync is eligible only as
 * long as fewer than that many were left. So the cluster's value cannot go, brokers have none of their own, and where it changes,
 * whoever was eligible by the old value is so no more.
 */
import { KafkaError } from '../../protocol/errors.ts'
import { ELIGIBLE_LEADER_REPLICAS } from '../features.ts'
import { type MetadataImage, resourceType } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
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

/** What has to follow records that change it: nothing if none does. */
export function clearEligibleReplicas(image: MetadataImage, records: readonly MetadataRecord[]): MetadataRecord[] {
  if (!elrInUse(image)) return []
  return records.flatMap(({ name, data }) => {
    if (name !== 'ConfigRecord' || data.name !== MIN_INSYNC_REPLICAS) return []
    if (data.resourceType === resourceType.topic)
      return [metadataRecord('ClearElrRecord', { topicName: data.resourceName })]
    return [metadataRecord('ClearElrRecord', { topicName: '' })]
  })
}

const invalid = (why: string) => new KafkaError('INVALID_CONFIG', why)
