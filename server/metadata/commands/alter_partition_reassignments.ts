/**
 * AlterPartitionReassignments (45): a partition's replicas are to be others, or a move that goes on is given up (KIP-455). It is
 * done as soon as all that it is to have are in sync, which may be at once; until then old and new ones stand side by side.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { AlterPartitionReassignments } from '../../protocol/messages/45_alter_partition_reassignments.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import { MAX_RECORDS_PER_REQUEST, type MetadataCommand } from '../context.ts'
import type { MetadataImage, PartitionImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { type PartitionChange, partitionChange } from './partition_change.ts'
import { checkReplicas, defaultDirectory } from './placement.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof AlterPartitionReassignments.request>
type Response = Input<typeof AlterPartitionReassignments.response>

export const alterPartitionReassignments =
  (request: Request): MetadataCommand<Response> =>
  (image) => {
    const records: MetadataRecord[] = []
    const moved = new Set<string>()
    const responses = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, replicas }) => {
        const made = attempt(() => {
          const { topicId, partition } = find(image, name, partitionIndex)
          const change =
            replicas === null
              ? giveUp(partition)
              : move(image, partition, replicas, request.allowReplicationFactorChange)
          if (change === undefined) return []
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
          const directories = change.replicas && directoriesOf(image, partition, change.replicas)
          return [
            partitionChange(image, {
              topicId,
              partitionId: partitionIndex,
              ...change,
              ...(directories && { directories }),
            }),
          ]
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

function find(image: MetadataImage, name: string, index: number): { topicId: string; partition: PartitionImage } {
  const topic = image.topic(name)
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${name}'.`)
  const partition = topic.partitions[index]
  if (partition === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${name}' has no partition ${index}.`)
  }
  return { topicId: topic.topicId, partition }
}

type Change = Omit<PartitionChange, 'topicId' | 'partitionId'>

/** Back to the replicas that it had. */
function giveUp(p: PartitionImage): Change {
  if (p.addingReplicas.length === 0 && p.removingReplicas.length === 0) {
    throw new KafkaError('NO_REASSIGNMENT_IN_PROGRESS')
  }
  const replicas = p.replicas.filter((id) => !p.addingReplicas.includes(id))
  const isr = p.isr.filter((id) => replicas.includes(id))
  if (isr.length === 0) {
    throw new KafkaError(
      'INVALID_REPLICA_ASSIGNMENT',
      'None of the replicas that the partition had is in sync: the move cannot be given up.',
    )
  }
  return { replicas, addingReplicas: [], removingReplicas: [], ...led(p, replicas, isr) }
}

/** Undefined if it is as it is to be. */
function move(
  image: MetadataImage,
  p: PartitionImage,
  wanted: readonly number[],
  mayChangeCount: boolean,
): Change | undefined {
  checkReplicas(image, wanted)
  const before = p.replicas.filter((id) => !p.addingReplicas.includes(id))
  if (!mayChangeCount && wanted.length !== before.length) {
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      `The partition has ${before.length} replica(s); this would make ${wanted.length}, which the request does not allow.`,
    )
  }
  const adding = wanted.filter((id) => !before.includes(id))
  const removing = before.filter((id) => !wanted.includes(id))
  const isr = p.isr.filter((id) => wanted.includes(id))
  if (wanted.every((id) => isr.includes(id)) || (adding.length === 0 && isr.length > 0)) {
    const same = p.replicas.length === wanted.length && p.replicas.every((id, i) => id === wanted[i])
    if (same && p.addingReplicas.length === 0 && p.removingReplicas.length === 0) return undefined
    return { replicas: [...wanted], addingReplicas: [], removingReplicas: [], ...led(p, wanted, isr) }
  }
  return { replicas: [...wanted, ...removing], addingReplicas: adding, removingReplicas: removing }
}

/** The leader stays if it may; else the first in sync takes over. */
const led = (p: PartitionImage, replicas: readonly number[], isr: number[]): Change => ({
  ...(isr.length !== p.isr.length && { isr }),
  ...(p.leader >= 0 && !replicas.includes(p.leader) && { leader: replicas.find((id) => isr.includes(id)) ?? -1 }),
})

const directoriesOf = (image: MetadataImage, p: PartitionImage, replicas: readonly number[]): string[] =>
  replicas.map((id) => p.directories[p.replicas.indexOf(id)] ?? defaultDirectory(image, id))
