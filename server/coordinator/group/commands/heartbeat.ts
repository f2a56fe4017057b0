/** Heartbeat: a member is alive, and is told if it has to join again. */
import { type ErrorName, errorCode } from '../../../protocol/errors.ts'
import type { Heartbeat } from '../../../protocol/messages/12_heartbeat.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { checkMember } from '../check_member.ts'
import { heartbeatConsumerGroup } from '../consumer/commands/classic_stay.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'

export type HeartbeatRequest = Infer<typeof Heartbeat.request>
export type HeartbeatResponse = Infer<typeof Heartbeat.response>

/** Throws a KafkaError if it is a consumer group that refuses it. */
export const heartbeat =
  (live: LiveGroups, request: HeartbeatRequest): GroupCommand<HeartbeatResponse> =>
  (state) => {
    if (request.groupId === '') return answer('INVALID_GROUP_ID')
    const consumers = state.consumers.get(request.groupId)
    if (consumers !== undefined) return heartbeatConsumerGroup(live, request, consumers)
    const group = live.find(request.groupId)
    if (group === undefined) return answer('UNKNOWN_MEMBER_ID')
    const error = checkMember(group, request.memberId, request.groupInstanceId)
    if (error !== undefined) return answer(error)
    if (request.generationId !== group.generationId) return answer('ILLEGAL_GENERATION')
    const member = group.members.get(request.memberId)!
    return {
      // After JoinGroup, while the leader makes the assignment, heartbeats are as good as any.
      ...answer(group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE'),
      change: () => member.session.set(member.sessionTimeoutMs),
    }
  }

const answer = (error: ErrorName) => ({ reply: { throttleTimeMs: 0, errorCode: errorCode[error] } })
