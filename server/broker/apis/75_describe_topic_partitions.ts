/**
 * DescribeTopicPartitions (75, KIP-966): topics by name, all if none is named, with who may become leader, in pages of at most
 * max.request.partition.size.limit partitions. A page ends within a topic or before the next one; the cursor says where.
 */
import { distinct } from '../../lib/distinct.ts'
import type { TopicImage } from '../../metadata/image.ts'
import { isInternalTopic } from '../../metadata/internal_topics.ts'
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeTopicPartitions } from '../../protocol/messages/75_describe_topic_partitions.ts'
import { type Input, ZERO_UUID } from '../../protocol/schema.ts'
import { ALL_TOPIC_OPERATIONS } from '../../rpc/authorized_operations.ts'
import type { ClusterView } from '../cluster_view.ts'
import { handler } from '../handler.ts'

type Response = Input<typeof DescribeTopicPartitions.response>

export const DescribeTopicPartitionsHandler = handler(DescribeTopicPartitions, {
  handle(request, { broker }) {
    const { image } = broker.controller
    const { cursor } = request
    const all = request.topics.length === 0
    const named = all ? [...image.topics.keys()] : distinct(request.topics, (t) => t.name).map((t) => t.name)
    const names = named.filter((name) => cursor === null || name >= cursor.topicName).sort()
    if (cursor !== null && !all && !names.includes(cursor.topicName)) {
      throw new KafkaError('INVALID_REQUEST', `The cursor stands at '${cursor.topicName}', a topic not asked for.`)
    }
    if (cursor !== null && cursor.partitionIndex < 0) {
      throw new KafkaError('INVALID_REQUEST', `The cursor stands at partition ${cursor.partitionIndex}.`)
    }
    const most = broker.config['max.request.partition.size.limit']
    let room = Math.max(1, Math.min(most, request.responsePartitionLimit))
    const topics: Response['topics'][number][] = []
    for (const name of names) {
      const topic = image.topic(name)
      if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
      if (topic === undefined) {
        const problem = broker.metadata.topicNameProblem(name)
        topics.push(missing(name, problem ? codeOf(problem) : errorCode.UNKNOWN_TOPIC_OR_PARTITION))
        continue
      }
      const from = cursor?.topicName === name ? cursor.partitionIndex : 0
      const to = Math.min(topic.partitions.length, from + room)
      topics.push(found(broker.metadata, topic, from, to))
      room -= Math.max(0, to - from)
      if (to < topic.partitions.length) return { topics, nextCursor: { topicName: name, partitionIndex: to } }
    }
    return { topics, nextCursor: null }
  },
  fail: (request, { code }) => ({
    topics: request.topics.map(({ name }) => ({
      errorCode: code,
      name,
      partitions: [],
      isInternal: false,
      topicId: ZERO_UUID,
    })),
    nextCursor: null,
  }),
})

const missing = (name: string, code: number) => ({
  errorCode: code,
  name,
  topicId: ZERO_UUID,
  isInternal: false,
  partitions: [],
  topicAuthorizedOperations: ALL_TOPIC_OPERATIONS,
})

const found = (view: ClusterView, topic: TopicImage, from: number, to: number) => ({
  errorCode: errorCode.NONE,
  name: topic.name,
  topicId: topic.topicId,
  isInternal: isInternalTopic(topic.name),
  partitions: topic.partitions.slice(from, to).map((p) => {
    const leaderId = view.isOnline(p, p.leader) ? p.leader : -1
    return {
      errorCode: leaderId < 0 ? errorCode.LEADER_NOT_AVAILABLE : errorCode.NONE,
      partitionIndex: p.partitionId,
      leaderId,
      leaderEpoch: p.leaderEpoch,
      replicaNodes: [...p.replicas],
      isrNodes: [...p.isr],
      eligibleLeaderReplicas: [...p.eligibleLeaderReplicas],
      lastKnownElr: [...p.lastKnownElr],
      offlineReplicas: p.replicas.filter((id) => !view.isOnline(p, id)),
    }
  }),
  topicAuthorizedOperations: ALL_TOPIC_OPERATIONS,
})
