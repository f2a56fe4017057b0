/**
 * Metadata (3): brokers, and topics with their leaders. A topic that does not exist is made if the request and the broker
 * allow it, and answered as made: it takes a millisecond.
 *
 * v0 an empty list means all topics, later null does; v4 the client says whether a topic may be made; v10 topic ids; v12
 * topics asked for by id; v13 an error for the whole request.
 */
import { distinct } from '../../lib/distinct.ts'
import { isInternalTopic } from '../../metadata/internal_topics.ts'
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { Metadata } from '../../protocol/messages/03_metadata.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { ALL_CLUSTER_OPERATIONS, ALL_TOPIC_OPERATIONS, NOT_ASKED } from '../../rpc/authorized_operations.ts'
import { autoCreate } from '../auto_create.ts'
import type { BrokerState } from '../broker_state.ts'
import type { TopicView } from '../cluster_view.ts'
import { handler } from '../handler.ts'

const IDS_SINCE = 12

export const MetadataHandler = handler(Metadata, {
  async handle(request, { broker, version }) {
    const all = request.topics === null || (version === 0 && request.topics.length === 0)
    const mayCreate = request.allowAutoTopicCreation && broker.config['auto.create.topics.enable']
    // Each once: a short request may name a topic with thousands of partitions many times over.
    const wanted = all ? [] : distinct(request.topics!, ({ name, topicId }) => `${name ?? ''}/${topicId}`)
    if (version < IDS_SINCE && wanted.some(({ name, topicId }) => name === null || topicId !== ZERO_UUID)) {
      throw new KafkaError('INVALID_REQUEST', `Topics are asked for by id from version ${IDS_SINCE} on.`)
    }
    if (mayCreate) {
      const missing = wanted.flatMap(({ name }) => (name && !broker.metadata.topic(name) ? [name] : []))
      if (missing.length > 0) await autoCreate(broker, missing)
    }
    const topics = all
      ? [...broker.metadata.topics()].map(found)
      : wanted.map(({ name, topicId }) => lookUp(broker, name, topicId))
    return {
      brokers: broker.metadata.brokers(),
      clusterId: broker.clusterId,
      controllerId: broker.metadata.controllerId,
      topics: topics.map((t) => ({
        ...t,
        topicAuthorizedOperations:
          request.includeTopicAuthorizedOperations && t.errorCode === errorCode.NONE ? ALL_TOPIC_OPERATIONS : NOT_ASKED,
      })),
      errorCode: errorCode.NONE,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? ALL_CLUSTER_OPERATIONS : NOT_ASKED,
    }
  },
  fail: (request, { code }) => ({
    brokers: [],
    topics: (request.topics ?? []).map(({ name, topicId }) => ({
      errorCode: code,
      name: name ?? '',
      topicId,
      partitions: [],
    })),
    errorCode: code,
  }),
})

function lookUp(broker: BrokerState, name: string | null, topicId: string) {
  if (name === null || topicId !== ZERO_UUID) {
    const known = broker.metadata.topicName(topicId)
    const topic = known === undefined ? undefined : broker.metadata.topic(known)
    return topic ? found(topic) : { errorCode: errorCode.UNKNOWN_TOPIC_ID, name: null, topicId, partitions: [] }
  }
  const topic = broker.metadata.topic(name)
  if (topic) return found(topic)
  // A name that no topic can have gets the error that says so, else the client would try for ever.
  const problem = broker.metadata.topicNameProblem(name)
  const code = problem ? codeOf(problem) : errorCode.UNKNOWN_TOPIC_OR_PARTITION
  return { errorCode: code, name, topicId: ZERO_UUID, partitions: [] }
}

const found = (topic: TopicView) => ({
  errorCode: errorCode.NONE as number,
  name: topic.name,
  topicId: topic.topicId,
  isInternal: isInternalTopic(topic.name),
  partitions: topic.partitions.map((p) => ({
    errorCode: p.leader < 0 ? errorCode.LEADER_NOT_AVAILABLE : errorCode.NONE,
    partitionIndex: p.partitionIndex,
    leaderId: p.leader,
    leaderEpoch: p.leaderEpoch,
    replicaNodes: p.replicas,
    isrNodes: p.isr,
    offlineReplicas: p.offlineReplicas,
  })),
})
