/** ConsumerGroupHeartbeat with an epoch below 0: the member leaves, for good (-1) or, a static one, for a while (-2). */
import { KafkaError } from '../../../../protocol/errors.ts'
import type { GroupCommand, LiveGroups } from '../../live_groups.ts'
import type { ConsumerHeartbeatRequest, ConsumerHeartbeatResponse } from '../check_heartbeat.ts'
import { Draft } from '../draft.ts'
import { findMember, unknown } from '../enter.ts'
import { fence } from '../fence.ts'
import { LEFT_FOR_A_WHILE_EPOCH } from '../member.ts'
import { NOTHING_OWNED } from '../partitions.ts'

export const leaveConsumerGroup =
  (live: LiveGroups, request: ConsumerHeartbeatRequest): GroupCommand<ConsumerHeartbeatResponse> =>
  (state, nowMs) => {
    const { groupId, memberId, instanceId, memberEpoch } = request
    const group = state.consumers.get(groupId)
    if (group === undefined) {
      const what =
        live.find(groupId) === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`
      throw new KafkaError('GROUP_ID_NOT_FOUND', what)
    }
    const member = findMember(group, memberId, instanceId)
    if (member === undefined) throw unknown(groupId, memberId)
    const reply: ConsumerHeartbeatResponse = {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      memberId: member.memberId,
      memberEpoch,
      heartbeatIntervalMs: 0,
      assignment: null,
    }
    if (memberEpoch !== LEFT_FOR_A_WHILE_EPOCH) return { ...fence(live, group, [memberId], nowMs), reply }
    // What it owns stays its own until the session ends; what it was to give up it has given up by leaving.
    const draft = new Draft(groupId, group)
    draft.putCurrent({ ...member, memberEpoch: LEFT_FOR_A_WHILE_EPOCH, revoking: NOTHING_OWNED })
    return {
      records: draft.records,
      reply,
      change: () => live.consumers.timersOf(groupId, memberId).rebalance.cancel(),
    }
  }
