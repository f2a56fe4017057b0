/**
 * LeaveGroup: members go, one by one answered (from version 3 on several at once). A static member may be taken out by an
 * administrator, by its `group.instance.id` alone (KIP-345).
 */
import { type ErrorName, errorCode } from '../../../protocol/errors.ts'
import type { LeaveGroup } from '../../../protocol/messages/13_leave_group.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { NO_MEMBER_ID } from '../answers.ts'
import { checkMember } from '../check_member.ts'
import type { ClassicGroup } from '../classic_group.ts'
import { leaveFromConsumerGroup } from '../consumer/commands/classic_leave.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance, removeMember } from '../rebalance.ts'
import { tryCompleteJoin } from './complete_join.ts'

export type LeaveGroupRequest = Infer<typeof LeaveGroup.request>
export type LeaveGroupResponse = Infer<typeof LeaveGroup.response>
export type LeavingMember = LeaveGroupRequest['members'][number]

export const leaveGroup =
  (live: LiveGroups, groupId: string, leaving: readonly LeavingMember[]): GroupCommand<LeaveGroupResponse> =>
  (state, nowMs) => {
    if (groupId === '') return answer('INVALID_GROUP_ID', [])
    const consumers = state.consumers.get(groupId)
    if (consumers !== undefined) return leaveFromConsumerGroup(live, leaving, consumers, nowMs)
    const group = live.find(groupId)
    const gone = new Set<string>()
    const members = leaving.map(({ memberId, groupInstanceId }) => {
      const who = identify(group, memberId, groupInstanceId)
      if ('error' in who || gone.has(who.memberId)) {
        return { memberId, groupInstanceId, errorCode: errorCode['error' in who ? who.error : 'UNKNOWN_MEMBER_ID'] }
      }
      gone.add(who.memberId)
      return { memberId, groupInstanceId, errorCode: errorCode.NONE }
    })
    if (group === undefined || gone.size === 0) return answer('NONE', members)
    const why = [...new Set(leaving.map((m) => m.reason || 'not provided'))].join(', ')
    return {
      ...answer('NONE', members),
      change: () => {
        for (const memberId of gone) {
          const member = group.members.get(memberId)
          if (member === undefined) group.remove(memberId)
          else removeMember(group, member)
        }
        if (group.state === 'Stable' || group.state === 'CompletingRebalance') {
          prepareRebalance(live, group, `${[...gone].join(', ')} left; client: ${why}`, nowMs)
        }
      },
      next: [tryCompleteJoin(live, groupId)],
    }
  }

const answer = (error: ErrorName, members: LeaveGroupResponse['members']) => ({
  reply: { throttleTimeMs: 0, errorCode: errorCode[error], members },
})

function identify(
  group: ClassicGroup | undefined,
  memberId: string,
  groupInstanceId: string | null,
): { memberId: string } | { error: ErrorName } {
  if (group === undefined) return { error: 'UNKNOWN_MEMBER_ID' }
  if (memberId === NO_MEMBER_ID) {
    const holder = groupInstanceId === null ? undefined : group.staticMemberId(groupInstanceId)
    return holder === undefined ? { error: 'UNKNOWN_MEMBER_ID' } : { memberId: holder }
  }
  if (group.pendingJoin.has(memberId)) return { memberId }
  const error = checkMember(group, memberId, groupInstanceId)
  return error === undefined ? { memberId } : { error }
}
