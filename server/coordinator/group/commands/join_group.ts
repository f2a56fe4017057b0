/**
 * JoinGroup: a member comes, comes back, or comes with other wishes. The answer is given at once or when the rebalance that
 * it begins or takes part in has gathered all members (`complete_join.ts`).
 *
 * A new dynamic member is given its id first from version 4 on (KIP-394). A static one (KIP-345) is known by
 * `group.instance.id` and takes the place it had; whoever holds the place is fenced.
 */

import { ownCopy } from '../../../lib/own_copy.ts'
import { type ErrorName, KafkaError } from '../../../protocol/errors.ts'
import type { JoinGroup } from '../../../protocol/messages/11_join_group.ts'
import type { Infer } from '../../../protocol/schema.ts'
import type { Decision } from '../../../state/runtime.ts'
import { answerJoin, answerSync, joined, joinRefused, NO_MEMBER_ID, syncRefused } from '../answers.ts'
import { checkMember } from '../check_member.ts'
import {
  type ClassicGroup,
  type JoinGroupResponse,
  type Member,
  NO_ASSIGNMENT,
  sameProtocols,
} from '../classic_group.ts'
import { joinConsumerGroup } from '../consumer/commands/classic_join.ts'
import { Draft } from '../consumer/draft.ts'
import type { GroupContext } from '../context.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance } from '../rebalance.ts'
import type { GroupRecord } from '../records.ts'
import { assignedGroup, newGroup } from '../stored.ts'
import { tryCompleteJoin } from './complete_join.ts'

export type JoinGroupRequest = Infer<typeof JoinGroup.request>
type Answer = Decision<GroupRecord, JoinGroupResponse>

/** The first versions in which an id must be known before joining, and in which a leader may be told to leave the assignment. */
export const MEMBER_ID_REQUIRED_VERSION = 4
const SKIP_ASSIGNMENT_VERSION = 9
/** A new member whose client has gone away cannot be told from a patient one; a client that is alive asks again. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60_000

interface Join {
  readonly live: LiveGroups
  readonly context: GroupContext
  readonly request: JoinGroupRequest
  readonly group: ClassicGroup
  readonly nowMs: number
}

export const joinGroup =
  (live: LiveGroups, context: GroupContext, request: JoinGroupRequest): GroupCommand<JoinGroupResponse> =>
  (state, nowMs) => {
    const { groupId, memberId } = request
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = live.config
    const isUnknown = memberId === NO_MEMBER_ID
    if (groupId === '') return refused('INVALID_GROUP_ID', memberId)
    if (request.sessionTimeoutMs < minSessionTimeoutMs || request.sessionTimeoutMs > maxSessionTimeoutMs) {
      return refused('INVALID_SESSION_TIMEOUT', memberId)
    }
    const consumers = state.consumers.get(groupId)
    if (consumers !== undefined && consumers.members.size > 0) {
      try {
        return joinConsumerGroup(live, context, request, consumers, nowMs)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        return refused(error.error, NO_MEMBER_ID)
      }
    }
    const found = live.find(groupId)
    if (found === undefined && !isUnknown) return refused('UNKNOWN_MEMBER_ID', memberId)
    const group = found ?? live.create(groupId)
    if (!hasRoom(group, memberId, live.config.maxSize)) {
      const change = () => group.remove(memberId)
      return { ...refused('GROUP_MAX_SIZE_REACHED', NO_MEMBER_ID), change, next: [tryCompleteJoin(live, groupId)] }
    }
    if (!group.supports(request.protocolType, request.protocols)) {
      return refused('INCONSISTENT_GROUP_PROTOCOL', memberId)
    }
    const join: Join = { live, context, request, group, nowMs }
    const answer = isUnknown ? joinUnknown(join) : joinKnown(join)
    if (found !== undefined) return answer
    // A consumer group that nobody is in any more becomes a classic one.
    const draft = new Draft(groupId, consumers)
    if (consumers !== undefined) draft.removeGroup()
    return {
      ...answer,
      records: [...draft.records, newGroup(groupId, nowMs)],
      change: () => {
        live.consumers.forget(groupId)
        group.stateTimestampMs = nowMs
        live.keep(group)
        answer.change?.()
      },
    }
  }

const refused = (error: ErrorName, memberId: string): Answer => ({ reply: joinRefused(error, memberId) })

/** May it come in, by group.max.size? In a rebalance those who came first stay. */
function hasRoom(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  const member = group.members.get(memberId)
  switch (group.state) {
    case 'Empty':
      return true
    case 'PreparingRebalance':
      return member?.joining !== undefined || group.numJoining < maxSize
    default:
      return member !== undefined || group.members.size < maxSize
  }
}

function joinUnknown(join: Join): Answer {
  const { live, context, request, group } = join
  const { groupInstanceId } = request
  const memberId = live.newMemberId(groupInstanceId ?? context.clientId)
  if (groupInstanceId !== null) {
    const holder = group.staticMemberId(groupInstanceId)
    return holder === undefined ? addMember(join, memberId) : replaceStaticMember(join, holder, memberId)
  }
  if (context.version < MEMBER_ID_REQUIRED_VERSION) return addMember(join, memberId)
  return {
    reply: joinRefused('MEMBER_ID_REQUIRED', memberId),
    change: () => {
      const wait = live.session(group.groupId, memberId)
      group.pendingJoin.set(memberId, wait)
      wait.set(request.sessionTimeoutMs)
    },
  }
}

function joinKnown(join: Join): Answer {
  const { request, group } = join
  const { memberId, groupInstanceId } = request
  if (group.pendingJoin.has(memberId)) {
    // An id that was asked for without a group.instance.id.
    return groupInstanceId === null ? addMember(join, memberId) : refused('UNKNOWN_MEMBER_ID', memberId)
  }
  const error = checkMember(group, memberId, groupInstanceId)
  if (error !== undefined) return refused(error, memberId)
  const member = group.members.get(memberId)!
  switch (group.state) {
    case 'PreparingRebalance':
      return updateMember(join, member, 'it joins the rebalance')
    case 'CompletingRebalance':
      // It may have missed the answer.
      if (sameProtocols(member.protocols, request.protocols)) return { reply: joined(group, member) }
      return updateMember(join, member, 'its protocols have changed')
    case 'Stable':
      // The leader may know of changes that its own metadata does not show, such as new partitions.
      if (group.leaderId === memberId) return updateMember(join, member, 'the leader joins again')
      if (sameProtocols(member.protocols, request.protocols)) return { reply: joined(group, member) }
      return updateMember(join, member, 'its protocols have changed')
    case 'Empty':
      return refused('UNKNOWN_MEMBER_ID', memberId)
  }
}

function addMember(join: Join, memberId: string): Answer {
  const { live, context, request, group } = join
  const member = live.member(group.groupId, {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutOf(request),
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols: ownProtocols(request),
    assignment: NO_ASSIGNMENT,
  })
  return parked(join, member, 'a new member', () => {
    if (group.isInitialRebalance) group.initialWait.newMemberAdded = true
    group.add(member, request.protocolType)
    member.isNew = true
    member.session.set(NEW_MEMBER_JOIN_TIMEOUT_MS)
  })
}

const updateMember = (join: Join, member: Member, why: string): Answer =>
  parked(join, member, why, () => update(member, join.request))

/** The member waits; a rebalance begins, or the one that goes on may now be complete. */
function parked(join: Join, member: Member, why: string, enter: () => void): Answer {
  const { live, request, group, nowMs } = join
  const answer = live.later<JoinGroupResponse>()
  return {
    reply: answer,
    change: () => {
      enter()
      // Its earlier request, if one waits, comes from a connection that it has given up.
      answerJoin(member, joinRefused('REBALANCE_IN_PROGRESS', member.memberId))
      member.joining = answer
      prepareRebalance(live, group, `${member.memberId}: ${why}; client: ${request.reason || 'not provided'}`, nowMs)
    },
    next: [tryCompleteJoin(live, group.groupId)],
  }
}

function replaceStaticMember(join: Join, holderId: string, memberId: string): Answer {
  const { live, context, request, group } = join
  const holder = group.members.get(holderId)!
  const member = live.member(group.groupId, {
    memberId,
    groupInstanceId: holder.groupInstanceId,
    clientId: holder.clientId,
    clientHost: holder.clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutOf(request),
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols: ownProtocols(request),
    assignment: holder.assignment,
  })
  const takePlace = () => {
    answerJoin(holder, joinRefused('FENCED_INSTANCE_ID', holderId))
    answerSync(holder, syncRefused('FENCED_INSTANCE_ID'))
    group.replace(holder, member)
    member.session.set(member.sessionTimeoutMs)
  }
  const after = group.withReplaced(holder, member)
  if (group.state !== 'Stable' || after.selectProtocol() !== group.protocolName) {
    return parked(join, member, 'a static member has come back', takePlace)
  }
  // Nothing changes for the others, so they are left alone: the place has another id from now on, and that is stored.
  const asLeader = group.leaderId === holderId
  const mayBeLeader = asLeader && context.version >= SKIP_ASSIGNMENT_VERSION
  const answer = joined(after, member, mayBeLeader)
  return {
    records: [assignedGroup(after, assignmentsOf(after), group.stateTimestampMs ?? join.nowMs)],
    // Before KIP-814 a leader had to be kept from assigning by not being told that it leads.
    reply: asLeader && !mayBeLeader ? { ...answer, leader: holderId, members: [] } : answer,
    change: takePlace,
  }
}

const assignmentsOf = (group: ClassicGroup): Map<string, Buffer> =>
  new Map([...group.members].map(([id, m]) => [id, m.assignment]))

function update(member: Member, request: JoinGroupRequest): void {
  member.protocols = ownProtocols(request)
  member.rebalanceTimeoutMs = rebalanceTimeoutOf(request)
  member.sessionTimeoutMs = request.sessionTimeoutMs
}

/** Version 0 has none and means the session's. */
export const rebalanceTimeoutOf = (request: JoinGroupRequest): number =>
  request.rebalanceTimeoutMs === -1 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs

/** Copies: the members outlive the frame that the bytes are a view of. */
const ownProtocols = (request: JoinGroupRequest) =>
  request.protocols.map(({ name, metadata }) => ({ name, metadata: ownCopy(metadata) }))
