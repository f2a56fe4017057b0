/**
 * SyncGroup: the leader brings the assignment, which is stored before anyone is told of it; the others wait for theirs.
 * The stored metadata is what a group comes back with after a crash.
 */
import { ownCopy } from '../../../lib/own_copy.ts'
import { type ErrorName, KafkaError } from '../../../protocol/errors.ts'
import type { SyncGroup } from '../../../protocol/messages/14_sync_group.ts'
import type { Infer } from '../../../protocol/schema.ts'
import type { Decision } from '../../../state/runtime.ts'
import { answerSync, synced, syncRefused } from '../answers.ts'
import { checkMember } from '../check_member.ts'
import { type ClassicGroup, type Member, NO_ASSIGNMENT, type SyncGroupResponse } from '../classic_group.ts'
import { syncConsumerGroup } from '../consumer/commands/classic_stay.ts'
import type { GroupContext } from '../context.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance } from '../rebalance.ts'
import type { GroupRecord } from '../records.ts'
import { assignedGroup } from '../stored.ts'
import { tryCompleteJoin } from './complete_join.ts'

export type SyncGroupRequest = Infer<typeof SyncGroup.request>
/** The first version that says which protocol the assignment is made by. */
const PROTOCOL_VERSION = 5

type Answer = Decision<GroupRecord, SyncGroupResponse>

export const syncGroup =
  (live: LiveGroups, context: GroupContext, request: SyncGroupRequest): GroupCommand<SyncGroupResponse> =>
  (state, nowMs) => {
    const { groupId, memberId } = request
    // The two may be null on the wire, but from version 5 on not in fact (KIP-559).
    if (context.version >= PROTOCOL_VERSION && (request.protocolType === null || request.protocolName === null)) {
      return refused('INCONSISTENT_GROUP_PROTOCOL')
    }
    if (groupId === '') return refused('INVALID_GROUP_ID')
    const consumers = state.consumers.get(groupId)
    if (consumers !== undefined) {
      try {
        return syncConsumerGroup(live, request, consumers)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        return refused(error.error)
      }
    }
    const group = live.find(groupId)
    if (group === undefined) return refused('UNKNOWN_MEMBER_ID')
    const error = check(group, request)
    if (error !== undefined) return refused(error)
    const member = group.members.get(memberId)!
    switch (group.state) {
      case 'Empty':
        return refused('UNKNOWN_MEMBER_ID')
      case 'PreparingRebalance':
        return refused('REBALANCE_IN_PROGRESS')
      case 'Stable':
        return { reply: synced(group, member), change: () => hasSynced(group, member) }
      case 'CompletingRebalance':
        return group.leaderId === memberId ? assign(live, group, request, nowMs) : wait(live, group, member)
    }
  }

const refused = (error: ErrorName): Answer => ({ reply: syncRefused(error) })

function check(group: ClassicGroup, request: SyncGroupRequest): ErrorName | undefined {
  const error = checkMember(group, request.memberId, request.groupInstanceId)
  if (error !== undefined) return error
  if (request.generationId !== group.generationId) return 'ILLEGAL_GENERATION'
  const differs = (theirs: string | null, ours: string | null) => theirs !== null && ours !== null && theirs !== ours
  if (differs(request.protocolType, group.protocolType)) return 'INCONSISTENT_GROUP_PROTOCOL'
  if (differs(request.protocolName, group.protocolName)) return 'INCONSISTENT_GROUP_PROTOCOL'
  return undefined
}

function wait(live: LiveGroups, group: ClassicGroup, member: Member): Answer {
  const answer = live.later<SyncGroupResponse>()
  return {
    reply: answer,
    change: () => {
      // Its earlier request, if one waits, comes from a connection that it has given up.
      answerSync(member, syncRefused('REBALANCE_IN_PROGRESS'))
      member.syncing = answer
      hasSynced(group, member)
    },
  }
}

function assign(live: LiveGroups, group: ClassicGroup, request: SyncGroupRequest, nowMs: number): Answer {
  // Copies: they outlive the frame that the bytes are a view of.
  const assignments = new Map(request.assignments.map((a) => [a.memberId, ownCopy(a.assignment)]))
  const leader = group.members.get(request.memberId)!
  const answer = live.later<SyncGroupResponse>()
  return {
    records: [assignedGroup(group, assignments, nowMs)],
    reply: answer,
    change: () => {
      answerSync(leader, syncRefused('REBALANCE_IN_PROGRESS'))
      leader.syncing = answer
      hasSynced(group, leader)
      group.transitionTo('Stable', nowMs)
      for (const member of group.members.values()) {
        member.assignment = assignments.get(member.memberId) ?? NO_ASSIGNMENT
        if (member.syncing === undefined) continue
        answerSync(member, synced(group, member))
        member.session.set(member.sessionTimeoutMs)
      }
    },
  }
}

function hasSynced(group: ClassicGroup, member: Member): void {
  group.pendingSync.delete(member.memberId)
  if (group.pendingSync.size === 0) group.syncTimer.cancel()
}

/** The assignment could not be stored: those who wait for it are told, and the group rebalances. */
export const abandonSync =
  (live: LiveGroups, request: SyncGroupRequest, error: ErrorName): GroupCommand<void> =>
  (_, nowMs) => {
    const { groupId, generationId, memberId } = request
    const group = live.find(groupId)
    if (group?.state !== 'CompletingRebalance' || group.generationId !== generationId || group.leaderId !== memberId) {
      return { reply: undefined }
    }
    return {
      reply: undefined,
      change: () => {
        for (const member of group.members.values()) answerSync(member, syncRefused(error))
        prepareRebalance(live, group, `the assignment could not be stored: ${error}`, nowMs)
      },
      next: [tryCompleteJoin(live, groupId)],
    }
  }
