/** The answers to JoinGroup and SyncGroup that several commands give. */
import { type ErrorName, errorCode } from '../../protocol/errors.ts'
import {
  type ClassicGroup,
  type JoinGroupResponse,
  type Member,
  metadataOf,
  NO_ASSIGNMENT,
  type SyncGroupResponse,
} from './classic_group.ts'

export const NO_MEMBER_ID = ''

/** The leader alone is told who the members are. `skipAssignment`: it need not assign anew (KIP-814). */
export function joined(group: ClassicGroup, member: Member, skipAssignment = false): JoinGroupResponse {
  const { protocolName } = group
  const isLeader = group.leaderId === member.memberId
  return {
    throttleTimeMs: 0,
    errorCode: errorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName,
    leader: group.leaderId ?? '',
    skipAssignment,
    memberId: member.memberId,
    members: !isLeader
      ? []
      : [...group.members.values()].map((m) => ({
          memberId: m.memberId,
          groupInstanceId: m.groupInstanceId,
          metadata: metadataOf(m, protocolName),
        })),
  }
}

export const joinRefused = (error: ErrorName, memberId: string): JoinGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: errorCode[error],
  generationId: -1,
  protocolType: null,
  protocolName: null,
  leader: '',
  skipAssignment: false,
  memberId,
  members: [],
})

export const synced = (group: ClassicGroup, member: Member): SyncGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: errorCode.NONE,
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  assignment: member.assignment,
})

export const syncRefused = (error: ErrorName): SyncGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: errorCode[error],
  protocolType: null,
  protocolName: null,
  assignment: NO_ASSIGNMENT,
})

/** Answers the member's parked JoinGroup, if there is one. */
export function answerJoin(member: Member, response: JoinGroupResponse): void {
  member.joining?.answer(response)
  member.joining = undefined
}

/** Answers the member's parked SyncGroup, if there is one. */
export function answerSync(member: Member, response: SyncGroupResponse): void {
  member.syncing?.answer(response)
  member.syncing = undefined
}
