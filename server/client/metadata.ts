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

  /** Takes in a response. Of a topic that has gone, the entry goes too. */
  update(response: Response, at: number): TopicMetadata[] {
    this.at = at
    this.clusterId = response.clusterId ?? this.clusterId
    this.controllerId = response.controllerId
    this.brokers = new Map(
      response.brokers.map((b) => [b.nodeId, { id: b.nodeId, host: b.host, port: b.port, rack: b.rack }]),
    )
    return response.topics.map((t) => {
      const topic = topicFrom(t, at)
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
