/**
 * ElectLeaders (43): the preferred replica of a partition, its first, is to lead (type 0), or any replica that runs, though it may
 * lack records, where none leads (type 1, KIP-460). Where there is nothing to do, the answer for a partition that was named says so.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { ElectLeaders } from '../../protocol/messages/43_elect_leaders.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import { MAX_RECORDS_PER_REQUEST, type MetadataCommand } from '../context.ts'
import type { MetadataImage, PartitionImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { type PartitionChange, partitionChange } from './partition_change.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof ElectLeaders.request>
type Response = Input<typeof ElectLeaders.response>
type PartitionResult = Response['replicaElectionResults'][number]['partitionResult'][number]

const PREFERRED = 0
const UNCLEAN = 1

export const electOnRequest =
  ({ electionType, topicPartitions }: Request): MetadataCommand<Response> =>
  (image) => {
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      throw new KafkaError('INVALID_REQUEST', `${electionType} is no kind of election: 0 is preferred, 1 is unclean.`)
    }
    const records: MetadataRecord[] = []
    const elect = (topic: string, partitionId: number): PartitionResult => {
      const made = attempt(() => electOne(image, { topic, partitionId, electionType }))
      if (made instanceof KafkaError) return { partitionId, ...failed(made) }
      // What does not fit is left for the next request, which finds it undone.
      if (records.length === MAX_RECORDS_PER_REQUEST)
        return { partitionId, ...failed(new KafkaError('POLICY_VIOLATION')) }
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
  o: { topic: string; partitionId: number; electionType: number },
): MetadataRecord {
  const topic = image.topic(o.topic)
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${o.topic}'.`)
  const p = topic.partitions[o.partitionId]
  if (p === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${o.topic}' has no partition ${o.partitionId}.`)
  }
  const change = o.electionType === PREFERRED ? preferred(image, p) : anyone(image, p)
  return partitionChange(image, { topicId: topic.topicId, partitionId: p.partitionId, ...change })
}

type Change = Pick<
  PartitionChange,
  'leader' | 'isr' | 'leaderRecoveryState' | 'eligibleLeaderReplicas' | 'lastKnownElr'
>

function preferred(image: MetadataImage, p: PartitionImage): Change {
  const first = p.replicas[0]!
  if (p.leader === first) throw new KafkaError('ELECTION_NOT_NEEDED')
  if (!image.isOnline(p, first) || !p.isr.includes(first)) throw new KafkaError('PREFERRED_LEADER_NOT_AVAILABLE')
  return { leader: first }
}

function anyone(image: MetadataImage, p: PartitionImage): Change {
  if (p.leader >= 0) throw new KafkaError('ELECTION_NOT_NEEDED')
  const running = p.replicas.filter((id) => image.isOnline(p, id))
  const complete = running.find((id) => p.isr.includes(id) || p.eligibleLeaderReplicas.includes(id))
  const leader = complete ?? running[0]
  if (leader === undefined) throw new KafkaError('ELIGIBLE_LEADERS_NOT_AVAILABLE')
  return {
    leader,
    isr: p.isr.includes(leader) ? null : [leader],
    // What it lacks is lost: others have to cut their logs to its.
    ...(complete === undefined && { leaderRecoveryState: 1 }),
    eligibleLeaderReplicas: p.eligibleLeaderReplicas.length > 0 ? [] : null,
    lastKnownElr: p.lastKnownElr.length > 0 ? [] : null,
  }
}
