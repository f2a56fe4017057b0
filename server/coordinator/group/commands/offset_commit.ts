/**
 * OffsetCommit: what a member of the current generation, or someone outside of any group, has read. Topics come with their
 * name, resolved by the handler where the request has ids only (version 10); the id is stored beside the offset if it is known.
 */
import { type ErrorName, errorCode, KafkaError } from '../../../protocol/errors.ts'
import type { OffsetCommit } from '../../../protocol/messages/08_offset_commit.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { NO_MEMBER_ID } from '../answers.ts'
import { checkMember } from '../check_member.ts'
import type { ClassicGroup } from '../classic_group.ts'
import { checkCommit } from '../consumer/offset_epochs.ts'
import type { GroupContext } from '../context.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import type { CommittedOffset, GroupRecord } from '../records.ts'

export type OffsetCommitRequest = Infer<typeof OffsetCommit.request>
export type OffsetCommitResponse = Infer<typeof OffsetCommit.response>
type RequestedPartition = OffsetCommitRequest['topics'][number]['partitions'][number]

/** From here on a client is told that the group does not exist. */
const GROUP_ID_NOT_FOUND_VERSION = 9

/** Throws a KafkaError if it refuses the whole request: `refuseOffsetCommit` makes the answer. */
export const offsetCommit =
  (live: LiveGroups, context: GroupContext, request: OffsetCommitRequest): GroupCommand<OffsetCommitResponse> =>
  (state, nowMs) => {
    const { groupId, memberId } = request
    const consumers = state.consumers.get(groupId)
    const group = live.find(groupId)
    if (consumers !== undefined) {
      const epoch = request.generationIdOrMemberEpoch
      checkCommit(consumers, context.version, { memberId, epoch, topics: request.topics })
    } else {
      const error = check(group, context, request)
      if (error !== undefined) throw new KafkaError(error)
    }

    const records: GroupRecord[] = []
    const topics = request.topics.map(({ topicId, name, partitions }) => ({
      topicId,
      name,
      partitions: partitions.map((p) => {
        const { partitionIndex } = p
        if ((p.committedMetadata ?? '').length > live.config.offsetMetadataMaxBytes) {
          return { partitionIndex, errorCode: errorCode.OFFSET_METADATA_TOO_LARGE }
        }
        const value = toStore(p, topicId, request.retentionTimeMs, nowMs)
        records.push({ type: 'OffsetCommit', groupId, topic: name, partition: partitionIndex, value })
        return { partitionIndex, errorCode: errorCode.NONE }
      }),
    }))
    const member = group?.members.get(memberId)
    return {
      records,
      reply: { throttleTimeMs: 0, topics },
      change: () => member?.session.set(member.sessionTimeoutMs),
    }
  }

export const refuseOffsetCommit = (request: OffsetCommitRequest, error: ErrorName): OffsetCommitResponse => ({
  throttleTimeMs: 0,
  topics: request.topics.map(({ topicId, name, partitions }) => ({
    topicId,
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: errorCode[error] })),
  })),
})

function check(
  group: ClassicGroup | undefined,
  context: GroupContext,
  request: OffsetCommitRequest,
): ErrorName | undefined {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
  if (group === undefined) {
    // Without a generation it comes from a client that only stores offsets, or from an administrator.
    if (generationId < 0) return undefined
    return context.version >= GROUP_ID_NOT_FOUND_VERSION ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION'
  }
  if (generationId < 0 && group.state === 'Empty') return undefined
  if (generationId < 0 && memberId === NO_MEMBER_ID && groupInstanceId === null) return 'UNKNOWN_MEMBER_ID'
  const error = checkMember(group, memberId, groupInstanceId)
  if (error !== undefined) return error
  if (generationId !== group.generationId) return 'ILLEGAL_GENERATION'
  // It has had its answer to JoinGroup, so it knows: what it read before belongs to an assignment that is over.
  return group.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined
}

const toStore = (p: RequestedPartition, topicId: string, retentionTimeMs: number, nowMs: number): CommittedOffset => ({
  offset: p.committedOffset,
  leaderEpoch: p.committedLeaderEpoch,
  metadata: p.committedMetadata ?? '',
  commitTimestamp: p.commitTimestamp === -1 ? nowMs : p.commitTimestamp,
  topicId,
  expireTimestamp: retentionTimeMs === -1 ? -1 : nowMs + retentionTimeMs,
})
