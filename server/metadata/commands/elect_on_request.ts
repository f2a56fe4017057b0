/**
 * ElectLeaders (43): the preferred replica of a partition, its first, is to lead (type 0), or any replica that runs, though it may
 * lack records, where none leads (type 1, KIP-460). Where there is nothing to do, the answer for a partition that was named says so.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { ElectLeaders } from '../../protocol/messages/43_elect_leaders.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import {
  type ControllerContext,
  type ControllerSettings,
  MAX_RECORDS_PER_REQUEST,
  type MetadataCommand,
} from '../context.ts'
import type { MetadataImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { changePartition } from './change_partition.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof ElectLeaders.request>
type Response = Input<typeof ElectLeaders.response>
type PartitionResult = Response['replicaElectionResults'][number]['partitionResult'][number]

const PREFERRED = 0
const UNCLEAN = 1

export const electOnRequest =
  ({ electionType, topicPartitions }: Request, { settings }: ControllerContext): MetadataCommand<Response> =>
  (image) => {
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      throw new KafkaError('INVALID_REQUEST', `${electionType} is no kind of election: 0 is preferred, 1 is unclean.`)
    }
    const records: MetadataRecord[] = []
    const elected = new Set<string>()
    const elect = (topic: string, partitionId: number): PartitionResult => {
      const made = attempt(() => electOne(image, settings, { topic, partitionId, electionType }))
      if (made instanceof KafkaError) return { partitionId, ...failed(made) }
      if (elected.has(`${topic}/${partitionId}`)) {
        // Decided by what was before the request: a second election would not know of the first.
        return { partitionId, ...failed(new KafkaError('ELECTION_NOT_NEEDED')) }
      }
      // What does not fit is left for the next request, which finds it undone.
      if (records.length === MAX_RECORDS_PER_REQUEST)
        return { partitionId, ...failed(new KafkaError('POLICY_VIOLATION')) }
      elected.add(`${topic}/${partitionId}`)
      records.push(made)
      return { partitionId, ...succeeded }
    }
    const results =
      topicPartitions === null
        ? [...image.topics.values()].map(({ name, partitions }) => ({
            topic: name,
            // Of all: only those where something was done.
            partitionResult: partitions
              .map((p) => elect(name, p.partitionId))
              .filter((r) => r.errorCode !== errorCode.ELECTION_NOT_NEEDED),
          }))
        : topicPartitions.map(({ topic, partitions }) => ({
            topic,
            partitionResult: partitions.map((partitionId) => elect(topic, partitionId)),
          }))
    return {
      records,
      reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, replicaElectionResults: results },
    }
  }

function electOne(
  image: MetadataImage,
  settings: ControllerSettings,
  o: { topic: string; partitionId: number; electionType: number },
): MetadataRecord {
  const topic = image.topic(o.topic)
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${o.topic}'.`)
  const p = topic.partitions[o.partitionId]
  if (p === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${o.topic}' has no partition ${o.partitionId}.`)
  }
  const isPreferred = o.electionType === PREFERRED
  if (isPreferred ? p.leader === p.replicas[0] : p.leader >= 0) throw new KafkaError('ELECTION_NOT_NEEDED')
  const record = changePartition(image, settings, topic, p, { election: isPreferred ? 'preferred' : 'unclean' })
  if (record !== undefined) return record
  throw new KafkaError(isPreferred ? 'PREFERRED_LEADER_NOT_AVAILABLE' : 'ELIGIBLE_LEADERS_NOT_AVAILABLE')
}
