/** Which brokers have a partition's replicas (KIP-455) and lead it (KIP-183), and brokers that will not come back. Changes go to the controller. */
import type { KafkaError } from '../../protocol/errors.ts'
import { ElectLeaders } from '../../protocol/messages/43_elect_leaders.ts'
import { AlterPartitionReassignments } from '../../protocol/messages/45_alter_partition_reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/messages/46_list_partition_reassignments.ts'
import { UnregisterBroker } from '../../protocol/messages/64_unregister_broker.ts'
import type { Cluster } from '../cluster.ts'
import { check, errorFrom } from '../errors.ts'
import { byTopic, inOrder, type TopicPartition } from '../routing.ts'

export interface Reassignment extends TopicPartition {
  /** Node ids in the order of preference; null cancels what is going on. */
  replicas: readonly number[] | null
}

export interface OngoingReassignment extends TopicPartition {
  /** All that there are now. */
  replicas: readonly number[]
  adding: readonly number[]
  removing: readonly number[]
}

const TIMEOUT_MS = 15_000

export async function alterPartitionReassignments(
  cluster: Cluster,
  reassignments: readonly Reassignment[],
): Promise<(TopicPartition & { error: KafkaError | null })[]> {
  if (reassignments.length === 0) return []
  const response = await cluster.request(
    'controller',
    AlterPartitionReassignments,
    {
      timeoutMs: TIMEOUT_MS,
      topics: byTopic(reassignments).map(({ topic, items }) => ({
        name: topic,
        partitions: items.map((p) => ({ partitionIndex: p.partition, replicas: p.replicas && [...p.replicas] })),
      })),
    },
    { verify: (r) => check(r.errorCode, r.errorMessage) },
  )
  return inOrder(
    reassignments,
    response.responses,
    ({ topic, partition }, p) => ({ topic, partition, error: errorFrom(p.errorCode, p.errorMessage) }),
    ({ topic, partition }, error) => ({ topic, partition, error }),
  )
}

/** All that go on, ordered by nothing. */
export async function listPartitionReassignments(cluster: Cluster): Promise<OngoingReassignment[]> {
  const response = await cluster.request(
    'controller',
    ListPartitionReassignments,
    { timeoutMs: TIMEOUT_MS, topics: null },
    { verify: (r) => check(r.errorCode, r.errorMessage) },
  )
  return response.topics.flatMap(({ name, partitions }) =>
    partitions.map((p) => ({
      topic: name,
      partition: p.partitionIndex,
      replicas: p.replicas,
      adding: p.addingReplicas,
      removing: p.removingReplicas,
    })),
  )
}

const PREFERRED = 0

/** Has the first of each partition's replicas lead it, if it can. */
export async function electPreferredLeaders(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<(TopicPartition & { error: KafkaError | null })[]> {
  if (partitions.length === 0) return []
  const response = await cluster.request(
    'controller',
    ElectLeaders,
    {
      electionType: PREFERRED,
      topicPartitions: byTopic(partitions).map(({ topic, items }) => ({
        topic,
        partitions: items.map((p) => p.partition),
      })),
      timeoutMs: TIMEOUT_MS,
    },
    { minVersion: 1, verify: (r) => check(r.errorCode) },
  )
  return inOrder(
    partitions,
    response.replicaElectionResults.map(({ topic, partitionResult }) => ({
      name: topic,
      partitions: partitionResult.map((p) => ({ ...p, partitionIndex: p.partitionId })),
    })),
    ({ topic, partition }, p) => ({ topic, partition, error: errorFrom(p.errorCode, p.errorMessage) }),
    ({ topic, partition }, error) => ({ topic, partition, error }),
  )
}

/** Has the cluster forget a broker. Throws BROKER_ID_NOT_REGISTERED if it does not know it. */
export async function unregisterBroker(cluster: Cluster, brokerId: number): Promise<void> {
  await cluster.request(
    'controller',
    UnregisterBroker,
    { brokerId },
    { verify: (r) => check(r.errorCode, r.errorMessage) },
  )
}
