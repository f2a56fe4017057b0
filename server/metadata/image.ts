/**
 * The image: what the records of `__cluster_metadata` amount to. `image/apply.ts` changes it, one function a record type;
 * `image/to_records.ts` turns it back into records, for snapshots. It decides nothing.
 */
import type { Machine } from '../state/runtime.ts'
import { hasOnlineDirectory } from './directory_id.ts'
import { applyRecord } from './image/apply.ts'
import type { MetadataRecord, MetadataRecordData } from './record_codec.ts'

export type BrokerRegistration = Readonly<MetadataRecordData<'RegisterBrokerRecord'>>
export type ControllerRegistration = Readonly<MetadataRecordData<'RegisterControllerRecord'>>

export interface PartitionImage {
  readonly partitionId: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly addingReplicas: readonly number[]
  /** Node id, or -1 if there is none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** Beside `replicas`: the log directory of each. Empty where the cluster does not say. */
  readonly directories: readonly string[]
  /** 0 recovered, 1 recovering after an unclean election. */
  readonly leaderRecoveryState: number
  readonly eligibleLeaderReplicas: readonly number[]
  readonly lastKnownElr: readonly number[]
}

/** Another object after every change of the topic or its partitions. */
export interface TopicImage {
  readonly name: string
  readonly topicId: string
  /** By partition id. */
  readonly partitions: readonly PartitionImage[]
}

/** Kafka's numbers of what can be configured. */
export const resourceType = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

export interface ClientQuota {
  readonly entity: readonly { entityType: string; entityName: string | null }[]
  readonly values: Map<string, number>
}

/** Readers must not change it; maps are mutable for `apply` alone. */
export class MetadataImage implements Machine<MetadataRecord> {
  readonly brokers = new Map<number, BrokerRegistration>()
  readonly controllers = new Map<number, ControllerRegistration>()
  readonly topics = new Map<string, TopicImage>()
  readonly topicNames = new Map<string, string>()
  /** Resource type → resource name → config name → value. '' is the default of all brokers, groups and so on. */
  readonly configs = new Map<number, Map<string, Map<string, string>>>()
  /** Finalized level of each feature; metadata.version among them. */
  readonly features = new Map<string, number>()
  /** Of the quorum, which keeps it in records of its own: see `quorum_records.ts`. */
  kraftVersion = 0
  nextProducerId = 0
  /** By entity, in the form of `quotaKey`. */
  readonly clientQuotas = new Map<string, ClientQuota>()
  /** By mechanism and user, as `mechanism/user`. */
  readonly scramCredentials = new Map<string, Readonly<MetadataRecordData<'UserScramCredentialRecord'>>>()
  readonly acls = new Map<string, Readonly<MetadataRecordData<'AccessControlEntryRecord'>>>()
  readonly delegationTokens = new Map<string, Readonly<MetadataRecordData<'DelegationTokenRecord'>>>()

  /** Exclusive: everything below is in here, records of an open transaction aside. */
  nextOffset = 0
  /** Of the last record, ms since the epoch. */
  lastTimestampMs = -1
  /** Records of a metadata transaction (KIP-868) that has not ended: they count from its end on, or never. */
  transaction: MetadataRecord[] | undefined

  apply(record: MetadataRecord, at: { offset: number; timestampMs: number }): void {
    applyRecord(this, record)
    this.nextOffset = at.offset + 1
    this.lastTimestampMs = at.timestampMs
  }

  /** As before the first record: where a snapshot takes the place of everything. */
  clear(): void {
    for (const map of [this.brokers, this.controllers, this.topics, this.topicNames, this.configs, this.features])
      map.clear()
    for (const map of [this.clientQuotas, this.scramCredentials, this.acls, this.delegationTokens]) map.clear()
    this.kraftVersion = 0
    this.nextProducerId = 0
    this.nextOffset = 0
    this.lastTimestampMs = -1
    this.transaction = undefined
  }

  get metadataVersion(): number {
    return this.features.get('metadata.version') ?? 0
  }

  topic(name: string): TopicImage | undefined {
    return this.topics.get(name)
  }
  topicById(topicId: string): TopicImage | undefined {
    const name = this.topicNames.get(topicId)
    return name === undefined ? undefined : this.topics.get(name)
  }
  partition(topic: string, partitionId: number): PartitionImage | undefined {
    return this.topics.get(topic)?.partitions[partitionId]
  }
  /** What was set for this resource alone, not what is in effect. */
  configsOf(type: number, name: string): ReadonlyMap<string, string> {
    return this.configs.get(type)?.get(name) ?? nothing
  }
  /** Does it run, with the log directory that holds its replica? */
  isOnline(p: PartitionImage, brokerId: number): boolean {
    return this.isActive(brokerId) && hasOnlineDirectory(p, brokerId, this.brokers.get(brokerId)!.logDirs)
  }
  /** Registered, and neither fenced nor about to stop. */
  isActive(brokerId: number): boolean {
    const broker = this.brokers.get(brokerId)
    return broker !== undefined && !broker.fenced && !broker.inControlledShutdown
  }
}

const nothing: ReadonlyMap<string, string> = new Map()
