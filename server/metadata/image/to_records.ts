/** The image as records, in the order in which Kafka writes them into a snapshot: what later records need comes first. */
import type { MetadataImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { recordVersion } from '../record_versions.ts'

export function* toRecords(image: MetadataImage): Generator<MetadataRecord> {
  const version = image.metadataVersion
  // metadata.version before all others: it says how to read the rest.
  if (version > 0) yield metadataRecord('FeatureLevelRecord', { name: 'metadata.version', featureLevel: version })
  for (const [name, featureLevel] of image.features) {
    if (name !== 'metadata.version') yield metadataRecord('FeatureLevelRecord', { name, featureLevel })
  }
  for (const broker of image.brokers.values()) {
    yield metadataRecord('RegisterBrokerRecord', broker, recordVersion('RegisterBrokerRecord', version))
  }
  for (const controller of image.controllers.values()) yield metadataRecord('RegisterControllerRecord', controller)
  for (const { name, topicId, partitions } of image.topics.values()) {
    yield metadataRecord('TopicRecord', { name, topicId })
    for (const p of partitions) {
      const data = {
        ...p,
        topicId,
        replicas: [...p.replicas],
        isr: [...p.isr],
        removingReplicas: [...p.removingReplicas],
        addingReplicas: [...p.addingReplicas],
        directories: [...p.directories],
        eligibleLeaderReplicas: orNull(p.eligibleLeaderReplicas),
        lastKnownElr: orNull(p.lastKnownElr),
      }
      yield metadataRecord('PartitionRecord', data, recordVersion('PartitionRecord', version))
    }
  }
  for (const [resourceType, byName] of image.configs) {
    for (const [resourceName, values] of byName) {
      for (const [name, value] of values)
        yield metadataRecord('ConfigRecord', { resourceType, resourceName, name, value })
    }
  }
  for (const { entity, values } of image.clientQuotas.values()) {
    for (const [key, value] of values) {
      yield metadataRecord('ClientQuotaRecord', { entity: [...entity], key, value, remove: false })
    }
  }
  if (image.nextProducerId > 0) {
    yield metadataRecord('ProducerIdsRecord', {
      brokerId: -1,
      brokerEpoch: -1,
      nextProducerId: image.nextProducerId,
    })
  }
  for (const acl of image.acls.values()) yield metadataRecord('AccessControlEntryRecord', acl)
  for (const credential of image.scramCredentials.values())
    yield metadataRecord('UserScramCredentialRecord', credential)
  for (const token of image.delegationTokens.values()) yield metadataRecord('DelegationTokenRecord', token)
}

const orNull = (replicas: readonly number[]): number[] | null => (replicas.length === 0 ? null : [...replicas])
