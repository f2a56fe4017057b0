/** Records that say how a group is now, or will be once they have been applied. */
import { type ClassicGroup, metadataOf, NO_ASSIGNMENT } from './classic_group.ts'
import type { GroupRecord } from './records.ts'

/** A group that nobody has joined yet: it is stored so that a restart does not forget it. */
export const newGroup = (groupId: string, nowMs: number): GroupRecord => ({
  type: 'GroupMetadata',
  groupId,
  value: {
    protocolType: '',
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestamp: nowMs,
    members: [],
  },
})

/** The group after its last member has gone. */
export const emptyGroup = (group: ClassicGroup, nowMs: number): GroupRecord => ({
  type: 'GroupMetadata',
  groupId: group.groupId,
  value: {
    protocolType: group.protocolType ?? '',
    generation: group.generationId + 1,
    protocol: null,
    leader: null,
    currentStateTimestamp: nowMs,
    members: [],
  },
})

/** The group with these assignments, by member id; who has none gets an empty one. */
export const assignedGroup = (
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Buffer>,
  stateTimestampMs: number,
): GroupRecord => ({
  type: 'GroupMetadata',
  groupId: group.groupId,
  value: {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: stateTimestampMs,
    members: [...group.members.values()].map((m) => ({
      memberId: m.memberId,
      groupInstanceId: m.groupInstanceId,
      clientId: m.clientId,
      clientHost: m.clientHost,
      rebalanceTimeout: m.rebalanceTimeoutMs,
      sessionTimeout: m.sessionTimeoutMs,
      subscription: metadataOf(m, group.protocolName),
      assignment: assignments.get(m.memberId) ?? NO_ASSIGNMENT,
    })),
  },
})
