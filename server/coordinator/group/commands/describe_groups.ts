/**
 * DescribeGroups: members with what they said about themselves and what they were assigned, which is certain only while the group
 * is stable. A group that does not exist, or is no classic group, is `Dead`, and from version 6 on an error (KIP-1043).
 * What the asking principal may do is the handler's to add.
 */
import { errorCode, KafkaError } from '../../../protocol/errors.ts'
import type { DescribeGroups } from '../../../protocol/messages/15_describe_groups.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { type ClassicGroup, metadataOf } from '../classic_group.ts'
import type { GroupContext } from '../context.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'

export type DescribedGroup = Infer<typeof DescribeGroups.response>['groups'][number]

/** "Not asked for." */
const NO_AUTHORIZED_OPERATIONS = -2147483648
const GROUP_ID_NOT_FOUND_VERSION = 6
const NOTHING = Buffer.alloc(0)

export const describeGroup =
  (live: LiveGroups, context: GroupContext, groupId: string): GroupCommand<DescribedGroup> =>
  (state) => {
    const group = live.find(groupId)
    if (group !== undefined) return { reply: describe(group) }
    const why = state.consumers.has(groupId)
      ? `Group ${groupId} is not a classic group.`
      : `Group ${groupId} not found.`
    return { reply: absent(groupId, context.version, why) }
  }

const describe = (group: ClassicGroup): DescribedGroup => ({
  errorCode: errorCode.NONE,
  errorMessage: null,
  groupId: group.groupId,
  groupState: group.state,
  protocolType: group.protocolType ?? '',
  protocolData: group.state === 'Stable' ? (group.protocolName ?? '') : '',
  members: [...group.members.values()].map((m) => ({
    memberId: m.memberId,
    groupInstanceId: m.groupInstanceId,
    clientId: m.clientId,
    clientHost: m.clientHost,
    memberMetadata: group.state === 'Stable' ? metadataOf(m, group.protocolName) : NOTHING,
    memberAssignment: m.assignment,
  })),
  authorizedOperations: NO_AUTHORIZED_OPERATIONS,
})

const absent = (groupId: string, version: number, why: string): DescribedGroup => ({
  ...(version >= GROUP_ID_NOT_FOUND_VERSION
    ? {
        errorCode: errorCode.GROUP_ID_NOT_FOUND,
        errorMessage: new KafkaError('GROUP_ID_NOT_FOUND', why).message,
      }
    : { errorCode: errorCode.NONE, errorMessage: null }),
  groupId,
  groupState: 'Dead',
  protocolType: '',
  protocolData: '',
  members: [],
  authorizedOperations: NO_AUTHORIZED_OPERATIONS,
})
