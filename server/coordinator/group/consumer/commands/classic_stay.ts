/**
 * SyncGroup and Heartbeat to a consumer group, from a member that speaks the classic protocol: what it owns by now, and whether it
 * has to join again, because the group has gone on, it must give something up, or what it waits for is free.
 */
import { type ErrorName, errorCode, KafkaError } from '../../../../protocol/errors.ts'
import type { Decision } from '../../../../state/runtime.ts'
import type { SyncGroupResponse } from '../../classic_group.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../commands/heartbeat.ts'
import type { SyncGroupRequest } from '../../commands/sync_group.ts'
import type { LiveGroups } from '../../live_groups.ts'
import type { GroupRecord } from '../../records.ts'
import type { ConsumerGroup } from '../consumer_group.ts'
import { PROTOCOL_TYPE, writeAssignment } from '../consumer_protocol.ts'
import { protocolsOf } from '../downgrade.ts'
import { findMember, unknown } from '../enter.ts'
import { type ConsumerMember, isClassic } from '../member.ts'

/** Throws the KafkaError to refuse it with. */
export function syncConsumerGroup(
  live: LiveGroups,
  request: SyncGroupRequest,
  group: ConsumerGroup,
): Decision<GroupRecord, SyncGroupResponse> {
  const { groupId } = group
  const member = classicMember(group, request)
  const [{ name, metadata }] = protocolsOf(member) as [{ name: string; metadata: Buffer }]
  const differs = (theirs: string | null, ours: string) => theirs !== null && theirs !== ours
  if (differs(request.protocolType, PROTOCOL_TYPE) || differs(request.protocolName, name)) {
    throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL')
  }
  // Who has something to give up has joined already, and goes on from there.
  if (group.epoch > member.memberEpoch && member.state !== 'UNREVOKED_PARTITIONS') {
    return { reply: refused('REBALANCE_IN_PROGRESS'), change: () => awaitJoin(live, groupId, member) }
  }
  return {
    reply: {
      throttleTimeMs: 0,
      errorCode: errorCode.NONE,
      protocolType: request.protocolType,
      protocolName: request.protocolName,
      assignment: writeAssignment(member.assigned, metadata, live.topics),
    },
    change: () => {
      live.consumers.timersOf(groupId, member.memberId).sync.cancel()
      live.consumers.touch(groupId, member)
    },
  }
}

/** Throws the KafkaError to refuse it with. */
export function heartbeatConsumerGroup(
  live: LiveGroups,
  request: HeartbeatRequest,
  group: ConsumerGroup,
): Decision<GroupRecord, HeartbeatResponse> {
  const member = classicMember(group, request)
  const mustJoin =
    member.memberEpoch < group.epoch ||
    member.state === 'UNREVOKED_PARTITIONS' ||
    (member.state === 'UNRELEASED_PARTITIONS' && !group.isWaiting(member))
  return {
    reply: { throttleTimeMs: 0, errorCode: mustJoin ? errorCode.REBALANCE_IN_PROGRESS : errorCode.NONE },
    change: () => {
      live.consumers.touch(group.groupId, member)
      if (mustJoin) awaitJoin(live, group.groupId, member)
    },
  }
}

/** It has the rebalance timeout from when it was first told. */
function awaitJoin(live: LiveGroups, groupId: string, member: ConsumerMember): void {
  const { join } = live.consumers.timersOf(groupId, member.memberId)
  if (!join.running) join.set(member.metadata.rebalanceTimeoutMs)
}

function classicMember(
  group: ConsumerGroup,
  request: { memberId: string; groupInstanceId: string | null; generationId: number },
): ConsumerMember {
  const member = findMember(group, request.memberId, request.groupInstanceId)
  if (member === undefined || !isClassic(member)) throw unknown(group.groupId, request.memberId)
  if (request.generationId !== member.memberEpoch) throw new KafkaError('ILLEGAL_GENERATION')
  return member
}

const refused = (error: ErrorName): SyncGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: errorCode[error],
  protocolType: null,
  protocolName: null,
  assignment: Buffer.alloc(0),
})
