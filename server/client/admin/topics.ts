/** Topics: list, describe, create, delete, more partitions, records deleted. Changes go to the controller. */
import { KafkaError } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { DeleteRecords } from '../../protocol/messages/21_delete_records.ts'
import { CreatePartitions } from '../../protocol/messages/37_create_partitions.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { check, errorFrom } from '../errors.ts'
import type { TopicMetadata } from '../metadata.ts'
import { byTopic, inOrder, perLeader, type TopicPartition } from '../routing.ts'

export interface NewTopic {
  name: string
  /** -1 or absent: the cluster's `num.partitions`. */
  partitions?: number
  /** -1 or absent: the cluster's `default.replication.factor`. */
  replicationFactor?: number
  /** Node ids of the replicas of each partition, instead of both numbers. */
  assignments?: readonly { partition: number; replicas: readonly number[] }[]
  configs?: Readonly<Record<string, string>>
}

export interface CreatedTopic {
  name: string
  error: KafkaError | null
  /** What the cluster tells from CreateTopics version 5 on; null before. */
  topicId: string | null
  partitions: number | null
  replicationFactor: number | null
  configs: { name: string; value: string | null }[] | null
}

export interface NewPartitions {
  topic: string
  /** In all, not in addition. */
  count: number
  /** Node ids of the replicas of each new partition. */
  assignments?: readonly (readonly number[])[]
}

export interface TopicResult {
  name: string
  error: KafkaError | null
}

export interface ChangeOptions {
  /** Ask whether it could be done, and do nothing. */
  validateOnly?: boolean
  timeoutMs?: number
}

export interface DeletedRecords extends TopicPartition {
  /** First offset that is left; -1 with an error. */
  lowWatermark: number
  error: KafkaError | null
}

/** The high watermark, in `deleteRecords`. */
export const HIGH_WATERMARK = -1

const CHANGE_TIMEOUT_MS = 15_000

/** Every topic, asked now, sorted by name. */
export async function listTopics(cluster: Cluster): Promise<TopicMetadata[]> {
  const topics = await cluster.refresh(null)
  return [...topics].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The topics named, asked now, in that order; `error` says UNKNOWN_TOPIC_OR_PARTITION and the like. */
export async function describeTopics(cluster: Cluster, names: readonly string[]): Promise<TopicMetadata[]> {
  if (names.length === 0) return []
  const found = new Map((await cluster.refresh(names)).map((t) => [t.name, t]))
  return names.map((name) => found.get(name) ?? unknown(name))
}

const unknown = (name: string): TopicMetadata => ({
  name,
  topicId: null,
  isInternal: false,
  partitions: [],
  error: new KafkaError('UNKNOWN_TOPIC_OR_PARTITION'),
  at: 0,
})

export async function createTopics(
  cluster: Cluster,
  topics: readonly NewTopic[],
  options: ChangeOptions = {},
): Promise<CreatedTopic[]> {
  const response = await cluster.request(
    'controller',
    CreateTopics,
    {
      topics: topics.map((t) => ({
        name: t.name,
        numPartitions: t.assignments ? -1 : (t.partitions ?? -1),
        replicationFactor: t.assignments ? -1 : (t.replicationFactor ?? -1),
        assignments: (t.assignments ?? []).map((a) => ({ partitionIndex: a.partition, brokerIds: [...a.replicas] })),
        configs: Object.entries(t.configs ?? {}).map(([name, value]) => ({ name, value })),
      })),
      timeoutMs: options.timeoutMs ?? CHANGE_TIMEOUT_MS,
      validateOnly: options.validateOnly ?? false,
    },
    { minVersion: options.validateOnly ? 1 : 0, verify: (r) => notController(r.topics) },
  )
  const found = new Map(response.topics.map((t) => [t.name, t]))
  return topics.map(({ name }) => {
    const t = found.get(name)
    if (!t) return { name, error: leftOut(), topicId: null, partitions: null, replicationFactor: null, configs: null }
    return {
      name,
      error: errorFrom(t.errorCode, t.errorMessage),
      topicId: t.topicId === ZERO_UUID ? null : t.topicId,
      partitions: t.numPartitions < 0 ? null : t.numPartitions,
      replicationFactor: t.replicationFactor < 0 ? null : t.replicationFactor,
      configs: t.configs && t.numPartitions >= 0 ? t.configs.map((c) => ({ name: c.name, value: c.value })) : null,
    }
  })
}

export async function deleteTopics(cluster: Cluster, names: readonly string[]): Promise<TopicResult[]> {
  const response = await cluster.request(
    'controller',
    DeleteTopics,
    (version) => ({
      ...(version >= 6 ? { topics: names.map((name) => ({ name, topicId: ZERO_UUID })) } : { topicNames: [...names] }),
      timeoutMs: CHANGE_TIMEOUT_MS,
    }),
    { verify: (r) => notController(r.responses) },
  )
  for (const name of names) cluster.metadata.forget(name)
  return results(names, response.responses)
}

export async function createPartitions(
  cluster: Cluster,
  topics: readonly NewPartitions[],
  options: ChangeOptions = {},
): Promise<TopicResult[]> {
  const response = await cluster.request(
    'controller',
    CreatePartitions,
    {
      topics: topics.map((t) => ({
        name: t.topic,
        count: t.count,
        assignments: t.assignments?.map((brokerIds) => ({ brokerIds: [...brokerIds] })) ?? null,
      })),
      timeoutMs: options.timeoutMs ?? CHANGE_TIMEOUT_MS,
      validateOnly: options.validateOnly ?? false,
    },
    { verify: (r) => notController(r.results) },
  )
  for (const { topic } of topics) cluster.metadata.forget(topic)
  return results(
    topics.map((t) => t.topic),
    response.results,
  )
}

/** Deletes what lies before `offset` (HIGH_WATERMARK: everything) in each partition. */
export function deleteRecords(
  cluster: Cluster,
  partitions: readonly (TopicPartition & { offset: number })[],
): Promise<DeletedRecords[]> {
  const failed = ({ topic, partition }: TopicPartition, error: KafkaError) => ({
    topic,
    partition,
    lowWatermark: -1,
    error,
  })
  return perLeader(
    cluster,
    partitions,
    async (node, items) => {
      const connection = await cluster.node(node)
      const response = await connection.send(DeleteRecords, {
        topics: byTopic(items).map(({ topic, items }) => ({
          name: topic,
          partitions: items.map((p) => ({ partitionIndex: p.partition, offset: p.offset })),
        })),
        timeoutMs: CHANGE_TIMEOUT_MS,
      })
      return inOrder(
        items,
        response.topics,
        ({ topic, partition }, p): DeletedRecords => ({
          topic,
          partition,
          lowWatermark: p.lowWatermark,
          error: errorFrom(p.errorCode),
        }),
        failed,
      )
    },
    failed,
  )
}

/** A broker that is no controller says so of every topic: then nothing was done and another broker is asked. */
function notController(topics: readonly { errorCode: number }[]): void {
  const refused = topics.find((t) => errorFrom(t.errorCode)?.error === 'NOT_CONTROLLER')
  if (refused) check(refused.errorCode)
}

function results(
  names: readonly string[],
  answers: readonly { name: string | null; errorCode: number; errorMessage: string | null }[],
): TopicResult[] {
  const found = new Map(answers.map((a) => [a.name, a]))
  return names.map((name) => {
    const a = found.get(name)
    return { name, error: a ? errorFrom(a.errorCode, a.errorMessage) : leftOut() }
  })
}

const leftOut = () => new KafkaError('UNKNOWN_SERVER_ERROR', 'the broker left this topic out of its answer')
