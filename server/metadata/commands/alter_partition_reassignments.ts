/**
 * AlterPartitionReassignments (45): a partition's replicas are to be others, or a move that goes on is given up (KIP-455). It is
 * done as soon as all that it is to have are in sync, which may be at once; until then old and new ones stand side by side.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { AlterPartitionReassignments } from '../../protocol/messages/45_alter_partition_reassignments.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import {
  type ControllerContext,
  type ControllerSettings,
  MAX_RECORDS_PER_REQUEST,
  type MetadataCommand,
} from '../context.ts'
import type { MetadataImage, PartitionImage, TopicImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { changePartition, isMoving, leaderRecovery } from './change_partition.ts'
import { uncleanElectionAllowed } from './effective_configs.ts'
import { checkReplicas } from './placement.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof AlterPartitionReassignments.request>
type Response = Input<typeof AlterPartitionReassignments.response>

export const alterPartitionReassignments =
  (request: Request, { settings }: ControllerContext): MetadataCommand<Response> =>
  (image) => {
    const records: MetadataRecord[] = []
    const moved = new Set<string>()
    const responses = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, replicas }) => {
        const made = attempt(() => {
          const { topic, partition } = find(image, name, partitionIndex)
          const record =
            replicas === null
              ? giveUp(image, settings, topic, partition)
              : move(image, settings, topic, partition, {
                  replicas,
                  mayChangeCount: request.allowReplicationFactorChange,
                })
          if (record === undefined) return []
          const { topicId } = topic
          // Decided by what was before the request: a second change would not know of the first.
          if (moved.has(`${topicId}/${partitionIndex}`)) {
            throw new KafkaError('INVALID_REQUEST', 'The request names this partition twice.')
          }
          moved.add(`${topicId}/${partitionIndex}`)
          if (records.length === MAX_RECORDS_PER_REQUEST) {
            throw new KafkaError(
              'POLICY_VIOLATION',
              `One request may move at most ${MAX_RECORDS_PER_REQUEST} partitions.`,
            )
          }
          return [record]
        })
        if (made instanceof KafkaError) return { partitionIndex, ...failed(made) }
        records.push(...made)
        return { partitionIndex, ...succeeded }
      }),
    }))
    const { allowReplicationFactorChange } = request
    return {
      records,
      reply: {
        throttleTimeMs: 0,
        allowReplicationFactorChange,
        errorCode: errorCode.NONE,
        errorMessage: null,
        responses,
      },
    }
  }

function find(image: MetadataImage, name: string, index: number): { topic: TopicImage; partition: PartitionImage } {
  const topic = image.topic(name)
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${name}'.`)
  const partition = topic.partitions[index]
  if (partition === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${name}' has no partition ${index}.`)
  }
  return { topic, partition }
}

/** Back to the replicas that it had. */
function giveUp(image: MetadataImage, settings: ControllerSettings, topic: TopicImage, p: PartitionImage) {
  if (!isMoving(p)) throw new KafkaError('NO_REASSIGNMENT_IN_PROGRESS')
  const replicas = p.replicas.filter((id) => !p.addingReplicas.includes(id))
  if (replicas.length === 0) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', 'The partition had no other replicas.')
  const isr = p.isr.filter((id) => replicas.includes(id))
  const complete = p.isr.length > 0 ? p.isr : p.eligibleLeaderReplicas
  const isUnclean = complete.length > 0 && !complete.some((id) => replicas.includes(id))
  if (isUnclean) {
    const survivor = replicas.find((id) => image.isOnline(p, id))
    if (survivor === undefined || !uncleanElectionAllowed(image, settings, topic.name)) {
      throw new KafkaError(
        'INVALID_REPLICA_ASSIGNMENT',
        'None of the replicas that the partition had is in sync: to give up the move would lose records.',
      )
    }
    isr.push(survivor)
  }
  return changePartition(image, settings, topic, p, {
    replicas,
    isr,
    addingReplicas: [],
    removingReplicas: [],
    // Kafka forgets to say so.
    ...(isUnclean && { leaderRecoveryState: leaderRecovery.recovering }),
  })
}

/** Undefined if it is as it is to be. */
function move(
  image: MetadataImage,
  settings: ControllerSettings,
  topic: TopicImage,
  p: PartitionImage,
  wanted: { replicas: readonly number[]; mayChangeCount: boolean },
): MetadataRecord | undefined {
  const { replicas } = wanted
  checkReplicas(image, replicas)
  const count = p.replicas.length - p.addingReplicas.length
  if (!wanted.mayChangeCount && replicas.length !== count) {
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      `The partition has ${count} replica(s); this would make ${replicas.length}, which the request does not allow.`,
    )
  }
  const removingReplicas = p.replicas.filter((id) => !replicas.includes(id)).sort(ascending)
  const all = [...replicas, ...removingReplicas]
  // Given up, it goes back to what it had before it began to move, however often its goal has changed since, or was named again.
  const addingReplicas = all.filter((id) => !p.replicas.includes(id) || p.addingReplicas.includes(id)).sort(ascending)
  return changePartition(image, settings, topic, p, {
    election: 'online',
    replicas: all,
    addingReplicas,
    removingReplicas,
  })
}

const ascending = (a: number, b: number) => a - b
