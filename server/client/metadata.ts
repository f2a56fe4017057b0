/**
 * What the cluster last said about itself: brokers, controller, and the topics that somebody asked for.
 * A pure cache: `cluster.ts` decides when to ask.
 */

import type { KafkaError } from '../protocol/errors.ts'
import type { Metadata } from '../protocol/messages/03_metadata.ts'
import { type Infer, ZERO_UUID } from '../protocol/schema.ts'
import { errorFrom } from './errors.ts'

export interface Broker {
  id: number
  host: string
  port: number
  rack: string | null
}

export interface PartitionMetadata {
  partition: number
  /** Node id, or -1 while there is none. */
  leader: number
  leaderEpoch: number
  replicas: number[]
  isr: number[]
  offlineReplicas: number[]
  error: KafkaError | null
}

export interface TopicMetadata {
  name: string
  /** null from brokers that know none (before Kafka 2.8). */
  topicId: string | null
  isInternal: boolean
  /** By partition number, without gaps. */
  partitions: PartitionMetadata[]
  error: KafkaError | null
  /** `clock.monotonic()` of the answer. */
  at: number
}

type Response = Infer<typeof Metadata.response>

export class MetadataCache {
  clusterId: string | null = null
  controllerId = -1
  brokers: ReadonlyMap<number, Broker> = new Map()
  /** `clock.monotonic()` of the last answer; -Infinity before the first. */
  at = Number.NEGATIVE_INFINITY
  readonly topics = new Map<string, TopicMetadata>()
  readonly topicNames = new Map<string, string>()
  /** By name, as last said, also of topics that are to be asked for anew. */
  private readonly newest = new Map<string, TopicMetadata>()

  /**
   * Takes in a response. Of a topic that has gone, the entry goes too. A broker that has not heard yet of a partition's latest epoch is
   * not believed about it (KIP-320): what was known stays, and is in the answer.
   */
  update(response: Response, at: number): TopicMetadata[] {
    this.at = at
    this.clusterId = response.clusterId ?? this.clusterId
    this.controllerId = response.controllerId
    this.brokers = new Map(
      response.brokers.map((b) => [b.nodeId, { id: b.nodeId, host: b.host, port: b.port, rack: b.rack }]),
    )
    return response.topics.map((t) => {
      const topic = this.notOlder(topicFrom(t, at))
      const known = this.topics.get(topic.name)
      if (known?.topicId && known.topicId !== topic.topicId) this.topicNames.delete(known.topicId)
      if (topic.error) this.topics.delete(topic.name)
      else this.topics.set(topic.name, topic)
      if (topic.topicId) this.topicNames.set(topic.topicId, topic.name)
      return topic
    })
  }

  forget(topic: string): void {
    const known = this.topics.get(topic)
    if (known?.topicId) this.topicNames.delete(known.topicId)
    this.topics.delete(topic)
  }

  private notOlder(topic: TopicMetadata): TopicMetadata {
    const { name, topicId, error } = topic
    const known = this.newest.get(name)
    // Without an id (before Kafka 2.8) it may be another topic of that name.
    if (known && topicId !== null && known.topicId === topicId) {
      topic.partitions = topic.partitions.map((p) => {
        const before = known.partitions[p.partition]
        return before && before.leaderEpoch > p.leaderEpoch && p.leaderEpoch >= 0 ? before : p
      })
    }
    if (!error) this.newest.set(name, topic)
    else if (error.error === 'UNKNOWN_TOPIC_OR_PARTITION') this.newest.delete(name)
    return topic
  }
}

function topicFrom(t: Response['topics'][number], at: number): TopicMetadata {
  return {
    name: t.name ?? '',
    topicId: t.topicId === ZERO_UUID ? null : t.topicId,
    isInternal: t.isInternal,
    partitions: t.partitions
      .map((p) => ({
        partition: p.partitionIndex,
        leader: p.leaderId,
        leaderEpoch: p.leaderEpoch,
        replicas: p.replicaNodes,
        isr: p.isrNodes,
        offlineReplicas: p.offlineReplicas,
        error: errorFrom(p.errorCode),
      }))
      .sort((a, b) => a.partition - b.partition),
    error: errorFrom(t.errorCode),
    at,
  }
}
