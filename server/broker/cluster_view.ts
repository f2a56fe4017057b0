/** The cluster as handlers see it: the committed image of the metadata, and where the brokers listen. */
import type { Features } from '../metadata/features_of.ts'
import type { PartitionImage } from '../metadata/image.ts'
import type { KafkaError } from '../protocol/errors.ts'

export interface PartitionView {
  readonly partitionIndex: number
  /** Node id, or -1 if there is none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: number[]
  readonly isr: number[]
  readonly offlineReplicas: number[]
}

export interface TopicView {
  readonly name: string
  readonly topicId: string
  /** By index. */
  readonly partitions: readonly PartitionView[]
}

export interface BrokerView {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** Registered, and not serving. */
  readonly isFenced: boolean
}

export interface ClusterView {
  readonly controllerId: number
  /** Those that serve, in the order in which they came; with `fencedToo` all that are registered. */
  brokers(o?: { fencedToo: boolean }): BrokerView[]
  /** Does this replica's broker serve, with the log directory that holds it? */
  isOnline(p: PartitionImage, brokerId: number): boolean
  topic(name: string): TopicView | undefined
  topics(): Iterable<TopicView>
  topicName(topicId: string): string | undefined
  features(): Features
  /** Why no topic may have this name; undefined if one may. */
  topicNameProblem(name: string): KafkaError | undefined
}
