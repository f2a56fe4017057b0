/**
 * A consumer group whose members all speak the classic protocol becomes a classic group: its epoch is the generation, targets are
 * the assignments. It rebalances at once, unless a static member has only been replaced.
 */

import { tryCompleteJoin } from '../commands/complete_join.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance } from '../rebalance.ts'
import type { GroupMetadata, GroupRecord } from '../records.ts'
import type { ConsumerGroup } from './consumer_group.ts'
import { PROTOCOL_TYPE, writeAssignment } from './consumer_protocol.ts'
import { Draft } from './draft.ts'
import { type ConsumerMember, isClassic } from './member.ts'
import { targetOf } from './reconcile.ts'

/** `after`: the group with those who stay. */
export function mayDowngrade(live: LiveGroups, after: ConsumerGroup): boolean {
  if (after.members.size === 0 || ![...after.members.values()].every(isClassic)) return false
  const policy = live.config.consumer.migrationPolicy
  return (policy === 'downgrade' || policy === 'bidirectional') && after.members.size <= live.config.maxSize
}

/** `before`: the stored group, which goes. */
export function toClassicGroup(
  live: LiveGroups,
  before: ConsumerGroup,
  after: ConsumerGroup,
  nowMs: number,
  rebalances = true,
): { records: GroupRecord[]; change: () => void; next: GroupCommand<any>[] } {
  const { groupId } = before
  const draft = new Draft(groupId, before)
  draft.removeGroup()
  const value = classicMetadata(live, after, nowMs)
  return {
    records: [...draft.records, { type: 'GroupMetadata', groupId, value }],
    change: () => {
      live.consumers.forget(groupId)
      const group = live.find(groupId)!
      for (const member of group.members.values()) {
        member.protocols = protocolsOf(after.members.get(member.memberId)!)
        member.session.set(member.sessionTimeoutMs)
      }
      live.log(`Group ${groupId} is a classic group now, in generation ${value.generation}`)
      if (rebalances) prepareRebalance(live, group, 'the last member of the consumer protocol has left', nowMs)
    },
    next: rebalances ? [tryCompleteJoin(live, groupId)] : [],
  }
}

function classicMetadata(live: LiveGroups, group: ConsumerGroup, nowMs: number): GroupMetadata {
  const members = [...group.members.values()]
  const protocol = commonProtocol(members)
  return {
    protocolType: PROTOCOL_TYPE,
    generation: group.epoch,
    protocol,
    leader: members[0]!.memberId,
    currentStateTimestamp: nowMs,
    members: members.map((member) => {
      const { memberId, metadata } = member
      const subscription = protocolsOf(member).find((p) => p.name === protocol)!.metadata
      return {
        memberId,
        groupInstanceId: metadata.instanceId,
        clientId: metadata.clientId,
        clientHost: metadata.clientHost,
        rebalanceTimeout: metadata.rebalanceTimeoutMs,
        sessionTimeout: metadata.classicMemberMetadata!.sessionTimeoutMs,
        subscription,
        assignment: writeAssignment(targetOf(group.targets, memberId), subscription, live.topics),
      }
    }),
  }
}

/** Whoever joined had one in common with the others, so there is one. The oldest member's first choice counts. */
function commonProtocol(members: readonly ConsumerMember[]): string {
  const common = protocolsOf(members[0]!).find(({ name }) =>
    members.every((m) => protocolsOf(m).some((p) => p.name === name)),
  )
  if (common === undefined) throw new Error('classic members of a consumer group have no protocol in common')
  return common.name
}

export const protocolsOf = (member: ConsumerMember) => member.metadata.classicMemberMetadata!.supportedProtocols
