/**
 * ConsumerGroupHeartbeat (KIP-848): a member comes, says that it is alive and what it owns and reads, learns what it is to own,
 * or leaves. The answer has an assignment where it has changed or the member has said all of itself.
 */
import { KafkaError } from '../../../../protocol/errors.ts'
import type { Decision } from '../../../../state/runtime.ts'
import type { GroupContext } from '../../context.ts'
import type { GroupCommand, LiveGroups } from '../../live_groups.ts'
import type { GroupRecord } from '../../records.ts'
import type { GroupState } from '../../state.ts'
import { advance, assignIfDue, subscribe } from '../advance.ts'
import { type ConsumerHeartbeatRequest, type ConsumerHeartbeatResponse, checkHeartbeat } from '../check_heartbeat.ts'
import { Draft } from '../draft.ts'
import { checkEpoch, checkRoom, enter } from '../enter.ts'
import { JOINING_EPOCH, LEFT_EPOCH, sameCurrent } from '../member.ts'
import { listed, sameOwned } from '../partitions.ts'
import type { MemberMetadata } from '../records.ts'
import { toConsumerGroup } from '../upgrade.ts'
import { leaveConsumerGroup } from './leave_consumer_group.ts'

type Answer = Decision<GroupRecord, ConsumerHeartbeatResponse>

/** Throws the KafkaError to refuse it with. */
export const consumerGroupHeartbeat =
  (
    live: LiveGroups,
    context: GroupContext,
    request: ConsumerHeartbeatRequest,
  ): GroupCommand<ConsumerHeartbeatResponse> =>
  (state, nowMs) => {
    checkHeartbeat(request, context.version, live.config)
    if (request.memberEpoch <= LEFT_EPOCH) return leaveConsumerGroup(live, request)(state, nowMs)
    return beat(live, context, request, state, nowMs)
  }

function beat(
  live: LiveGroups,
  context: GroupContext,
  request: ConsumerHeartbeatRequest,
  state: GroupState,
  nowMs: number,
): Answer {
  const { groupId, instanceId, memberEpoch, topicPartitions: owned } = request
  const joins = memberEpoch === JOINING_EPOCH
  const { draft, converted } = open(live, state, groupId, joins)
  const memberId = request.memberId === '' ? live.newUuid() : request.memberId
  checkRoom(live, draft, memberId)
  const member = enter(draft, { memberId, instanceId, joins, speaksClassic: false })
  checkEpoch(member, memberEpoch, owned)

  const says = metadataIn(request, context, member.metadata)
  const subscriptionChanged = subscribe(live, draft, member, says, nowMs)
  assignIfDue(live, draft, nowMs)
  const next = advance(live, draft, memberId, { owned, subscriptionChanged })

  const saysAll =
    request.rebalanceTimeoutMs !== -1 &&
    (request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null) &&
    owned !== null
  const isTold = joins || saysAll || !sameOwned(member.assigned, next.assigned)
  return {
    records: draft.records,
    reply: {
      ...noAnswer,
      memberId,
      memberEpoch: next.memberEpoch,
      heartbeatIntervalMs: live.config.consumer.heartbeatIntervalMs(groupId),
      assignment: isTold ? { topicPartitions: listed(next.assigned) } : null,
    },
    change: () => {
      converted()
      live.consumers.of(groupId).checkedVersion = live.topics.version
      if (member.metadata.classicMemberMetadata !== null) live.consumers.forgetMember(groupId, memberId)
      live.consumers.touch(groupId, next)
      if (!sameCurrent(member, next)) live.consumers.watchRevocation(groupId, next)
    },
  }
}

const noAnswer = { throttleTimeMs: 0, errorCode: 0, errorMessage: null }

/** The group as it is, or as it becomes one: of nothing, of an empty classic group, of a classic group with members. */
function open(
  live: LiveGroups,
  state: GroupState,
  groupId: string,
  joins: boolean,
): { draft: Draft; converted: () => void } {
  const nothing = () => {}
  const draft = new Draft(groupId, state.consumers.get(groupId))
  if (state.consumers.has(groupId)) return { draft, converted: nothing }
  const classic = live.find(groupId)
  if (!joins) {
    const what =
      classic === undefined ? `Consumer group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`
    throw new KafkaError('GROUP_ID_NOT_FOUND', what)
  }
  if (classic === undefined) return { draft, converted: nothing }
  if (classic.state !== 'Empty') return { draft, converted: toConsumerGroup(live, draft, classic) }
  // Its offsets stay.
  if (state.metadata.has(groupId)) draft.write({ type: 'GroupMetadata', groupId, value: null })
  return { draft, converted: () => live.drop(classic) }
}

/** What is not said stays as it was. */
function metadataIn(request: ConsumerHeartbeatRequest, context: GroupContext, before: MemberMetadata): MemberMetadata {
  const { subscribedTopicNames: names, subscribedTopicRegex: regex, rebalanceTimeoutMs } = request
  return {
    instanceId: request.instanceId ?? before.instanceId,
    rackId: request.rackId ?? before.rackId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    subscribedTopicNames: names === null ? before.subscribedTopicNames : [...new Set(names)].sort(),
    subscribedTopicRegex: regex ?? before.subscribedTopicRegex,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? before.serverAssignor,
    classicMemberMetadata: null,
  }
}
