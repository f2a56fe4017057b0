/** `GET /topics…` as Confluent's REST Proxy v2: names, one topic, its partitions, their offsets. */
import type { Client } from '../client/client.ts'
import type { PartitionMetadata, TopicMetadata } from '../client/metadata.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { Context } from './context.ts'
import { negotiate, V2_ANSWERS } from './media_types.ts'
import { sendJson } from './respond.ts'
import { RestError } from './rest_error.ts'

/** The topic, asked anew if it is not known; 40401 if there is none of that name. */
export async function findTopic(client: Client, name: string): Promise<TopicMetadata> {
  try {
    return await client.cluster.topic(name)
  } catch (error) {
    // A name that no topic can have is not found either.
    if (error instanceof KafkaError && error.error === 'INVALID_TOPIC_EXCEPTION') throw new RestError(40401)
    throw error
  }
}

/** 40402 if the topic has no such partition. */
export function partitionParam(topic: TopicMetadata, text: string): number {
  const partition = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (!topic.partitions[partition]) throw new RestError(40402)
  return partition
}

export async function listTopics({ req, res, client }: Context): Promise<void> {
  const type = negotiate(req.headers.accept, V2_ANSWERS)
  const topics = await client.admin.listTopics()
  sendJson(
    res,
    type,
    topics.filter((t) => !t.error).map((t) => t.name),
  )
}

export async function getTopic({ req, res, client, params }: Context): Promise<void> {
  const type = negotiate(req.headers.accept, V2_ANSWERS)
  const topic = await findTopic(client, params['topic']!)
  const [described] = await client.admin.describeConfigs([{ type: 'topic', name: topic.name }])
  if (described!.error) throw described!.error
  sendJson(res, type, {
    name: topic.name,
    configs: Object.fromEntries(described!.configs.map((c) => [c.name, c.value])),
    partitions: topic.partitions.map(partitionShape),
  })
}

export async function listPartitions({ req, res, client, params }: Context): Promise<void> {
  const type = negotiate(req.headers.accept, V2_ANSWERS)
  const topic = await findTopic(client, params['topic']!)
  sendJson(res, type, topic.partitions.map(partitionShape))
}

export async function getPartition({ req, res, client, params }: Context): Promise<void> {
  const type = negotiate(req.headers.accept, V2_ANSWERS)
  const topic = await findTopic(client, params['topic']!)
  sendJson(res, type, partitionShape(topic.partitions[partitionParam(topic, params['partition']!)]!))
}

export async function getOffsets({ req, res, client, params }: Context): Promise<void> {
  const type = negotiate(req.headers.accept, V2_ANSWERS)
  const topic = await findTopic(client, params['topic']!)
  const partition = partitionParam(topic, params['partition']!)
  const { beginning, end } = await offsetsOf(client, topic.name, partition)
  sendJson(res, type, { beginning_offset: beginning, end_offset: end })
}

/** First offset, and the one after the last. */
export async function offsetsOf(
  client: Client,
  topic: string,
  partition: number,
): Promise<{ beginning: number; end: number }> {
  const answers = await client.admin.listOffsets([
    { topic, partition, at: 'earliest' },
    { topic, partition, at: 'latest' },
  ])
  for (const { error } of answers) if (error) throw error
  return { beginning: answers[0]!.offset ?? 0, end: answers[1]!.offset ?? 0 }
}

const partitionShape = (p: PartitionMetadata) => ({
  partition: p.partition,
  leader: p.leader,
  replicas: p.replicas.map((broker) => ({ broker, leader: broker === p.leader, in_sync: p.isr.includes(broker) })),
})
