/** LeaveGroup to a consumer group: members of either protocol go, one by one answered; an administrator names instances alone. */
import { codeOf, errorCode, KafkaError } from '../../../../protocol/errors.ts'
import type { Decision } from '../../../../state/runtime.ts'
import type { LeaveGroupResponse, LeavingMember } from '../../commands/leave_group.ts'
import type { LiveGroups } from '../../live_groups.ts'
import type { GroupRecord } from '../../records.ts'
import type { ConsumerGroup } from '../consumer_group.ts'
import { findMember, unknown } from '../enter.ts'
import { fence } from '../fence.ts'

export function leaveFromConsumerGroup(
  live: LiveGroups,
  leaving: readonly LeavingMember[],
  group: ConsumerGroup,
  nowMs: number,
): Decision<GroupRecord, LeaveGroupResponse> {
  const gone = new Set<string>()
  const members = leaving.map(({ memberId, groupInstanceId }) => {
    try {
      gone.add(identify(group, memberId, groupInstanceId))
      return { memberId, groupInstanceId, errorCode: errorCode.NONE }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return { memberId, groupInstanceId, errorCode: codeOf(error) }
    }
  })
  const reply = { throttleTimeMs: 0, errorCode: errorCode.NONE, members }
  return gone.size === 0 ? { reply } : { ...fence(live, group, [...gone], nowMs), reply }
}

function identify(group: ConsumerGroup, memberId: string, instanceId: string | null): string {
  const holder = memberId === '' && instanceId !== null ? group.staticMember(instanceId) : undefined
  const member = holder ?? findMember(group, memberId, instanceId)
  if (member === undefined) throw unknown(group.groupId, memberId)
  return member.memberId
}
