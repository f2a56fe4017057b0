/** CreatePartitions (37): a topic grows to `count` partitions; it never shrinks (KIP-195). */
import { duplicates } from '../../lib/duplicates.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { CreatePartitions } from '../../protocol/messages/37_create_partitions.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import {
  type ChargePartitions,
  type ControllerContext,
  MAX_RECORDS_PER_REQUEST,
  type MetadataCommand,
} from '../context.ts'
import type { MetadataImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { checkAssignment, newPartition, place } from './placement.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof CreatePartitions.request>
type Response = Input<typeof CreatePartitions.response>
type Wanted = Request['topics'][number]

export const createPartitions =
  (request: Request, context: ControllerContext, charge?: ChargePartitions): MetadataCommand<Response> =>
  (image) => {
    const twice = duplicates(request.topics.map((t) => t.name))
    const answered = new Set<string>()
    const records: MetadataRecord[] = []
    const results: Response['results'][number][] = []
    for (const wanted of request.topics) {
      if (answered.has(wanted.name)) continue
      answered.add(wanted.name)
      const made = attempt(() => {
        if (twice.has(wanted.name))
          throw new KafkaError('INVALID_REQUEST', `The request names topic '${wanted.name}' twice.`)
        const made = grow(image, wanted, context, MAX_RECORDS_PER_REQUEST - records.length)
        charge?.(made.length)
        return made
      })
      if (made instanceof KafkaError) results.push({ name: wanted.name, ...failed(made) })
      else {
        records.push(...made)
        results.push({ name: wanted.name, ...succeeded })
      }
    }
    return { records: request.validateOnly ? [] : records, reply: { throttleTimeMs: 0, results } }
  }

function grow(image: MetadataImage, wanted: Wanted, context: ControllerContext, room: number): MetadataRecord[] {
  const topic = image.topic(wanted.name)
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
  const present = topic.partitions.length
  const count = wanted.count - present
  if (count <= 0) {
    throw new KafkaError(
      'INVALID_PARTITIONS',
      `Topic '${topic.name}' has ${present} partition(s); ${wanted.count} would not be more.`,
    )
  }
  if (count > room) {
    throw new KafkaError('POLICY_VIOLATION', `One request may make at most ${MAX_RECORDS_PER_REQUEST} partitions.`)
  }
  const [first] = topic.partitions
  // While it moves: what it is to have in the end. Kafka counts those that leave as well.
  const replicationFactor = first!.replicas.filter((id) => !first!.removingReplicas.includes(id)).length
  const replicas = wanted.assignments?.map((a) => a.brokerIds) ?? place(image, context, { count, replicationFactor })
  if (replicas.length !== count) {
    throw new KafkaError(
      'INVALID_REPLICA_ASSIGNMENT',
      `${count} partition(s) are to be added, but ${replicas.length} assigned.`,
    )
  }
  return replicas.map((r, i) => {
    checkAssignment(image, r, replicationFactor)
    return newPartition(image, { topicId: topic.topicId, partitionId: present + i, replicas: r })
  })
}
