/** May a member of a consumer group commit or fetch offsets with the epoch that it names? */
import { type ErrorName, KafkaError } from '../../../protocol/errors.ts'
import type { ConsumerGroup } from './consumer_group.ts'
import { unknown } from './enter.ts'
import { type ConsumerMember, isClassic } from './member.ts'

/** The first version that members of the consumer protocol may use. */
const MEMBER_EPOCH_VERSION = 9

/** What is committed, without the offsets. */
interface Committed {
  readonly name: string
  readonly topicId: string
  readonly partitions: readonly { readonly partitionIndex: number }[]
}

/**
 * An epoch that is over is good for partitions that the member has had since then (KIP-1251): a commit on its way must not fail
 * because the group went on meanwhile. Throws UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH or ILLEGAL_GENERATION.
 */
export function checkCommit(
  group: ConsumerGroup,
  version: number,
  request: { memberId: string; epoch: number; topics: readonly Committed[] },
): void {
  const { memberId, epoch } = request
  // Of nobody's: an administrator's, or a client's that only stores offsets.
  if (epoch < 0 && group.members.size === 0) return
  const member = group.members.get(memberId)
  if (member === undefined) throw unknown(group.groupId, memberId)
  if (!isClassic(member) && version < MEMBER_EPOCH_VERSION) throw new KafkaError('UNSUPPORTED_VERSION')
  if (epoch === member.memberEpoch) return
  if (epoch > member.memberEpoch) throw new KafkaError(staleError(member))
  for (const { topicId, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const since =
        member.assigned.get(topicId)?.get(partitionIndex) ?? member.revoking.get(topicId)?.get(partitionIndex)
      if (since === undefined || epoch < since) throw new KafkaError(staleError(member))
    }
  }
}

/** Throws UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH or ILLEGAL_GENERATION. */
export function checkFetch(group: ConsumerGroup, memberId: string | null, epoch: number): void {
  if (memberId === null && epoch < 0) return
  const member = group.members.get(memberId ?? '')
  if (member === undefined) throw unknown(group.groupId, memberId ?? '')
  if (epoch !== member.memberEpoch) throw new KafkaError(staleError(member))
}

const staleError = (member: ConsumerMember): ErrorName =>
  isClassic(member) ? 'ILLEGAL_GENERATION' : 'STALE_MEMBER_EPOCH'
