/** What each record type does to the image: a table, so that a type without a row does not compile. */
import type { MetadataImage, PartitionImage, TopicImage } from '../image.ts'
import type { MetadataRecord, MetadataRecordData, MetadataRecordName } from '../record_codec.ts'

type Apply = { [N in MetadataRecordName]: (image: MetadataImage, data: MetadataRecordData<N>) => void }

export function applyRecord(image: MetadataImage, record: MetadataRecord): void {
  const inTransaction = image.transaction !== undefined
  if (inTransaction && record.name !== 'EndTransactionRecord' && record.name !== 'AbortTransactionRecord') {
    image.transaction!.push(record)
    return
  }
  const apply = table[record.name] as (image: MetadataImage, data: MetadataRecord['data']) => void
  apply(image, record.data)
}

/** `leader` of a PartitionChangeRecord that leaves the leader as it is. */
const NO_LEADER_CHANGE = -2

const table: Apply = {
  RegisterBrokerRecord: (image, data) => void image.brokers.set(data.brokerId, data),
  UnregisterBrokerRecord: (image, { brokerId }) => void image.brokers.delete(brokerId),
  FenceBrokerRecord: (image, { id }) => changeBroker(image, id, { fenced: true }),
  UnfenceBrokerRecord: (image, { id }) => changeBroker(image, id, { fenced: false }),
  BrokerRegistrationChangeRecord(image, data) {
    changeBroker(image, data.brokerId, {
      ...(data.fenced !== 0 && { fenced: data.fenced > 0 }),
      ...(data.inControlledShutdown !== 0 && { inControlledShutdown: data.inControlledShutdown > 0 }),
      ...(data.logDirs.length > 0 && { logDirs: data.logDirs }),
      ...(data.cordonedLogDirs !== null && { cordonedLogDirs: data.cordonedLogDirs }),
    })
  },
  RegisterControllerRecord: (image, data) => void image.controllers.set(data.controllerId, data),

  TopicRecord(image, { name, topicId }) {
    image.topics.set(name, { name, topicId, partitions: [] })
    image.topicNames.set(topicId, name)
  },
  PartitionRecord(image, data) {
    // Field by field: there are very many of them.
    partitionsOf(image, data.topicId)[data.partitionId] = {
      partitionId: data.partitionId,
      replicas: data.replicas,
      isr: data.isr,
      removingReplicas: data.removingReplicas,
      addingReplicas: data.addingReplicas,
      leader: data.leader,
      leaderEpoch: data.leaderEpoch,
      partitionEpoch: data.partitionEpoch,
      directories: data.directories,
      leaderRecoveryState: data.leaderRecoveryState,
      eligibleLeaderReplicas: data.eligibleLeaderReplicas ?? [],
      lastKnownElr: data.lastKnownElr ?? [],
    }
  },
  PartitionChangeRecord(image, data) {
    const partitions = partitionsOf(image, data.topicId)
    const old = partitions[data.partitionId]
    if (old === undefined)
      throw new Error(`metadata: change of partition ${data.partitionId} of ${data.topicId}, which is not there`)
    partitions[data.partitionId] = afterChange(old, data)
  },
  RemoveTopicRecord(image, { topicId }) {
    const { name } = topicOf(image, topicId)
    image.topics.delete(name)
    image.topicNames.delete(topicId)
    // Kafka writes no records for the end of its configs: they go with the topic.
    image.configs.get(TOPIC)?.delete(name)
  },
  ClearElrRecord(image, { topicName }) {
    const topics =
      topicName === '' ? image.topics.values() : [image.topics.get(topicName)].filter((t) => t !== undefined)
    for (const { topicId } of [...topics]) {
      const partitions = partitionsOf(image, topicId)
      for (const [i, p] of partitions.entries()) {
        // A change of the partition like any other: leaders have to know its epoch.
        if (p.eligibleLeaderReplicas.length === 0 && p.lastKnownElr.length === 0) continue
        partitions[i] = { ...p, eligibleLeaderReplicas: [], lastKnownElr: [], partitionEpoch: p.partitionEpoch + 1 }
      }
    }
  },

  ConfigRecord(image, { resourceType, resourceName, name, value }) {
    let byName = image.configs.get(resourceType)
    if (byName === undefined) image.configs.set(resourceType, (byName = new Map()))
    let values = byName.get(resourceName)
    if (values === undefined) byName.set(resourceName, (values = new Map()))
    if (value === null) values.delete(name)
    else values.set(name, value)
    if (values.size === 0) byName.delete(resourceName)
  },
  FeatureLevelRecord(image, { name, featureLevel }) {
    if (featureLevel === 0) image.features.delete(name)
    else image.features.set(name, featureLevel)
  },
  ProducerIdsRecord(image, { nextProducerId }) {
    image.nextProducerId = nextProducerId
  },
  ClientQuotaRecord(image, { entity, key, value, remove }) {
    const id = quotaKey(entity)
    let quota = image.clientQuotas.get(id)
    if (quota === undefined) image.clientQuotas.set(id, (quota = { entity, values: new Map() }))
    if (remove) quota.values.delete(key)
    else quota.values.set(key, value)
    if (quota.values.size === 0) image.clientQuotas.delete(id)
  },
  UserScramCredentialRecord: (image, data) => void image.scramCredentials.set(`${data.mechanism}/${data.name}`, data),
  RemoveUserScramCredentialRecord: (image, data) =>
    void image.scramCredentials.delete(`${data.mechanism}/${data.name}`),
  AccessControlEntryRecord: (image, data) => void image.acls.set(data.id, data),
  RemoveAccessControlEntryRecord: (image, { id }) => void image.acls.delete(id),
  DelegationTokenRecord: (image, data) => void image.delegationTokens.set(data.tokenId, data),
  RemoveDelegationTokenRecord: (image, { tokenId }) => void image.delegationTokens.delete(tokenId),

  BeginTransactionRecord(image) {
    image.transaction = []
  },
  EndTransactionRecord(image) {
    const records = image.transaction ?? []
    image.transaction = undefined
    for (const record of records) applyRecord(image, record)
  },
  AbortTransactionRecord(image) {
    image.transaction = undefined
  },
  NoOpRecord() {},
  // Where a cluster came from: nothing follows from it since Kafka 4.
  ZkMigrationStateRecord() {},
}

/** What a partition becomes by a PartitionChangeRecord. */
export function afterChange(old: PartitionImage, data: MetadataRecordData<'PartitionChangeRecord'>): PartitionImage {
  const leaderChanges = data.leader !== NO_LEADER_CHANGE
  return {
    partitionId: old.partitionId,
    replicas: data.replicas ?? old.replicas,
    isr: data.isr ?? old.isr,
    removingReplicas: data.removingReplicas ?? old.removingReplicas,
    addingReplicas: data.addingReplicas ?? old.addingReplicas,
    leader: leaderChanges ? data.leader : old.leader,
    // The epoch grows even where the same node is named again: it marks a new term, not a new node.
    leaderEpoch: leaderChanges ? old.leaderEpoch + 1 : old.leaderEpoch,
    partitionEpoch: old.partitionEpoch + 1,
    directories: data.directories ?? old.directories,
    leaderRecoveryState: data.leaderRecoveryState === -1 ? old.leaderRecoveryState : data.leaderRecoveryState,
    eligibleLeaderReplicas: data.eligibleLeaderReplicas ?? old.eligibleLeaderReplicas,
    lastKnownElr: data.lastKnownElr ?? old.lastKnownElr,
  }
}

const TOPIC = 2

function changeBroker(
  image: MetadataImage,
  brokerId: number,
  change: Partial<MetadataRecordData<'RegisterBrokerRecord'>>,
) {
  const broker = image.brokers.get(brokerId)
  if (broker === undefined) throw new Error(`metadata: change of broker ${brokerId}, which is not registered`)
  image.brokers.set(brokerId, { ...broker, ...change })
}

function topicOf(image: MetadataImage, topicId: string): TopicImage {
  const topic = image.topicById(topicId)
  if (topic === undefined) throw new Error(`metadata: record of topic ${topicId}, which is not there`)
  return topic
}

/** To be changed: the topic becomes another object, so that what was derived from it can be kept by it. */
function partitionsOf(image: MetadataImage, topicId: string): PartitionImage[] {
  const topic = topicOf(image, topicId)
  image.topics.set(topic.name, { ...topic })
  return topic.partitions as PartitionImage[]
}

/** The same for entities that name the same things in another order. */
export const quotaKey = (entity: readonly { entityType: string; entityName: string | null }[]): string =>
  JSON.stringify(entity.map((e) => [e.entityType, e.entityName]).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)))
