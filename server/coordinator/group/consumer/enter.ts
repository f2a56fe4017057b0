/**
 * How a member gets into a consumer group, in either protocol: it is there, comes anew, or takes the place of the member that had
 * its `group.instance.id` (KIP-345).
 */
import { KafkaError } from '../../../protocol/errors.ts'
import type { LiveGroups } from '../live_groups.ts'
import type { Draft } from './draft.ts'
import { type ConsumerMember, isClassic, LEFT_FOR_A_WHILE_EPOCH, newMember } from './member.ts'
import type { TopicPartitions } from './partitions.ts'
import { ownsOnly, targetOf } from './reconcile.ts'

export interface Entry {
  readonly memberId: string
  readonly instanceId: string | null
  /** May it come anew? Else it must be there. */
  readonly joins: boolean
  readonly speaksClassic: boolean
}

/** Throws GROUP_MAX_SIZE_REACHED. */
export function checkRoom(live: LiveGroups, draft: Draft, memberId: string): void {
  const { maxSize } = live.config.consumer
  if (draft.group.members.size >= maxSize && !draft.group.members.has(memberId)) {
    throw new KafkaError(
      'GROUP_MAX_SIZE_REACHED',
      `The consumer group has reached its maximum capacity of ${maxSize} members.`,
    )
  }
}

/** The member as it is, or as it begins. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID or UNRELEASED_INSTANCE_ID. */
export function enter(draft: Draft, entry: Entry): ConsumerMember {
  const { memberId, instanceId, joins } = entry
  if (instanceId !== null && joins) return enterAsStatic(draft, entry, instanceId)
  const member = findMember(draft.group, memberId, instanceId)
  if (member !== undefined) return member
  if (joins) return newMember(memberId)
  throw unknown(draft.groupId, memberId)
}

function enterAsStatic(draft: Draft, { memberId, speaksClassic }: Entry, instanceId: string): ConsumerMember {
  const { group } = draft
  const holder = group.staticMember(instanceId)
  if (holder === undefined) return group.members.get(memberId) ?? newMember(memberId)
  const isFree = speaksClassic || isClassic(holder) || holder.memberEpoch === LEFT_FOR_A_WHILE_EPOCH
  if (!isFree) {
    throw new KafkaError(
      'UNRELEASED_INSTANCE_ID',
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by ` +
        `member ${holder.memberId}, which has not left.`,
    )
  }
  const successor: ConsumerMember = { ...holder, memberId, memberEpoch: 0, previousMemberEpoch: 0 }
  const target = targetOf(group.targets, holder.memberId)
  draft.removeMember(holder.memberId)
  draft.putMember(successor)
  draft.putTarget(memberId, target)
  draft.putCurrent(successor)
  return successor
}

/** Undefined: nobody of that id. Throws UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID for one who names an instance. */
export function findMember(
  group: Draft['group'],
  memberId: string,
  instanceId: string | null,
): ConsumerMember | undefined {
  if (instanceId === null) return group.members.get(memberId)
  const holder = group.staticMember(instanceId)
  if (holder === undefined) throw new KafkaError('UNKNOWN_MEMBER_ID', `Instance id ${instanceId} is unknown.`)
  if (holder.memberId !== memberId) {
    throw new KafkaError(
      'FENCED_INSTANCE_ID',
      `Static member ${memberId} with instance id ${instanceId} was fenced by member ${holder.memberId}.`,
    )
  }
  return holder
}

export const unknown = (groupId: string, memberId: string): KafkaError =>
  new KafkaError('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${groupId}.`)

/** Throws FENCED_MEMBER_EPOCH. The epoch before is good if the answer that told of the new one may have been lost. */
export function checkEpoch(member: ConsumerMember, epoch: number, owned: readonly TopicPartitions[] | null): void {
  if (epoch === 0 || epoch === member.memberEpoch) return
  const answerWasLost = epoch === member.previousMemberEpoch && ownsOnly(owned, member.assigned)
  if (epoch < member.memberEpoch && answerWasLost) return
  throw new KafkaError(
    'FENCED_MEMBER_EPOCH',
    `The consumer group member has a ${epoch > member.memberEpoch ? 'greater' : 'smaller'} member epoch (${epoch}) than the one ` +
      `known by the group coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  )
}
