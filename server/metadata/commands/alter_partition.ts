/**
 * AlterPartition (56): the leader of a partition proposes who is in sync (KIP-497, KIP-841, KIP-903), in versions before 3 without the
 * epochs of their brokers. What is proposed for another state than the present one is refused, and so is who asks to be fenced; a move that the new ISR completes is
 * completed with it, which may cost the leader its place.
 */
import { type ErrorName, errorCode, KafkaError } from '../../protocol/errors.ts'
import type { AlterPartition } from '../../protocol/messages/56_alter_partition.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { BrokerSessions } from '../broker_sessions.ts'
import { type ControllerContext, MAX_RECORDS_PER_REQUEST, type MetadataCommand } from '../context.ts'
import { afterChange } from '../image/apply.ts'
import type { MetadataImage, PartitionImage } from '../image.ts'
import type { MetadataRecord, MetadataRecordData } from '../record_codec.ts'
import { changePartition, leaderRecovery } from './change_partition.ts'
import { checkBrokerEpoch } from './check_broker_epoch.ts'

type Request = Infer<typeof AlterPartition.request>
type Response = Input<typeof AlterPartition.response>
type Proposal = Request['topics'][number]['partitions'][number]
type Result = Response['topics'][number]['partitions'][number]

export const alterPartition =
  (request: Request, { settings }: ControllerContext, sessions: BrokerSessions): MetadataCommand<Response> =>
  (image) => {
    const { brokerId } = request
    checkBrokerEpoch(image, brokerId, request.brokerEpoch)
    const records: MetadataRecord[] = []
    const changed = new Set<string>()
    const topics = request.topics.map(({ topicId, topicName, partitions }) => ({
      topicId,
      topicName,
      partitions: partitions.map((proposal) => alter(topicId, proposal)),
    }))
    return { records, reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, topics } }

    function alter(topicId: string, proposal: Proposal): Result {
      const { partitionIndex } = proposal
      const topic = image.topicById(topicId)
      if (topic === undefined) return refused(partitionIndex, 'UNKNOWN_TOPIC_ID')
      const p = topic.partitions[partitionIndex]
      if (p === undefined) return refused(partitionIndex, 'UNKNOWN_TOPIC_OR_PARTITION')
      const isr = isrOf(proposal)
      const problem = problemOf(image, p, brokerId, proposal, isr) ?? unwilling(p, isr)
      if (problem !== undefined) return refused(partitionIndex, problem)
      const key = `${topicId}/${partitionIndex}`
      // Decided by what was before the request: of a second proposal the epoch is not the present one any more.
      if (changed.has(key)) return refused(partitionIndex, 'INVALID_UPDATE_VERSION')
      if (records.length === MAX_RECORDS_PER_REQUEST) return refused(partitionIndex, 'OPERATION_NOT_ATTEMPTED')
      const record = changePartition(image, settings, topic, p, {
        isr: isr.map((member) => member.brokerId),
        leaderRecoveryState: proposal.leaderRecoveryState,
      })
      if (record === undefined) return accepted(p)
      records.push(record)
      changed.add(key)
      const after = afterChange(p, record.data as MetadataRecordData<'PartitionChangeRecord'>)
      // It takes effect, and yet the proposer has to hear first who leads now.
      return after.leader === brokerId ? accepted(after) : refused(partitionIndex, 'NEW_LEADER_ELECTED')
    }

    /** Who would rather be fenced would hold up who writes. Where the leader takes nothing either, more in sync are more who can be read from. */
    function unwilling(p: PartitionImage, isr: readonly Member[]): ErrorName | undefined {
      const holdsUp = (member: Member) => !p.isr.includes(member.brokerId) && sessions.wantsFence(member.brokerId)
      return isr.some(holdsUp) && !sessions.wantsFence(brokerId) ? 'INELIGIBLE_REPLICA' : undefined
    }
  }

interface Member {
  readonly brokerId: number
  /** -1: of whatever life. */
  readonly brokerEpoch: number
}

const isrOf = ({ newIsrWithEpochs, newIsr }: Proposal): readonly Member[] =>
  newIsrWithEpochs.length > 0 ? newIsrWithEpochs : newIsr.map((brokerId) => ({ brokerId, brokerEpoch: -1 }))

function problemOf(
  image: MetadataImage,
  p: PartitionImage,
  brokerId: number,
  { leaderEpoch, partitionEpoch, leaderRecoveryState }: Proposal,
  isr: readonly Member[],
): ErrorName | undefined {
  // It has heard what this controller does not know of: another one decides by now.
  if (leaderEpoch > p.leaderEpoch || partitionEpoch > p.partitionEpoch) return 'NOT_CONTROLLER'
  if (leaderEpoch < p.leaderEpoch) return 'FENCED_LEADER_EPOCH'
  if (brokerId !== p.leader) return 'INVALID_REQUEST'
  if (partitionEpoch < p.partitionEpoch) return 'INVALID_UPDATE_VERSION'
  const ids = isr.map((member) => member.brokerId)
  if (new Set(ids).size < ids.length || ids.some((id) => !p.replicas.includes(id))) return 'INVALID_REQUEST'
  if (!ids.includes(brokerId)) return 'INVALID_REQUEST'
  const { recovered, recovering } = leaderRecovery
  if (leaderRecoveryState !== recovered && leaderRecoveryState !== recovering) return 'INVALID_REQUEST'
  if (leaderRecoveryState === recovering && (ids.length > 1 || p.leaderRecoveryState === recovered)) {
    return 'INVALID_REQUEST'
  }
  return isr.every((member) => isEligible(image, member)) ? undefined : 'INELIGIBLE_REPLICA'
}

/** It runs, stays, and is in the life that the leader has seen catch up. */
const isEligible = (image: MetadataImage, { brokerId, brokerEpoch }: Member): boolean =>
  image.isActive(brokerId) && (brokerEpoch === -1 || image.brokers.get(brokerId)!.brokerEpoch === brokerEpoch)

const accepted = (p: PartitionImage): Result => ({
  partitionIndex: p.partitionId,
  errorCode: errorCode.NONE,
  leaderId: p.leader,
  leaderEpoch: p.leaderEpoch,
  isr: [...p.isr],
  leaderRecoveryState: p.leaderRecoveryState,
  partitionEpoch: p.partitionEpoch,
})

const refused = (partitionIndex: number, error: ErrorName): Result => ({
  partitionIndex,
  errorCode: new KafkaError(error).code,
  leaderId: 0,
  leaderEpoch: 0,
  isr: [],
  leaderRecoveryState: 0,
  partitionEpoch: 0,
})
